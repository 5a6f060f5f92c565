//! A SAVAE on one device, with sizes known at run time.

mod batch;
mod engine;
mod evaluation;
mod objective;
mod training;

pub(super) use self::engine::{Engine, Outcomes};
use super::{columns::Blocks, configuration::Configuration, network::Network};
use crate::{
    device::device_error,
    error::Result,
    nn::Adam,
    ops::{Backend, MixedLayout, OpResult, TimeLayout},
};

/// The networks, their optimiser and their device.
pub(super) struct Model<B: Backend> {
    device: B,
    configuration: Configuration,
    blocks: Blocks,
    layout: MixedLayout,
    time: TimeLayout,
    network: Network<B>,
    adam: Adam<B>,
    beta: f32,
}

impl<B: Backend> Model<B> {
    /// A model with fresh parameters.
    pub fn new(device: B, configuration: Configuration) -> Result<Self> {
        Self::try_new(device, configuration).map_err(device_error("building the networks"))
    }

    fn try_new(device: B, configuration: Configuration) -> OpResult<B, Self> {
        let network = Network::new(&device, &configuration)?;
        let adam = Adam::new(&device, &network)?;
        Ok(Self {
            blocks: configuration.columns.blocks(),
            layout: configuration.layout(),
            time: configuration.time_layout(),
            device,
            configuration,
            network,
            adam,
            beta: 1.0,
        })
    }
}
