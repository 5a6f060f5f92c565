//! Models whose parameters are those of one network, all moved by one optimiser.

use super::{Adam, Parameters, named_tensors, restore};
use crate::{
    error::Result,
    ops::Backend,
    train::{Learnable, Moments, NamedTensor, Snapshot},
};

/// A model that is a network and its optimiser.
pub(crate) trait Optimised {
    /// Where the parameters are.
    type Device: Backend;
    /// What holds the parameters.
    type Network: Parameters<Self::Device>;

    /// Both, to read.
    fn optimised(&self) -> (&Self::Network, &Adam<Self::Device>);
    /// Both, to write.
    fn optimised_mut(&mut self) -> (&mut Self::Network, &mut Adam<Self::Device>);
}

impl<Model: Optimised> Learnable for Model {
    fn set_weight_decay(&mut self, decay: f64) {
        self.optimised_mut().1.set_decay(decay);
    }

    fn tensors(&self) -> Result<Vec<NamedTensor>> {
        Ok(named_tensors(self.optimised().0))
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        restore(self.optimised_mut().0, snapshot);
        Ok(())
    }

    fn moments(&self) -> Result<Moments> {
        Ok(self.optimised().1.memory())
    }

    fn set_moments(&mut self, moments: Option<&Moments>) -> Result<()> {
        self.optimised_mut().1.set_memory(moments);
        Ok(())
    }
}
