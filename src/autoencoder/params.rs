//! The settings of an autoencoder.

use std::marker::PhantomData;

use super::{
    Autoencoder,
    network::{Configuration, Network, Part},
};
use crate::{
    data::Rows,
    device::{Device, Kind, device_error, own_cpu},
    error::{Error, Result},
    nn::{Columns, Learner, Trained},
    ops::{Activation, Backend},
    sizes::require,
    train::{Fit, History},
};

/// The network on its device.
pub(super) type Engine = Box<dyn Learner<Part>>;

/// The settings of an [`Autoencoder`]; made by [`Autoencoder::params`].
#[derive(Clone, Debug)]
pub struct AutoencoderParams<const D: usize, const M: usize> {
    configuration: Configuration,
    device: Device,
    sizes: PhantomData<[[(); D]; M]>,
}

impl<const D: usize, const M: usize> AutoencoderParams<D, M> {
    /// One hidden layer of 400 ReLU units, linear output, seed 0, best device.
    pub(super) fn new() -> Self {
        const { require(D > 0 && M > 0, "an autoencoder needs a dimension on either side") };
        let configuration = Configuration {
            inputs: D,
            latent: M,
            hidden: vec![400],
            activation: Activation::Relu,
            output: Activation::Identity,
            seed: 0,
            frame: None,
        };
        Self { configuration, device: Device::best(), sizes: PhantomData }
    }

    /// Units of the encoder's hidden layers; the decoder has them in reverse. Without any, `[]`, the
    /// autoencoder is linear.
    pub fn hidden(mut self, sizes: impl Into<Vec<usize>>) -> Self {
        self.configuration.hidden = sizes.into();
        self
    }

    /// The activation of the hidden layers.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.configuration.activation = activation;
        self
    }

    /// The activation of the decoder's output; [`Activation::Identity`] unless set. For values in
    /// \[0, 1\] [`Activation::Logistic`] keeps reconstructions there.
    pub fn output(mut self, activation: Activation) -> Self {
        self.configuration.output = activation;
        self
    }

    /// Decides the first parameters of the networks.
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
    /// [`Error::Setting`] for hidden layers without units; [`Error::Device`] when the device has no
    /// room.
    pub fn build(self) -> Result<Autoencoder<D, M>> {
        build(self.configuration, self.device)
    }

    /// An untrained model, trained on `rows`.
    ///
    /// # Errors
    /// Those of [`Self::build`] and of [`Autoencoder::fit`].
    pub fn fit(
        self,
        rows: &(impl Rows<D> + ?Sized),
        fit: Fit,
    ) -> Result<(Autoencoder<D, M>, History)> {
        let mut autoencoder = self.build()?;
        let history = autoencoder.fit(rows, fit)?;
        Ok((autoencoder, history))
    }
}

/// A model with fresh parameters.
pub(super) fn build<const D: usize, const M: usize>(
    configuration: Configuration,
    device: Device,
) -> Result<Autoencoder<D, M>> {
    let engine = engine(&configuration, &device)?;
    Ok(Autoencoder { configuration, engine, device, training: None })
}

fn engine(configuration: &Configuration, device: &Device) -> Result<Engine> {
    if configuration.hidden.contains(&0) {
        let hidden = format!("{:?}", configuration.hidden);
        return Err(Error::setting("hidden", hidden, "each layer needs at least one unit"));
    }
    match &device.0 {
        Kind::Cpu => engine_on(own_cpu(), configuration),
        #[cfg(feature = "cuda")]
        Kind::Cuda(cuda, _) => engine_on(cuda.clone(), configuration),
    }
}

fn engine_on<B: Backend>(device: B, configuration: &Configuration) -> Result<Engine> {
    let build = || {
        let network = Network::new(&device, configuration)?;
        Trained::new(device.clone(), network, Columns::inputs(configuration.inputs))
    };
    Ok(Box::new(build().map_err(device_error("building the networks"))?))
}
