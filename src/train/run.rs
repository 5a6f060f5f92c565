//! The training loop of all models.

use std::time::Instant;

use ndarray::ArrayView2;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    fit::{EpochReport, Fit, Then},
    history::{History, StopReason, Terms},
    interrupt::Interrupt,
    objective::Objective,
    progress::Progress,
    watch::Subject,
};
use crate::error::{Error, Result};

/// Copies of all parameters.
pub(crate) type Snapshot = Vec<Vec<f32>>;

/// A model that learns by steps on batches of rows.
pub(crate) trait Trainable {
    /// Called before the first step: the training will use the rows of `data` numbered `rows`.
    ///
    /// # Errors
    /// [`Error::Setting`] for an objective that the model does not know; unless a model says
    /// otherwise, it knows the bound only.
    fn begin(
        &mut self,
        _data: ArrayView2<f32>,
        _rows: &[usize],
        objective: &Objective,
    ) -> Result<()> {
        objective.require_elbo()
    }

    /// Called before every epoch: the weight of the divergence in its steps.
    fn set_beta(&mut self, _beta: f64) {}

    /// One step on the rows of `data` numbered `batch`; returns their mean terms. When these are
    /// not finite, the parameters stay as they are.
    fn step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms>;

    /// The mean terms of the rows of `data` numbered `rows`.
    fn validate(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms>;

    /// The parameters as they are.
    fn snapshot(&self) -> Result<Snapshot>;

    /// Returns to earlier parameters and forgets the optimiser's moments.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<()>;
}

/// After so many steps with a finite loss the parameters are kept to return to. A copy costs less
/// than a step.
const SNAPSHOT_EVERY: usize = 50;

/// The streams of random numbers of a training: apart, so that one does not shift another.
pub(crate) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

/// Trains the subject's model on the rows of `data`.
pub(crate) fn run(
    subject: &mut dyn Subject,
    data: ArrayView2<f32>,
    mut fit: Fit,
) -> Result<History> {
    fit.check(data.nrows())?;
    let mut order: Vec<usize> = (0..data.nrows()).collect();
    order.shuffle(&mut stream(fit.seed, 0));
    let validation = order.split_off(order.len() - fit.validation_rows(data.nrows()));
    subject.model().begin(data, &order, &fit.objective)?;
    let steps = fit.epochs * order.len().div_ceil(fit.batch);
    let mut training = Training {
        last_finite: subject.model().snapshot()?,
        subject,
        data,
        validation,
        shuffle: stream(fit.seed, 1),
        noise: stream(fit.seed, 2),
        interrupt: Interrupt::listen(),
        progress: Progress::new(steps),
        history: History::new(),
        started: Instant::now(),
    };
    training.progress.begin(&training.history);
    training.epochs(&mut order, &mut fit)?;
    let Training { subject, progress, mut history, started, .. } = training;
    history.seconds = started.elapsed().as_secs_f64();
    progress.end(&history, subject);
    Ok(history)
}

/// The epoch with the highest validation ELBO so far.
struct Best {
    elbo: f64,
    /// Kept only where the training may return to them.
    parameters: Option<Snapshot>,
}

struct Training<'a> {
    subject: &'a mut dyn Subject,
    data: ArrayView2<'a, f32>,
    validation: Vec<usize>,
    shuffle: ChaCha8Rng,
    noise: ChaCha8Rng,
    interrupt: Interrupt,
    progress: Progress,
    last_finite: Snapshot,
    history: History,
    started: Instant,
}

impl Training<'_> {
    fn epochs(&mut self, order: &mut [usize], fit: &mut Fit) -> Result<()> {
        let mut best: Option<Best> = None;
        for epoch in 1..=fit.epochs {
            order.shuffle(&mut self.shuffle);
            self.subject.model().set_beta(fit.objective.beta_in(epoch));
            let terms = self.epoch(epoch, order, fit)?;
            self.history.train.extend(terms);
            if self.interrupt.is_raised() {
                self.history.stopped = StopReason::Interrupted;
                break;
            }
            self.judge(epoch, fit, &mut best)?;
            if let Some(reason) = reason_to_stop(epoch, fit, &self.history) {
                self.history.stopped = reason;
                break;
            }
        }
        if let Some(Best { parameters: Some(parameters), .. }) = best {
            self.subject.model().restore(&parameters)?;
        }
        Ok(())
    }

    /// One pass over the rows. Returns nothing when it was interrupted before its first step.
    fn epoch(&mut self, epoch: usize, order: &[usize], fit: &Fit) -> Result<Option<Terms>> {
        let mut parts = Vec::new();
        for batch in order.chunks(fit.batch) {
            if self.interrupt.is_raised() {
                break;
            }
            let terms = self.step(epoch, batch, fit.learning_rate)?;
            self.history.seconds = self.started.elapsed().as_secs_f64();
            self.progress.step(&self.history, self.subject);
            parts.push((batch.len(), terms));
        }
        if parts.is_empty() {
            return Ok(None);
        }
        let terms = Terms::mean(&parts);
        self.progress.epoch(epoch, terms);
        Ok(Some(terms))
    }

    /// One step. When the loss leaves the numbers, returns to the last parameters that gave one.
    fn step(&mut self, epoch: usize, batch: &[usize], learning_rate: f64) -> Result<Terms> {
        let due = self.history.steps.is_multiple_of(SNAPSHOT_EVERY);
        let before = if due { Some(self.subject.model().snapshot()?) } else { None };
        let model = self.subject.model();
        let terms = model.step(self.data, batch, learning_rate, &mut self.noise)?;
        self.history.steps += 1;
        if !terms.is_finite() {
            self.subject.model().restore(&self.last_finite)?;
            let loss = terms.mega.unwrap_or(0.0) - terms.elbo;
            return Err(Error::NonFinite { loss, epoch, step: self.history.steps });
        }
        if let Some(parameters) = before {
            self.last_finite = parameters;
        }
        Ok(terms)
    }

    /// Validates after an epoch and remembers the best parameters.
    fn judge(&mut self, epoch: usize, fit: &Fit, best: &mut Option<Best>) -> Result<()> {
        if self.validation.is_empty() {
            return Ok(());
        }
        // The same draws of z after every epoch: only the parameters differ.
        let rng = &mut stream(fit.seed, 3);
        let terms = self.subject.model().validate(self.data, &self.validation, rng)?;
        self.history.validation.push(terms);
        if best.as_ref().is_none_or(|best| terms.elbo > best.elbo) {
            self.history.best_epoch = Some(epoch);
            let parameters = fit.patience.map(|_| self.subject.model().snapshot()).transpose()?;
            *best = Some(Best { elbo: terms.elbo, parameters });
        }
        Ok(())
    }
}

/// Whether the callback or the validation ELBO ends the training after this epoch.
fn reason_to_stop(epoch: usize, fit: &mut Fit, history: &History) -> Option<StopReason> {
    let report = EpochReport {
        epoch,
        train: history.train.last().copied().unwrap_or_default(),
        validation: history.validation.last().copied(),
    };
    if let Some(callback) = &mut fit.callback
        && callback(&report) == Then::Stop
    {
        return Some(StopReason::Callback);
    }
    let since_best = epoch - history.best_epoch?;
    (since_best >= fit.patience?).then_some(StopReason::EarlyStopping)
}
