//! The settings of networks that classify images.

use std::marker::PhantomData;

use super::{
    NetworkClassifier,
    core::{Configuration, Core, Labelling},
    kind::{CommitteeOfLeNet5, FullyConnected, NetworkKind},
};
use crate::{
    data::Images,
    device::Device,
    error::{Error, Result},
    nn::{Architecture, check_hidden},
    ops::Activation,
    train::{Fit, History},
};

/// The settings of a network, whatever its kind.
#[derive(Clone, Debug)]
pub struct Settings {
    architecture: Architecture,
    /// How many networks vote, if it is a committee.
    members: Option<usize>,
    predictors: Vec<String>,
    seed: u64,
    device: Device,
}

impl Settings {
    /// No predictors beside the pixels, seed 0, best device.
    pub(super) fn new(architecture: Architecture, members: Option<usize>) -> Self {
        Self { architecture, members, predictors: Vec::new(), seed: 0, device: Device::best() }
    }
}

/// The settings of a [`NetworkClassifier`]; made by [`NetworkClassifier::params`].
#[derive(Clone, Debug)]
pub struct NetworkClassifierParams<N, const H: usize, const W: usize> {
    settings: Settings,
    kind: PhantomData<fn() -> N>,
}

impl<N: NetworkKind, const H: usize, const W: usize> NetworkClassifierParams<N, H, W> {
    pub(super) fn new() -> Self {
        N::check_frame::<H, W>();
        Self { settings: N::settings(), kind: PhantomData }
    }

    /// Labels that are known of every image, such as the writer when the digit is asked for: their
    /// one-hot values join the image at the first dense layer. None unless set.
    pub fn predictors<L: Into<String>>(mut self, labels: impl IntoIterator<Item = L>) -> Self {
        self.settings.predictors = labels.into_iter().map(Into::into).collect();
        self
    }

    /// Decides the first parameters, and for a committee the order of each member's images.
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Where the model computes.
    pub fn device(mut self, device: Device) -> Self {
        self.settings.device = device;
        self
    }

    /// An untrained network for the label called `label`, whose classes are its values in `images`.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when the images lack the label or a predictor; [`Error::Shape`]
    /// without images; [`Error::Setting`] for settings outside their range;
    /// [`Error::Device`] when the device has no room.
    pub fn build(self, images: &Images<H, W>, label: &str) -> Result<NetworkClassifier<N, H, W>> {
        let Settings { architecture, members, predictors, seed, device } = self.settings;
        if let Architecture::Dense { hidden, .. } = &architecture {
            check_hidden("hidden", hidden)?;
        }
        if members == Some(0) {
            return Err(Error::setting("members", 0, "it must be at least 1"));
        }
        let target = Labelling::of(images, label)?;
        let predictors = predictors.iter().map(|predictor| {
            if predictor == label {
                let requirement = "it is what is to be predicted";
                return Err(Error::setting("predictors", format!("{label:?}"), requirement));
            }
            Labelling::of(images, predictor)
        });
        let predictors = predictors.collect::<Result<_>>()?;
        let frame = (H, W);
        let configuration =
            Configuration { frame, architecture, members, target, predictors, seed };
        Ok(NetworkClassifier { core: Core::new(configuration, device)?, kind: PhantomData })
    }

    /// An untrained network, trained on `images`.
    ///
    /// When the training fails the model is lost with it; [`Self::build`] and
    /// [`NetworkClassifier::fit`] keep it.
    ///
    /// # Errors
    /// Those of [`Self::build`] and of [`NetworkClassifier::fit`].
    pub fn fit(
        self,
        images: &Images<H, W>,
        label: &str,
        fit: Fit,
    ) -> Result<(NetworkClassifier<N, H, W>, History)> {
        let mut classifier = self.build(images, label)?;
        let history = classifier.fit(images, fit)?;
        Ok((classifier, history))
    }
}

impl<const H: usize, const W: usize> NetworkClassifierParams<FullyConnected, H, W> {
    /// Units of the layers between the image and the logits; 512, 256 and 128 unless set.
    pub fn hidden(mut self, sizes: impl Into<Vec<usize>>) -> Self {
        if let Architecture::Dense { hidden, .. } = &mut self.settings.architecture {
            *hidden = sizes.into();
        }
        self
    }

    /// The function at the end of these layers; rectifiers unless set.
    pub fn activation(mut self, function: Activation) -> Self {
        if let Architecture::Dense { activation, .. } = &mut self.settings.architecture {
            *activation = function;
        }
        self
    }
}

impl<const H: usize, const W: usize> NetworkClassifierParams<CommitteeOfLeNet5, H, W> {
    /// How many networks vote; 25 unless set.
    pub fn members(mut self, count: usize) -> Self {
        self.settings.members = Some(count);
        self
    }
}
