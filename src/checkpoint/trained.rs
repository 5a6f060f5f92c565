//! Networks on disk, with the state of their training, from which it goes on exactly.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Contents, Kind, Saved, TRAINING};
use crate::{
    error::Result,
    train::{
        Basis, Criterion, History, Moments, NamedTensor, SemiSupervised, Snapshot, StopReason,
        Terms, Trainable, Training, Unfinished,
    },
};

/// The metadata of a training. Its numbers with digits to lose are tensors.
#[derive(Serialize, Deserialize)]
struct State {
    basis: Basis,
    criterion: Criterion,
    best_epoch: Option<usize>,
    stopped: StopReason,
    steps: usize,
    seconds: f64,
    epochs: usize,
    unfinished_rows: usize,
    penalised_rows: usize,
    optimiser_steps: u64,
    has_best: bool,
    has_last: bool,
    /// Whether the accuracy on the validation rows was noted.
    #[serde(default)]
    has_accuracy: bool,
}

const TRAIN: &str = "training.history.train";
const VALIDATION: &str = "training.history.validation";
const ACCURACY: &str = "training.history.accuracy";
const UNFINISHED: &str = "training.unfinished";
const FIRST: &str = "training.first_moment";
const SECOND: &str = "training.second_moment";
const BEST: &str = "training.best";
const LAST: &str = "training.last";

/// Writes a network, its configuration and, if it was trained, the state of its training.
///
/// # Errors
/// [`crate::Error::File`] when the file cannot be written.
pub(crate) fn save_trained(
    path: &Path,
    kind: Kind,
    configuration: &impl Serialize,
    model: &dyn Trainable,
    training: Option<&Training>,
) -> Result<()> {
    let mut contents = Contents::new(kind, configuration)?;
    let parameters = model.tensors()?;
    for (name, shape, values) in &parameters {
        contents.tensor(name, shape, values.iter().copied());
    }
    if let Some(training) = training {
        write_training(&mut contents, &parameters, &model.moments()?, training)?;
    }
    contents.save(path)
}

fn write_training(
    contents: &mut Contents,
    parameters: &[NamedTensor],
    moments: &Moments,
    training: &Training,
) -> Result<()> {
    let Training { basis, history, unfinished, best, last } = training;
    // Often the best parameters are those of the model: they are written once.
    let now = parameters.iter().map(|(_, _, values)| values);
    let best = best.as_ref().filter(|best| !best.iter().eq(now));
    let state = State {
        basis: *basis,
        criterion: history.criterion,
        best_epoch: history.best_epoch,
        stopped: history.stopped,
        steps: history.steps,
        seconds: history.seconds,
        epochs: history.train.len(),
        unfinished_rows: unfinished.rows,
        penalised_rows: unfinished.penalised_rows,
        optimiser_steps: moments.steps,
        has_best: best.is_some(),
        has_last: last.is_some(),
        has_accuracy: history.validation.iter().any(|terms| terms.accuracy.is_some()),
    };
    contents.entry(TRAINING, &state)?;
    if state.has_accuracy {
        let values = history.validation.iter().map(|terms| terms.accuracy.unwrap_or(f64::NAN));
        contents.tensor(ACCURACY, &[history.validation.len()], values);
    }
    let columns = columns(history.criterion);
    for (name, terms) in [(TRAIN, &history.train), (VALIDATION, &history.validation)] {
        let values = terms.iter().flat_map(|terms| {
            let semi = terms.semi_supervised.map_or([f64::NAN; 3], SemiSupervised::parts);
            row(terms.reconstruction, terms.kl, terms.mega, semi).into_iter().take(columns)
        });
        contents.tensor(name, &[terms.len(), columns], values);
    }
    let Unfinished { reconstruction, kl, mega, semi_supervised, .. } = *unfinished;
    let sums = row(reconstruction, kl, Some(mega), semi_supervised.unwrap_or([f64::NAN; 3]));
    contents.tensor(UNFINISHED, &[columns], sums.into_iter().take(columns));
    let snapshots = [
        (FIRST, Some(&moments.first)),
        (SECOND, Some(&moments.second)),
        (BEST, best),
        (LAST, last.as_ref()),
    ];
    for (prefix, snapshot) in snapshots {
        for ((name, shape, _), values) in parameters.iter().zip(snapshot.into_iter().flatten()) {
            contents.tensor(format!("{prefix}.{name}"), shape, values.iter().copied());
        }
    }
    Ok(())
}

/// What is written of terms: the columns of the curves, of which most models have the first three.
fn row(reconstruction: f64, kl: f64, mega: Option<f64>, semi: [f64; 3]) -> [f64; 6] {
    let [labelled, unlabelled, classification] = semi;
    [reconstruction, kl, mega.unwrap_or(f64::NAN), labelled, unlabelled, classification]
}

fn columns(criterion: Criterion) -> usize {
    match criterion {
        Criterion::SemiSupervised => 6,
        _ => 3,
    }
}

/// Gives a network the parameters of a file. Returns the state of its training, if the file has it.
///
/// # Errors
/// [`crate::Error::File`] for a tensor that is missing or of another shape.
pub(crate) fn load_trained(saved: &Saved, model: &mut dyn Trainable) -> Result<Option<Training>> {
    let tensors = model.tensors()?;
    let parameters = snapshot(saved, &tensors, "")?;
    model.restore(&parameters)?;
    let Some(state) = saved.training::<State>()? else { return Ok(None) };
    let part = |name: &str| snapshot(saved, &tensors, &format!("{name}."));
    let steps = state.optimiser_steps;
    let moments = Moments { steps, first: part(FIRST)?, second: part(SECOND)? };
    model.set_moments(Some(&moments))?;
    let best = if state.has_best { part(BEST)? } else { parameters };
    let mut training = Training::new(state.basis, history(saved, &state)?);
    let sums = saved.values::<f64>(UNFINISHED, &[columns(state.criterion)])?;
    let [reconstruction, kl, mega, ref semi @ ..] = sums[..] else {
        return Err(saved.damaged("its unfinished epoch cannot be read"));
    };
    training.unfinished = Unfinished {
        rows: state.unfinished_rows,
        reconstruction,
        kl,
        penalised_rows: state.penalised_rows,
        mega,
        semi_supervised: semi.try_into().ok().filter(|_| state.unfinished_rows > 0),
    };
    training.best = state.best_epoch.map(|_| best);
    training.last = state.has_last.then(|| part(LAST)).transpose()?;
    check(saved, &training)?;
    Ok(Some(training))
}

fn history(saved: &Saved, state: &State) -> Result<History> {
    let validated = if state.best_epoch.is_some() { state.epochs } else { 0 };
    let mut history = History::new(state.criterion);
    history.train = terms(saved, TRAIN, state.epochs, state.criterion)?;
    history.validation = terms(saved, VALIDATION, validated, state.criterion)?;
    if state.has_accuracy {
        let values = saved.values::<f64>(ACCURACY, &[validated])?;
        for (terms, accuracy) in history.validation.iter_mut().zip(values) {
            terms.accuracy = Some(accuracy).filter(|accuracy| !accuracy.is_nan());
        }
    }
    history.best_epoch = state.best_epoch;
    history.stopped = state.stopped;
    history.steps = state.steps;
    history.seconds = state.seconds;
    Ok(history)
}

/// Values of all tensors whose names begin like this, in the order of the parameters.
fn snapshot(saved: &Saved, tensors: &[NamedTensor], prefix: &str) -> Result<Snapshot> {
    tensors.iter().map(|(name, shape, _)| saved.values(&format!("{prefix}{name}"), shape)).collect()
}

fn terms(saved: &Saved, name: &str, epochs: usize, criterion: Criterion) -> Result<Vec<Terms>> {
    let columns = columns(criterion);
    let values = saved.values::<f64>(name, &[epochs, columns])?;
    // Not a number where nothing was penalised.
    let terms = |row: &[f64]| Terms {
        mega: (!row[2].is_nan()).then_some(row[2]),
        semi_supervised: row[3..].try_into().ok().map(SemiSupervised::from_parts),
        ..Terms::new(row[0], row[1])
    };
    Ok(values.chunks_exact(columns).map(terms).collect())
}

/// # Errors
/// [`crate::Error::File`] for counts that no training comes to.
fn check(saved: &Saved, training: &Training) -> Result<()> {
    let history = &training.history;
    let best_is_an_epoch =
        history.best_epoch.is_none_or(|best| (1..=history.train.len()).contains(&best));
    if training.basis.is_possible(training.unfinished.rows) && best_is_an_epoch {
        return Ok(());
    }
    Err(saved.damaged("the counts of its training do not fit together"))
}
