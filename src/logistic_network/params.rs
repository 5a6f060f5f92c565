//! The settings of a network for a binary response.

use serde::{Deserialize, Serialize};

use super::{LogisticNetwork, network::Network};
use crate::{
    checkpoint::Kind as FileKind,
    device::{Device, Kind, device_error, own_cpu},
    error::Result,
    nn::{Columns, Learner, Trained},
    ops::Backend,
    sizes::require,
};

pub(super) const KIND: FileKind =
    FileKind { entry: "elbo.logistic_network", name: "LogisticNetwork" };

/// The network on its device.
pub(super) type Engine = Box<dyn Learner<()>>;

/// The settings with the size that the type gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub inputs: usize,
    /// Units of the hidden layer; none is logistic regression.
    pub hidden: usize,
    pub seed: u64,
}

/// The settings of a [`LogisticNetwork`]; made by [`LogisticNetwork::params`].
#[derive(Clone, Debug)]
pub struct LogisticNetworkParams<const D: usize> {
    configuration: Configuration,
    device: Device,
}

impl<const D: usize> LogisticNetworkParams<D> {
    /// 10 hidden units, seed 0, best device.
    pub(super) fn new() -> Self {
        const { require(D > 0, "a network needs at least one input") };
        let configuration = Configuration { inputs: D, hidden: 10, seed: 0 };
        Self { configuration, device: Device::best() }
    }

    /// Units of the hidden layer; 0 leaves it out, which is logistic regression.
    pub fn hidden(mut self, units: usize) -> Self {
        self.configuration.hidden = units;
        self
    }

    /// Decides the first parameters.
    pub fn seed(mut self, seed: u64) -> Self {
        self.configuration.seed = seed;
        self
    }

    /// Where the model computes.
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// An untrained network.
    ///
    /// # Errors
    /// [`crate::Error::Device`] when the device has no room.
    pub fn build(self) -> Result<LogisticNetwork<D>> {
        build(self.configuration, self.device)
    }
}

/// A network with fresh parameters.
pub(super) fn build<const D: usize>(
    configuration: Configuration,
    device: Device,
) -> Result<LogisticNetwork<D>> {
    let engine = match &device.0 {
        Kind::Cpu => engine_on(own_cpu(), &configuration)?,
        #[cfg(feature = "cuda")]
        Kind::Cuda(cuda, _) => engine_on(cuda.clone(), &configuration)?,
    };
    Ok(LogisticNetwork { configuration, engine, device, training: None })
}

fn engine_on<B: Backend>(device: B, configuration: &Configuration) -> Result<Engine> {
    let build = || {
        let network = Network::new(&device, configuration)?;
        Trained::new(device.clone(), network, Columns::inputs(configuration.inputs))
    };
    Ok(Box::new(build().map_err(device_error("building the network"))?))
}
