//! The training loop of all models.

use std::time::Instant;

use ndarray::ArrayView2;
use rand::seq::SliceRandom;

use super::{
    fit::{EpochReport, Fit, Then},
    history::{History, StopReason, Terms},
    interrupt::Interrupt,
    progress::Progress,
    trainable::Snapshot,
    training::{Basis, Training, Unfinished},
    watch::Subject,
};
use crate::error::{Error, Result};

/// After so many steps with a finite loss the parameters are kept to return to. A copy costs less
/// than a step.
const SNAPSHOT_EVERY: usize = 50;

/// Trains the subject's model on the rows of `data`: goes on with its training where that was on
/// the same [`Basis`], and else begins a new one with the parameters as they are.
pub(crate) fn run(
    subject: &mut dyn Subject,
    data: ArrayView2<f32>,
    mut fit: Fit,
) -> Result<History> {
    fit.check(data.nrows())?;
    let basis = Basis::new(data, &fit).beside(subject.model().other_data());
    let (order, validation) = basis.split();
    subject.model().begin(data, &order, &fit.objective)?;
    subject.model().set_weight_decay(fit.weight_decay);
    let training = training(subject, basis)?;
    let steps = steps(&fit, order.len(), training.unfinished.rows);
    let mut run = Run {
        last_finite: subject.model().snapshot()?,
        data,
        order,
        validation,
        interrupt: Interrupt::listen(),
        progress: Progress::new(steps),
        seconds_before: training.history.seconds,
        training,
        subject,
        started: Instant::now(),
    };
    run.progress.begin(&run.training.history);
    let stopped = run.epochs(&mut fit)?;
    run.finish(stopped, fit.patience.is_some())
}

/// The training to go on with, and the model as it was left.
fn training(subject: &mut dyn Subject, basis: Basis) -> Result<Training> {
    let before = subject.training().take().filter(|training| training.basis == basis);
    let model = subject.model();
    match before {
        Some(mut training) => {
            if let Some(last) = training.last.take() {
                model.restore(&last)?;
            }
            Ok(training)
        }
        None => {
            model.set_moments(None)?;
            Ok(Training::new(basis, History::new(model.criterion())))
        }
    }
}

/// Steps of all epochs; the first of them has so many rows behind it.
fn steps(fit: &Fit, rows: usize, done: usize) -> usize {
    (rows - done).div_ceil(fit.batch) + (fit.epochs - 1) * rows.div_ceil(fit.batch)
}

/// A call of `fit`.
struct Run<'a> {
    subject: &'a mut dyn Subject,
    data: ArrayView2<'a, f32>,
    /// The rows that train.
    order: Vec<usize>,
    /// The rows that validate.
    validation: Vec<usize>,
    training: Training,
    interrupt: Interrupt,
    progress: Progress,
    last_finite: Snapshot,
    started: Instant,
    seconds_before: f64,
}

impl Run<'_> {
    fn epochs(&mut self, fit: &mut Fit) -> Result<StopReason> {
        for _ in 0..fit.epochs {
            let epoch = self.training.epoch();
            self.subject.model().set_beta(fit.objective.beta_in(epoch));
            if !self.epoch(epoch, fit)? {
                return Ok(StopReason::Interrupted);
            }
            self.judge(epoch)?;
            if let Some(reason) = reason_to_stop(epoch, fit, &self.training.history) {
                return Ok(reason);
            }
        }
        Ok(StopReason::Finished)
    }

    /// One pass over the rows, or what is left of it; false when it was interrupted.
    fn epoch(&mut self, epoch: usize, fit: &Fit) -> Result<bool> {
        let mut order = self.order.clone();
        order.shuffle(&mut self.training.basis.order(epoch));
        for batch in order[self.training.unfinished.rows..].chunks(fit.batch) {
            if self.interrupt.is_raised() {
                return Ok(false);
            }
            let terms = self.step(epoch, batch, fit.learning_rate)?;
            self.training.unfinished.add(batch.len(), terms);
            self.training.history.seconds = self.seconds();
            self.progress.step(&self.training.history, self.subject);
        }
        let done = std::mem::take(&mut self.training.unfinished);
        self.training.history.train.push(Unfinished::mean(&done));
        self.progress.epoch(&self.training.history);
        Ok(true)
    }

    /// One step. When the loss leaves the numbers, returns to the last parameters that gave one.
    fn step(&mut self, epoch: usize, batch: &[usize], learning_rate: f64) -> Result<Terms> {
        let step = self.training.history.steps;
        let model = self.subject.model();
        let before = step.is_multiple_of(SNAPSHOT_EVERY).then(|| model.snapshot()).transpose()?;
        let noise = &mut self.training.basis.noise(step);
        let terms = model.step(self.data, batch, learning_rate, noise)?;
        self.training.history.steps += 1;
        if !terms.is_finite() {
            model.restore(&self.last_finite)?;
            model.set_moments(None)?;
            let loss = terms.mega.unwrap_or(0.0) - terms.elbo;
            return Err(Error::NonFinite { loss, epoch, step: step + 1 });
        }
        if let Some(parameters) = before {
            self.last_finite = parameters;
        }
        Ok(terms)
    }

    /// Validates after an epoch and remembers the best parameters.
    fn judge(&mut self, epoch: usize) -> Result<()> {
        if self.validation.is_empty() {
            return Ok(());
        }
        let rng = &mut self.training.basis.validation_noise();
        let terms = self.subject.model().validate(self.data, &self.validation, rng)?;
        let history = &mut self.training.history;
        let best = history.best_epoch.and_then(|best| history.validation.get(best - 1));
        let is_best = best.is_none_or(|best| terms.elbo > best.elbo);
        history.validation.push(terms);
        if is_best {
            history.best_epoch = Some(epoch);
            self.training.best = Some(self.subject.model().snapshot()?);
        }
        Ok(())
    }

    /// Leaves the training in the model, with the best parameters if they are asked for.
    fn finish(self, stopped: StopReason, wants_best: bool) -> Result<History> {
        let seconds = self.seconds();
        let Self { subject, progress, mut training, .. } = self;
        (training.history.stopped, training.history.seconds) = (stopped, seconds);
        if wants_best && let Some(best) = &training.best {
            let now = subject.model().snapshot()?;
            if now != *best {
                subject.model().restore(best)?;
                training.last = Some(now);
            }
        }
        let history = training.history.unseen();
        *subject.training() = Some(training);
        progress.end(&history, subject);
        Ok(history)
    }

    fn seconds(&self) -> f64 {
        self.seconds_before + self.started.elapsed().as_secs_f64()
    }
}

/// Whether the callback or the validation ends the training after this epoch.
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
