//! How predictions draw the latent variable.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Where the draws of z come from that a prediction weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Proposal {
    /// p(z), with weights p(x|z): the lecture's eq. (15) and (16). All patients share the draws. With
    /// many covariates few of them fit a patient, and the effective number of draws is small.
    Prior,
    /// The encoder's q(z|x), with weights p(x|z)p(z)/q(z|x), the default: draws where the patient's z
    /// can be, so that nearly all of them count. A tenth of the draws comes from p(z), and q in the
    /// weights is the mixture of both (Hesterberg 1995): no weight exceeds ten times p(x|z), however
    /// wrong the encoder may be.
    #[default]
    Encoder,
}

/// The settings of predictions.
///
/// ```
/// use elbo::savae::{Prediction, Proposal};
/// let lecture = Prediction::new().proposal(Proposal::Prior).draws(5_000);
/// # let _ = lecture;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    pub(in crate::savae) draws: usize,
    pub(in crate::savae) proposal: Proposal,
    pub(in crate::savae) seed: u64,
}

impl Prediction {
    /// 400 draws of z from the encoder's q(z|x), seed 0.
    pub fn new() -> Self {
        Self { draws: 400, proposal: Proposal::Encoder, seed: 0 }
    }

    /// Draws of z for each patient.
    pub fn draws(self, draws: usize) -> Self {
        Self { draws, ..self }
    }

    /// Where the draws come from.
    pub fn proposal(self, proposal: Proposal) -> Self {
        Self { proposal, ..self }
    }

    /// Decides the draws: the same seed gives the same predictions.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// # Errors
    /// [`Error::Setting`] without a draw.
    pub(in crate::savae) fn check(&self) -> Result<()> {
        match self.draws {
            0 => Err(Error::setting("draws", 0, "it must be at least 1")),
            _ => Ok(()),
        }
    }
}

impl Default for Prediction {
    fn default() -> Self {
        Self::new()
    }
}
