//! What a training ascends: the evidence lower bound, or a variation of it.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    mega::MegaPenalty,
};

/// How β comes to its value over the epochs. Early epochs with a small β let the decoder learn to
/// use z before the divergence makes that expensive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Annealing {
    /// From 0 in the first epoch up to β in equal steps, which it reaches after this many epochs
    /// (Bowman et al. 2016).
    Linear {
        /// Epochs with less than β.
        epochs: usize,
    },
    /// From 0 to β in the first half of each period, β in the second half (Fu et al. 2019).
    Cyclical {
        /// Epochs in a period.
        period: usize,
    },
}

impl Annealing {
    /// The share of β in `epoch`, counted from 1.
    fn share(self, epoch: usize) -> f64 {
        let rise = |done: usize, whole: f64| (done as f64 / whole).min(1.0);
        match self {
            Annealing::Linear { epochs } => rise(epoch - 1, epochs as f64),
            Annealing::Cyclical { period } => rise((epoch - 1) % period, period as f64 / 2.0),
        }
    }
}

impl From<usize> for Annealing {
    /// [`Annealing::Linear`] over so many epochs.
    fn from(epochs: usize) -> Self {
        Annealing::Linear { epochs }
    }
}

/// E\_q\[log p(x|z)\] − β·KL − α·MEGA (lecture, eq. 33 and 34).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Objective {
    pub beta: f64,
    pub annealing: Option<Annealing>,
    pub mega: Option<MegaPenalty>,
}

impl Objective {
    /// The bound itself.
    pub const ELBO: Self = Self { beta: 1.0, annealing: None, mega: None };

    /// β in `epoch`, counted from 1.
    pub fn beta_in(&self, epoch: usize) -> f64 {
        self.beta * self.annealing.map_or(1.0, |annealing| annealing.share(epoch))
    }

    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub fn check(&self) -> Result<()> {
        if !(self.beta >= 0.0 && self.beta.is_finite()) {
            return Err(Error::setting("beta", self.beta, "it must not be negative"));
        }
        if let Some(Annealing::Linear { epochs: 0 } | Annealing::Cyclical { period: 0 }) =
            self.annealing
        {
            return Err(Error::setting("anneal", 0, "it must last at least one epoch"));
        }
        self.mega.map_or(Ok(()), |mega| mega.check())
    }

    /// # Errors
    /// [`Error::Setting`] for anything but the bound, for models that know nothing else.
    pub fn require_elbo(&self) -> Result<()> {
        if *self == Self::ELBO {
            return Ok(());
        }
        let requirement = "this model trains on its bound alone: leave out beta, anneal and mega";
        Err(Error::setting("the objective", format!("{self:?}"), requirement))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_follows_its_schedule() {
        let with = |annealing| Objective { beta: 2.0, annealing, ..Objective::ELBO };
        let betas = |annealing| (1..=6).map(|epoch| with(annealing).beta_in(epoch)).collect();
        let all = |annealing| -> Vec<f64> { betas(annealing) };
        assert_eq!(all(None), [2.0; 6]);
        assert_eq!(all(Some(4.into())), [0.0, 0.5, 1.0, 1.5, 2.0, 2.0]);
        let cyclical = Annealing::Cyclical { period: 4 };
        assert_eq!(all(Some(cyclical)), [0.0, 1.0, 2.0, 2.0, 0.0, 1.0]);
    }
}
