//! The settings of M2.

use std::marker::PhantomData;

use super::M2;
use crate::{
    data::Rows,
    device::Device,
    error::Result,
    semi_supervised::{ClassLabels, Configuration, Core, LabelSpace, settings},
    sizes::require,
    train::{Fit, History},
};

/// The settings of an [`M2`]; made by [`M2::params`].
#[derive(Clone, Debug)]
pub struct M2Params<const D: usize, const K: usize, const Z: usize> {
    configuration: Configuration,
    device: Device,
    sizes: PhantomData<[[[(); D]; K]; Z]>,
}

settings!([const D: usize, const K: usize, const Z: usize] M2Params<D, K, Z>);

impl<const D: usize, const K: usize, const Z: usize> M2Params<D, K, Z> {
    /// One hidden layer of 400 ReLU units in every network, Bernoulli emission, uniform p(y), α = 50
    /// in the form of eq. (20), 64 unlabelled rows a step, seed 0, best device.
    pub(super) fn new() -> Self {
        const { require(D > 0 && K > 0 && Z > 0, "M2 needs at least one value, class and dimension") };
        let labels = vec![LabelSpace::new("class", K)];
        Self {
            configuration: Configuration { labels, ..Configuration::new(D, Z, None) },
            device: Device::best(),
            sizes: PhantomData,
        }
    }

    /// p(y): a probability for each class. Uniform unless set.
    pub fn prior(mut self, probabilities: [f64; K]) -> Self {
        self.configuration.labels[0].prior = Some(probabilities.to_vec());
        self
    }

    /// An untrained model.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for a setting outside its range; [`crate::Error::Device`] when the
    /// device has no room.
    pub fn build(self) -> Result<M2<D, K, Z>> {
        Ok(M2 { core: Core::new(self.configuration, &self.device)? })
    }

    /// An untrained model, trained on `rows` with their labels alone. To learn from rows without
    /// labels, too, [build](Self::build) the model and give it these with [`M2::unlabelled`].
    ///
    /// # Errors
    /// Those of [`Self::build`] and of [`M2::fit`].
    pub fn fit(
        self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
        fit: Fit,
    ) -> Result<(M2<D, K, Z>, History)> {
        let mut model = self.build()?;
        let history = model.fit(rows, labels, fit)?;
        Ok((model, history))
    }
}
