//! The settings of a SAVAE.

use super::{Savae, configuration::Settings, core::Core};
use crate::{
    device::Device,
    error::Result,
    ops::{Activation, TimeEmission},
    sizes::require,
    survival::Cohort,
    train::{Fit, History},
};

/// The settings of a [`Savae`]; made by [`Savae::params`].
#[derive(Clone, Debug)]
pub struct SavaeParams<const Z: usize> {
    settings: Settings,
    device: Device,
}

impl<const Z: usize> SavaeParams<Z> {
    /// 50 hidden units, hyperbolic tangents, Weibull times, no dropout, seed 0, best device.
    pub(super) fn new() -> Self {
        const { require(Z > 0, "a SAVAE needs at least one latent dimension") };
        let settings = Settings {
            latent: Z,
            hidden: 50,
            activation: Activation::Tanh,
            emission: TimeEmission::Weibull,
            minimum_std: 0.1,
            dropout: 0.0,
            hidden_outcomes: 0.8,
            time_weight: 3.0,
            draws: 1,
            seed: 0,
        };
        Self { settings, device: Device::best() }
    }

    /// Units of the hidden layer of every network; 50 unless set.
    pub fn hidden(mut self, units: usize) -> Self {
        self.settings.hidden = units;
        self
    }

    /// The activation of the hidden layers; the hyperbolic tangent unless set.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.settings.activation = activation;
        self
    }

    /// The distribution p(y|t, z) of the time; Weibull unless set.
    pub fn emission(mut self, emission: TimeEmission) -> Self {
        self.settings.emission = emission;
        self
    }

    /// The smallest standard deviation of a normal or log-normal covariate given z, in units of its
    /// standard deviation; 0.1 unless set. A covariate that z could reproduce exactly would otherwise
    /// have an infinite density.
    pub fn minimum_std(mut self, share: f64) -> Self {
        self.settings.minimum_std = share;
        self
    }

    /// The share of hidden units that each training step leaves out (Srivastava et al. 2014).
    pub fn dropout(mut self, share: f64) -> Self {
        self.settings.dropout = share;
        self
    }

    /// The share of patients whose outcome a training step hides from the encoder; 0.8 unless set.
    ///
    /// Their bound has q(z|x) in the place of q(z|x, y) and is a bound of the same evidence. So the
    /// encoder learns both, and p(y|t, z) is learnt where predictions will ask for it: at the z that
    /// covariates tell. At 0 training ascends the lecture's bound alone, and q(z|x) is not learnt:
    /// predictions then need [`super::Proposal::Prior`].
    pub fn hidden_outcomes(mut self, share: f64) -> Self {
        self.settings.hidden_outcomes = share;
        self
    }

    /// The weight of log p(y|t, z) of the patients whose outcome is hidden, in what training ascends;
    /// 3 unless set, 1 for the bound.
    ///
    /// Of many covariates and one time the covariates alone decide what z is; a larger weight makes
    /// it tell more about the time. Where the encoder knows the outcome the weight is always 1: it
    /// would only learn to hand the outcome on. The curves and early stopping show and judge the
    /// bound itself.
    pub fn time_weight(mut self, weight: f64) -> Self {
        self.settings.time_weight = weight;
        self
    }

    /// Draws of z for every patient in a training step, over which the bound is averaged; 1 unless
    /// set.
    pub fn draws(mut self, draws: usize) -> Self {
        self.settings.draws = draws;
        self
    }

    /// Decides the first parameters of the networks.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Where the model computes.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// An untrained model of patients like those of `cohort`: its columns, their families, what
    /// standardises them and the scale of time become a part of the model.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for a setting outside its range or a cohort with weights or left
    /// truncation; [`crate::Error::NoEvents`] without an event; [`crate::Error::Shape`] without covariates.
    pub fn build(self, cohort: &Cohort) -> Result<Savae<Z>> {
        Ok(Savae { core: Core::build(self.settings, cohort, &self.device)? })
    }

    /// A model of the patients of `cohort`, trained on them.
    ///
    /// When the training fails the model is lost with it; [`Self::build`] and [`Savae::fit`] keep it.
    ///
    /// # Errors
    /// Those of [`Self::build`] and of [`Savae::fit`].
    pub fn fit(self, cohort: &Cohort, fit: Fit) -> Result<(Savae<Z>, History)> {
        let mut savae = self.build(cohort)?;
        let history = savae.fit(cohort, fit)?;
        Ok((savae, history))
    }
}
