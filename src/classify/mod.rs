//! Predicting a label of images, such as the digit or the writer, and how well it is done.
//!
//! A [`Classifier`] is what is left after a fit; how it is fitted is the matter of each type:
//! [`LeNet`], [`Committee`] and [`DeepNetwork`] are networks, [`NearestNeighbours`] remembers the
//! images, [`MajorityVote`] does not look at them.

mod classes;
mod confusion;
mod evaluate;
mod majority;
mod nearest_neighbours;
mod network;

use ndarray::Array2;

pub use classes::Classes;
pub use confusion::ConfusionMatrix;
pub use evaluate::{AccuracyTable, Evaluation, MethodScores, PairedTest, TTest, Trials, evaluate};
pub use majority::MajorityVote;
pub use nearest_neighbours::{NearestNeighbours, NearestNeighboursParams, Neighbour};
pub use network::{
    Committee, CommitteeOfLeNet5, DeepNetwork, FullyConnected, LeNet, LeNet5, NetworkClassifier,
    NetworkClassifierParams, NetworkKind,
};

use crate::{
    data::{ImageSet, check_one_each},
    error::{Error, Result},
    latent::{most_probable, share_right},
};

/// A fitted classifier of images of one size.
///
/// It is given whole [`ImageSet`]s, and not only pixels, so that it may use other labels of the
/// images as predictors. `&Images<28, 28>` is one.
pub trait Classifier {
    /// The name by which tables call it.
    fn name(&self) -> String;

    /// The classes that it tells apart.
    fn classes(&self) -> &Classes;

    /// p(class | image), (n, classes), in the order of [`Classes::values`]; rows sum to 1.
    ///
    /// # Errors
    /// [`Error::Shape`] for images of another size than those of the fit, and
    /// [`Error::UnknownLabel`] when images lack a label that serves as a predictor.
    fn probabilities(&self, images: &dyn ImageSet) -> Result<Array2<f64>>;

    /// The most probable label value of every image; of equally probable ones the lowest.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`].
    fn predict(&self, images: &dyn ImageSet) -> Result<Vec<u32>> {
        Ok(most_probable(self.probabilities(images)?.view(), self.classes().values()))
    }

    /// The share of `images` for which the prediction is the value of their label.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`]; [`Error::UnknownLabel`] when the images lack the label;
    /// [`Error::Shape`] when there are none.
    fn accuracy(&self, images: &dyn ImageSet) -> Result<f64> {
        let truth = images.label(self.classes().label())?;
        let predicted = self.predict(images)?;
        check_one_each("class", truth.len(), predicted.len())?;
        Ok(share_right(&predicted, truth))
    }
}

/// # Errors
/// [`Error::Shape`] when the images do not have the size, height and width, of those of the fit.
pub(crate) fn check_frame(images: &dyn ImageSet, frame: (usize, usize)) -> Result<()> {
    let got = images.frame();
    if got == frame {
        return Ok(());
    }
    Err(Error::Shape {
        what: "each image".to_owned(),
        got: vec![got.0, got.1],
        want: vec![frame.0, frame.1],
        advice: "a classifier takes images of the size that it was fitted to".to_owned(),
    })
}
