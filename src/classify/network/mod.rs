//! Networks that classify images: LeNet-5, a deep fully connected network, and a committee.
//!
//! They maximise the mean of log p(class | image) with Adam, in the training loop of all models:
//! [`crate::Fit`] says how, [`NetworkClassifier::watch`] shows the network meanwhile, and Ctrl-C
//! keeps what was learned.

mod card;
mod committee;
mod core;
mod kind;
mod params;
#[cfg(test)]
mod tests;

use std::{marker::PhantomData, path::Path};

use ndarray::{Array2, Axis};

pub use kind::{CommitteeOfLeNet5, FullyConnected, LeNet5, NetworkKind};
pub use params::NetworkClassifierParams;

use self::{
    core::{Core, mean_of_own_class},
    kind::file,
};
use super::{Classes, Classifier};
use crate::{
    data::{ImageSet, Images},
    device::Device,
    display::RichDisplay,
    error::Result,
    train::{Alone, Fit, History, Subject, Trainable, Training, Watched, run},
};

/// LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998) for images of H×W pixels, as it is built today:
/// 5×5 convolutions to 6 and to 16 maps, each followed by rectifiers and 2×2 max pooling, then dense
/// layers of 120 and 84 rectifiers and the logits of the classes. Two zeros surround the image.
///
/// ```
/// use elbo::{Classifier, Fit, classify::LeNet, data::handwriting};
///
/// let images = handwriting().writers(8).repeats(2).images::<28>();
/// let mut lenet = LeNet::<28, 28>::params().seed(1).build(&images, "digit")?;
/// let history = lenet.fit(&images, Fit::new().epochs(3).batch(32))?;
/// assert!(history.train[2].elbo > history.train[0].elbo, "log p(digit | image) rises");
/// assert_eq!(lenet.probabilities(&images)?.dim(), (160, 10));
/// # Ok::<(), elbo::Error>(())
/// ```
pub type LeNet<const H: usize, const W: usize> = NetworkClassifier<LeNet5, H, W>;

/// A deep fully connected network for images of H×W pixels.
///
/// ```
/// use elbo::{Classifier, Fit, classify::DeepNetwork, data::handwriting};
///
/// let images = handwriting().writers(8).repeats(2).images::<28>();
/// let params = DeepNetwork::<28, 28>::params().hidden([64, 32]).predictors(["digit"]);
/// let (network, _) = params.fit(&images, "writer", Fit::new().epochs(2).batch(32))?;
/// assert_eq!(network.classes().len(), 8);
/// # Ok::<(), elbo::Error>(())
/// ```
pub type DeepNetwork<const H: usize, const W: usize> = NetworkClassifier<FullyConnected, H, W>;

/// A committee of 25 LeNet-5, or another number of them, for images of H×W pixels. They differ in
/// their first parameters and in the order in which they see the images; their probabilities are
/// averaged (Cireşan, Meier, Gambardella and Schmidhuber 2011). The first member is the [`LeNet`] of
/// the same seed.
///
/// All members take each step of the training side by side, so that the committee can be watched,
/// stopped and continued like one network. Its training curve is the mean of the members', its
/// validation curve that of the averaged probabilities.
///
/// ```
/// use elbo::{Classifier, Fit, classify::Committee, data::handwriting};
///
/// let images = handwriting().writers(8).repeats(2).images::<28>();
/// let params = Committee::<28, 28>::params().members(3);
/// let (committee, _) = params.fit(&images, "digit", Fit::new().epochs(2).batch(32))?;
/// assert_eq!(committee.name(), "committee of 3 LeNet-5");
/// # Ok::<(), elbo::Error>(())
/// ```
pub type Committee<const H: usize, const W: usize> = NetworkClassifier<CommitteeOfLeNet5, H, W>;

/// A network that predicts a label of images of H×W pixels: a [`LeNet`], a [`DeepNetwork`] or a
/// [`Committee`], as `N` says.
pub struct NetworkClassifier<N, const H: usize, const W: usize> {
    core: Core,
    kind: PhantomData<fn() -> N>,
}

impl<N: NetworkKind, const H: usize, const W: usize> NetworkClassifier<N, H, W> {
    /// The settings, to change and to build from.
    pub fn params() -> NetworkClassifierParams<N, H, W> {
        NetworkClassifierParams::new()
    }

    /// Trains on `images`, from the parameters as they are, and returns the curves. Called again
    /// with the same images, seed and share for validation it goes on with the training, as
    /// [`crate::Vae::fit`] does.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for settings outside their range and for label values that are no
    /// classes of this network, [`crate::Error::UnknownLabel`] when the images lack a label,
    /// [`crate::Error::NonFinite`] when the likelihood leaves the numbers; the network then has the
    /// last parameters with a finite one.
    pub fn fit(&mut self, images: &Images<H, W>, fit: Fit) -> Result<History> {
        let examples = self.core.examples(images)?;
        let Core { engine, training, .. } = &mut self.core;
        run(&mut Alone { model: &mut **engine, training }, examples.view(), fit)
    }

    /// Adds a display that is redrawn while the network trains: see [`Watched`].
    pub fn watch<'a, R: RichDisplay>(
        &'a mut self,
        view: impl FnMut(&Self) -> Result<R> + 'a,
    ) -> Watched<'a, Self> {
        Watched::new(self).watch(view)
    }

    /// The curves of the training so far.
    pub fn history(&self) -> Option<&History> {
        self.core.training.as_ref().map(|training| &training.history)
    }

    /// The mean of log p(class | image) over the images, in nats an image, with the class that each
    /// has. Never above 0; −ln of the number of classes is chance.
    ///
    /// # Errors
    /// Those of [`Self::fit`] for the images.
    pub fn mean_log_likelihood(&self, images: &Images<H, W>) -> Result<f64> {
        let examples = self.core.examples(images)?;
        let inputs = examples.slice(ndarray::s![.., ..examples.ncols() - 1]);
        let log_probabilities = self.core.engine.output((), inputs, self.core.classes.len())?;
        Ok(mean_of_own_class(&log_probabilities, examples.view()))
    }

    /// Writes the network and the state of its training to a safetensors file, at once or not at
    /// all.
    ///
    /// # Errors
    /// [`crate::Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.core.save(file::<N>(), path.as_ref())
    }

    /// Reads a network that [`Self::save`] wrote, to compute on [`Device::best`].
    ///
    /// # Errors
    /// [`crate::Error::File`] for a file that is missing, damaged or holds something else;
    /// [`crate::Error::Shape`] for a network of images of another size.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::load_on(path, &Device::best())
    }

    /// Reads a network to compute on `device`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_on(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        let core = Core::load(file::<N>(), (H, W), path.as_ref(), device)?;
        Ok(Self { core, kind: PhantomData })
    }
}

impl<N: NetworkKind, const H: usize, const W: usize> Classifier for NetworkClassifier<N, H, W> {
    fn name(&self) -> String {
        self.core.configuration.name()
    }

    fn classes(&self) -> &Classes {
        &self.core.classes
    }

    fn probabilities(&self, images: &dyn ImageSet) -> Result<Array2<f64>> {
        let mut probabilities = self.core.log_probabilities(images)?.mapv(f64::exp);
        // The logarithms have 24 bits; so far off 1 may a sum be.
        for mut row in probabilities.axis_iter_mut(Axis(0)) {
            let sum = row.sum();
            row /= sum;
        }
        Ok(probabilities)
    }
}

impl<N: NetworkKind, const H: usize, const W: usize> Watched<'_, NetworkClassifier<N, H, W>> {
    /// Trains the network: see [`NetworkClassifier::fit`].
    ///
    /// # Errors
    /// Those of [`NetworkClassifier::fit`].
    pub fn fit(mut self, images: &Images<H, W>, fit: Fit) -> Result<History> {
        let examples = self.model.core.examples(images)?;
        run(&mut self, examples.view(), fit)
    }
}

impl<N: NetworkKind, const H: usize, const W: usize> Subject
    for Watched<'_, NetworkClassifier<N, H, W>>
{
    fn model(&mut self) -> &mut dyn Trainable {
        &mut *self.model.core.engine
    }

    fn training(&mut self) -> &mut Option<Training> {
        &mut self.model.core.training
    }

    fn is_watched(&self) -> bool {
        self.has_views()
    }

    fn redraw(&mut self) {
        self.redraw_views();
    }
}
