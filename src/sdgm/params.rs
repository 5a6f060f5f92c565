//! The settings of an SDGM.

use std::marker::PhantomData;

use super::Sdgm;
use crate::{
    data::Rows,
    device::Device,
    error::Result,
    semi_supervised::{Configuration, Core, LabelSpace, settings},
    sizes::require,
    train::{Fit, History},
};

/// The settings of an [`Sdgm`]; made by [`Sdgm::params`].
#[derive(Clone, Debug)]
pub struct SdgmParams<const D: usize, const Z: usize, const A: usize> {
    configuration: Configuration,
    device: Device,
    sizes: PhantomData<[[[(); D]; Z]; A]>,
}

settings!([const D: usize, const Z: usize, const A: usize] SdgmParams<D, Z, A>);

impl<const D: usize, const Z: usize, const A: usize> SdgmParams<D, Z, A> {
    /// No label yet, one hidden layer of 400 ReLU units in every network, Bernoulli emission, α = 50
    /// in the form of eq. (20), 64 unlabelled rows a step, seed 0, best device.
    pub(super) fn new() -> Self {
        const { require(D > 0 && Z > 0 && A > 0, "an SDGM needs at least one value and dimension") };
        Self {
            configuration: Configuration::new(D, Z, Some(A)),
            device: Device::best(),
            sizes: PhantomData,
        }
    }

    /// Adds a label of the rows, with so many classes: at least one is needed. With several, such as
    /// the digit and the writer, p(y) and q(y|a, x) are products over them.
    pub fn label(mut self, name: &str, classes: usize) -> Self {
        self.configuration.labels.push(LabelSpace::new(name, classes));
        self
    }

    /// An untrained model.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for a setting outside its range or no label;
    /// [`crate::Error::Device`] when the device has no room.
    pub fn build(self) -> Result<Sdgm<D, Z, A>> {
        Ok(Sdgm { core: Core::new(self.configuration, &self.device)? })
    }

    /// An untrained model, trained on labelled `rows` alone.
    ///
    /// # Errors
    /// Those of [`Self::build`] and of [`Sdgm::fit`].
    pub fn fit(self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<(Sdgm<D, Z, A>, History)> {
        let mut model = self.build()?;
        let history = model.fit(rows, fit)?;
        Ok((model, history))
    }
}
