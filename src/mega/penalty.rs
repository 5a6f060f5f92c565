//! How MEGA enters the objective of a training.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Which norms of the gap are penalised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MegaForm {
    /// 2MEGA-F (lecture, eq. 34).
    #[default]
    Second,
    /// 1MEGA-F + √2MEGA-F (Beaulac 2021, arXiv 2111.00875): both in the unit of the data.
    FirstAndRootOfSecond,
}

/// A penalty on the gap between the moments of the training rows and those of the model: the
/// objective, in nats a row, becomes E\_q\[log p(x|z)\] − β·KL − α·MEGA (lecture, eq. 34).
///
/// The gap is evaluated in each step from fresh draws z ~ p(z) against the moments of all training
/// rows. With few draws the gap is mostly their variation, which the penalty would then lower by
/// making p(x|z) vary less with z: the number of columns is a fair least number.
///
/// ```
/// use elbo::{Fit, mega::MegaPenalty};
/// let fit = Fit::new().beta(0.5).mega(MegaPenalty::new(2.0).draws(500));
/// # let _ = fit;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MegaPenalty {
    pub(crate) weight: f64,
    pub(crate) draws: usize,
    pub(crate) form: MegaForm,
}

impl MegaPenalty {
    /// The weight α of 2MEGA-F, in nats for each squared unit of the data; 1,000 draws a step.
    pub fn new(weight: f64) -> Self {
        Self { weight, draws: 1000, form: MegaForm::Second }
    }

    /// Draws of z in each step.
    pub fn draws(self, draws: usize) -> Self {
        Self { draws, ..self }
    }

    /// Which norms are penalised.
    pub fn form(self, form: MegaForm) -> Self {
        Self { form, ..self }
    }

    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub(crate) fn check(&self) -> Result<()> {
        if !(self.weight >= 0.0 && self.weight.is_finite()) {
            return Err(Error::setting("mega", self.weight, "its weight must not be negative"));
        }
        if self.draws < 2 {
            return Err(Error::setting("draws", self.draws, "it must be at least 2"));
        }
        Ok(())
    }
}
