//! The settings of a VAE.

use std::marker::PhantomData;

use super::{
    Vae,
    configuration::{Configuration, Emission, Estimator},
    core::Core,
};
use crate::{
    data::Rows,
    device::Device,
    error::Result,
    ops::Activation,
    sizes::require,
    train::{Fit, History},
};

/// The settings of a [`Vae`]; made by [`Vae::params`].
#[derive(Clone, Debug)]
pub struct VaeParams<const D: usize, const Z: usize> {
    configuration: Configuration,
    device: Device,
    sizes: PhantomData<[[(); D]; Z]>,
}

impl<const D: usize, const Z: usize> VaeParams<D, Z> {
    /// One hidden layer of 400 ReLU units, Bernoulli emission, analytic KL, seed 0, best device.
    pub(super) fn new() -> Self {
        const { require(D > 0 && Z > 0, "a VAE needs at least one dimension on either side") };
        Self {
            configuration: Configuration {
                inputs: D,
                latent: Z,
                hidden: vec![400],
                activation: Activation::Relu,
                emission: Emission::Bernoulli,
                estimator: Estimator::AnalyticKl,
                seed: 0,
                frame: None,
            },
            device: Device::best(),
            sizes: PhantomData,
        }
    }

    /// Units of the encoder's hidden layers; the decoder has them in reverse.
    pub fn hidden(mut self, sizes: impl Into<Vec<usize>>) -> Self {
        self.configuration.hidden = sizes.into();
        self
    }

    /// The activation of the hidden layers.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.configuration.activation = activation;
        self
    }

    /// The distribution p(x|z).
    pub fn emission(mut self, emission: Emission) -> Self {
        self.configuration.emission = emission;
        self
    }

    /// The form of the bound that the training ascends.
    pub fn estimator(mut self, estimator: Estimator) -> Self {
        self.configuration.estimator = estimator;
        self
    }

    /// Decides the first parameters of the networks and the draws of [`Vae::sample`].
    pub fn seed(mut self, seed: u64) -> Self {
        self.configuration.seed = seed;
        self
    }

    /// Where the model computes.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// An untrained model.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for hidden layers without units or a standard deviation that is
    /// not positive; [`crate::Error::Device`] when the device has no room.
    pub fn build(self) -> Result<Vae<D, Z>> {
        Ok(Vae { core: Core::new(self.configuration, &self.device)? })
    }

    /// An untrained model, trained on `rows`.
    ///
    /// When the training fails the model is lost with it; [`Self::build`] and [`Vae::fit`] keep it.
    ///
    /// # Errors
    /// Those of [`Self::build`] and of [`Vae::fit`].
    pub fn fit(self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<(Vae<D, Z>, History)> {
        let mut vae = self.build()?;
        let history = vae.fit(rows, fit)?;
        Ok((vae, history))
    }
}
