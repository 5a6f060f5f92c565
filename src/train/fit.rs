//! How to train.

use std::fmt;

use super::{
    history::Terms,
    objective::{Annealing, Objective},
};
use crate::{
    error::{Error, Result},
    mega::MegaPenalty,
};

/// The settings of a training.
///
/// ```
/// use elbo::Fit;
/// let fit = Fit::new().epochs(50).batch(64).learning_rate(3e-4).validation(0.1).patience(5);
/// # let _ = fit;
/// ```
pub struct Fit {
    pub(crate) epochs: usize,
    pub(crate) batch: usize,
    pub(crate) learning_rate: f64,
    pub(crate) seed: u64,
    pub(crate) validation: f64,
    pub(crate) patience: Option<usize>,
    pub(crate) weight_decay: f64,
    pub(crate) objective: Objective,
    pub(crate) callback: Option<Callback>,
}

type Callback = Box<dyn FnMut(&EpochReport) -> Then>;

/// What a callback is told after each epoch.
#[derive(Clone, Copy, Debug)]
pub struct EpochReport {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// Means over the training rows, during the epoch.
    pub train: Terms,
    /// Means over the validation rows, after the epoch.
    pub validation: Option<Terms>,
}

/// What a callback answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Train another epoch.
    Continue,
    /// End the training here and keep the model.
    Stop,
}

impl Fit {
    /// 20 epochs of batches of 128 rows, Adam with learning rate 10⁻³, a tenth of the rows for
    /// validation, no early stopping, no weight decay, seed 0.
    pub fn new() -> Self {
        Self {
            epochs: 20,
            batch: 128,
            learning_rate: 1e-3,
            seed: 0,
            validation: 0.1,
            patience: None,
            weight_decay: 0.0,
            objective: Objective::ELBO,
            callback: None,
        }
    }

    /// Passes over the training rows, in addition to those of earlier calls of `fit`.
    pub fn epochs(self, epochs: usize) -> Self {
        Self { epochs, ..self }
    }

    /// Rows in one step.
    pub fn batch(self, batch: usize) -> Self {
        Self { batch, ..self }
    }

    /// Adam's step size.
    pub fn learning_rate(self, learning_rate: f64) -> Self {
        Self { learning_rate, ..self }
    }

    /// Decides the order of the rows, the draws of z and which rows validate.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The share of the rows, in [0, 1), that is kept for validation.
    pub fn validation(self, share: f64) -> Self {
        Self { validation: share, ..self }
    }

    /// Stops after so many epochs without a better validation ELBO, and returns to the best
    /// parameters.
    pub fn patience(self, epochs: usize) -> Self {
        Self { patience: Some(epochs), ..self }
    }

    /// Decoupled weight decay (Loshchilov and Hutter 2019): each step shrinks all weights, not the
    /// biases, by the learning rate times `decay`.
    pub fn weight_decay(self, decay: f64) -> Self {
        Self { weight_decay: decay, ..self }
    }

    /// The weight β of KL(q(z|x) ‖ p(z)) in the objective (lecture, eq. 33; Higgins et al. 2017); 1,
    /// the evidence lower bound, unless set.
    ///
    /// The curves and early stopping show and judge the bound itself, with β = 1, so that trainings
    /// with different objectives can be compared.
    pub fn beta(self, beta: f64) -> Self {
        Self { objective: Objective { beta, ..self.objective }, ..self }
    }

    /// Lets β rise to its value: over so many epochs when given a number, or as [`Annealing`] says.
    ///
    /// ```
    /// use elbo::{Fit, train::Annealing};
    /// let warm_up = Fit::new().beta(0.5).anneal(10);
    /// let cycles = Fit::new().epochs(40).anneal(Annealing::Cyclical { period: 10 });
    /// # let _ = (warm_up, cycles);
    /// ```
    pub fn anneal(self, annealing: impl Into<Annealing>) -> Self {
        let annealing = Some(annealing.into());
        Self { objective: Objective { annealing, ..self.objective }, ..self }
    }

    /// Penalises the gap between the moments of the training rows and those of the model (lecture,
    /// eq. 34).
    pub fn mega(self, penalty: MegaPenalty) -> Self {
        Self { objective: Objective { mega: Some(penalty), ..self.objective }, ..self }
    }

    /// Calls `callback` after each epoch. Epochs are counted over all calls of a training.
    pub fn callback(self, callback: impl FnMut(&EpochReport) -> Then + 'static) -> Self {
        Self { callback: Some(Box::new(callback)), ..self }
    }

    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub(crate) fn check(&self, rows: usize) -> Result<()> {
        let positive = "it must be at least 1";
        require(self.epochs > 0, "epochs", self.epochs, positive)?;
        require(self.batch > 0, "batch", self.batch, positive)?;
        require(self.patience != Some(0), "patience", 0, positive)?;
        let rate = self.learning_rate;
        require(rate > 0.0 && rate.is_finite(), "learning_rate", rate, "it must be positive")?;
        let decay = self.weight_decay;
        let holds = decay >= 0.0 && decay * rate < 1.0;
        require(holds, "weight_decay", decay, "it must not be negative, and small")?;
        let share = self.validation;
        require((0.0..1.0).contains(&share), "validation", share, "it must lie in [0, 1)")?;
        self.objective.check()?;
        let stops = self.patience.is_some();
        let validates = self.validation_rows(rows) > 0;
        require(!stops || validates, "patience", "set", "it needs validation rows to judge by")?;
        let train = rows - self.validation_rows(rows);
        require(train > 0, "validation", share, "it leaves no rows to train on")?;
        let enough = self.objective.mega.is_none() || train > 1;
        require(enough, "mega", "set", "it needs at least two rows to train on")
    }

    /// How many of `rows` rows validate.
    pub(crate) fn validation_rows(&self, rows: usize) -> usize {
        (rows as f64 * self.validation).round() as usize
    }
}

fn require(
    holds: bool,
    setting: &'static str,
    value: impl ToString,
    requirement: &str,
) -> Result<()> {
    if holds {
        return Ok(());
    }
    Err(Error::Setting { setting, value: value.to_string(), requirement: requirement.into() })
}

impl Default for Fit {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fit")
            .field("epochs", &self.epochs)
            .field("batch", &self.batch)
            .field("learning_rate", &self.learning_rate)
            .field("seed", &self.seed)
            .field("validation", &self.validation)
            .field("patience", &self.patience)
            .field("weight_decay", &self.weight_decay)
            .field("objective", &self.objective)
            .field("callback", &self.callback.as_ref().map(|_| "…"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_outside_their_range_are_named() {
        let cases = [
            (Fit::new().epochs(0), "epochs"),
            (Fit::new().batch(0), "batch"),
            (Fit::new().learning_rate(f64::NAN), "learning_rate"),
            (Fit::new().learning_rate(-1.0), "learning_rate"),
            (Fit::new().validation(1.0), "validation"),
            (Fit::new().validation(0.96), "validation"),
            (Fit::new().validation(0.0).patience(3), "patience"),
            (Fit::new().patience(0), "patience"),
            (Fit::new().weight_decay(-0.1), "weight_decay"),
            (Fit::new().weight_decay(f64::NAN), "weight_decay"),
            (Fit::new().beta(-1.0), "beta"),
            (Fit::new().anneal(0), "anneal"),
            (Fit::new().mega(MegaPenalty::new(f64::NAN)), "mega"),
            (Fit::new().mega(MegaPenalty::new(1.0).draws(1)), "draws"),
        ];
        for (fit, name) in cases {
            let error = fit.check(10).unwrap_err();
            assert!(matches!(error, Error::Setting { setting, .. } if setting == name), "{error}");
        }
        Fit::new().patience(3).check(10).unwrap();
    }
}
