//! EM for hidden Markov models (Baum, Petrie, Soules and Weiss 1970), from several starts.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::{
    HiddenMarkov,
    chain::{Chain, Smoothed},
};
use crate::{
    error::{Error, Result},
    mixture::{Covariance, Effort, Ridge, estimate, kmeans, responsibilities_from_labels},
    train::{EmEnd, EmSettings, stream},
};

/// Sequences one after the other.
pub(super) struct Sequences {
    /// All rows, (n, D).
    pub rows: Array2<f64>,
    /// How many rows each sequence has.
    pub lengths: Vec<usize>,
}

impl Sequences {
    /// The rows of `of`, (n, K), sequence by sequence.
    fn split<'a>(&self, of: ArrayView2<'a, f64>) -> Vec<ArrayView2<'a, f64>> {
        let mut start = 0;
        let part = |&length: &usize| {
            start += length;
            of.slice_move(s![start - length..start, ..])
        };
        self.lengths.iter().map(part).collect()
    }
}

/// What a fit needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub states: usize,
    pub covariance: Covariance,
    pub restarts: usize,
    pub ridge: Ridge,
    pub em: EmSettings,
    pub seed: u64,
}

/// The model with the highest likelihood of all starts.
///
/// # Errors
/// The error of the last start, when a state collapsed in every one.
pub(super) fn best_of_restarts(sequences: &Sequences, settings: Settings) -> Result<HiddenMarkov> {
    let mut best: Option<(f64, HiddenMarkov)> = None;
    let mut failure = None;
    for number in 0..settings.restarts {
        let fitted = start(sequences, number as u64, settings)
            .and_then(|start| maximise(sequences, start, settings));
        match fitted {
            Ok((value, model)) => {
                let end = model.history.as_ref().map(|history| history.end);
                if best.as_ref().is_none_or(|(most, _)| value > *most) {
                    best = Some((value, model));
                }
                if end == Some(EmEnd::Interrupted) {
                    break;
                }
            }
            Err(error) => failure = Some(error),
        }
    }
    let nothing = || Error::setting("restarts", settings.restarts, "it must be at least 1");
    best.map(|(_, model)| model).ok_or_else(|| failure.unwrap_or_else(nothing))
}

/// Emissions and transitions from clusters of the rows. One transition of each kind is counted
/// besides those seen: Baum-Welch never leaves a probability of zero.
fn start(sequences: &Sequences, number: u64, settings: Settings) -> Result<HiddenMarkov> {
    let rng = &mut stream(settings.seed, number);
    let x = sequences.rows.view();
    let effort = if number.is_multiple_of(2) { Effort::Thorough } else { Effort::Hasty };
    let labels = kmeans(x, settings.states, effort, rng);
    let hard = responsibilities_from_labels(&labels, settings.states);
    let (normals, _) = estimate(x, hard.view(), settings.covariance, settings.ridge)?;
    let mut transitions = Array2::ones((settings.states, settings.states));
    for part in sequences.split(hard.view()) {
        let (before, after) = (part.slice(s![..-1, ..]), part.slice(s![1.., ..]));
        transitions += &before.t().dot(&after);
    }
    let sums = transitions.sum_axis(Axis(1)).insert_axis(Axis(1));
    let initial = Array1::from_elem(settings.states, 1.0 / settings.states as f64);
    let chain = Chain { initial, transitions: transitions / sums };
    Ok(HiddenMarkov { chain, normals, history: None })
}

/// Baum-Welch from a model. Returns the log-likelihood of the result in nats a row, too.
pub(super) fn maximise(
    sequences: &Sequences,
    mut model: HiddenMarkov,
    settings: Settings,
) -> Result<(f64, HiddenMarkov)> {
    let rows = sequences.rows.nrows() as f64;
    let history = settings.em.run(|| {
        let smoothed = e_step(sequences, &model)?;
        model = m_step(sequences, &smoothed, &model, settings)?;
        Ok(smoothed.iter().map(|part| part.log_likelihood).sum::<f64>() / rows)
    })?;
    model.history = Some(history);
    let smoothed = e_step(sequences, &model)?;
    let value = smoothed.iter().map(|part| part.log_likelihood).sum::<f64>() / rows;
    Ok((value, model))
}

/// Every sequence smoothed.
fn e_step(sequences: &Sequences, model: &HiddenMarkov) -> Result<Vec<Smoothed>> {
    let densities = model.normals.log_densities(sequences.rows.view())?;
    let parts = sequences.split(densities.view());
    Ok(parts.into_par_iter().map(|part| model.chain.smooth(part)).collect())
}

fn m_step(
    sequences: &Sequences,
    smoothed: &[Smoothed],
    model: &HiddenMarkov,
    settings: Settings,
) -> Result<HiddenMarkov> {
    let mut states = Array2::zeros((sequences.rows.nrows(), settings.states));
    let mut initial = Array1::zeros(settings.states);
    let mut transitions = Array2::zeros((settings.states, settings.states));
    let mut start = 0;
    for part in smoothed {
        let end = start + part.states.nrows();
        states.slice_mut(s![start..end, ..]).assign(&part.states);
        initial += &part.states.row(0);
        transitions += &part.transitions;
        start = end;
    }
    for (mut row, before) in transitions.rows_mut().into_iter().zip(model.chain.transitions.rows())
    {
        let sum = row.sum();
        // A state that is never left, as the last of every sequence, says nothing of what follows.
        if sum > 0.0 { row /= sum } else { row.assign(&before) }
    }
    let x = sequences.rows.view();
    let (normals, _) = estimate(x, states.view(), settings.covariance, settings.ridge)?;
    initial /= smoothed.len() as f64;
    Ok(HiddenMarkov { chain: Chain { initial, transitions }, normals, history: None })
}
