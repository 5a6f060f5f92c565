//! The classifier that does not look.

use ndarray::{Array1, Array2};

use super::{Classes, Classifier};
use crate::{
    data::ImageSet,
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
};

/// Gives every image the label value that was most common in the fit, the lowest of several. What
/// another classifier is better by, it has learnt from the pixels.
///
/// ```
/// use elbo::{Classifier, classify::MajorityVote, data::handwriting};
///
/// let images = handwriting().writers(2).repeats(3).images::<28>();
/// let vote = MajorityVote::fit(&images.filter("digit", 7)?, "digit")?;
/// assert_eq!(vote.accuracy(&images)?, 0.1);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MajorityVote {
    classes: Classes,
    shares: Array1<f64>,
}

impl MajorityVote {
    /// Counts the values of the label.
    ///
    /// # Errors
    /// [`crate::Error::UnknownLabel`] when there is no such label, [`crate::Error::Shape`] without
    /// an image.
    pub fn fit(images: &dyn ImageSet, label: &str) -> Result<Self> {
        let values = images.label(label)?;
        let classes = Classes::of(label, values)?;
        let mut shares = Array1::zeros(classes.len());
        classes.encode(values)?.into_iter().for_each(|class| shares[class] += 1.0);
        shares /= values.len() as f64;
        Ok(Self { classes, shares })
    }

    /// The share of each class among the images of the fit, in the order of the classes.
    pub fn shares(&self) -> &Array1<f64> {
        &self.shares
    }
}

impl Classifier for MajorityVote {
    fn name(&self) -> String {
        "majority".to_owned()
    }

    fn classes(&self) -> &Classes {
        &self.classes
    }

    fn probabilities(&self, images: &dyn ImageSet) -> Result<Array2<f64>> {
        let n = images.len();
        Ok(Array2::from_shape_fn((n, self.shares.len()), |(_, class)| self.shares[class]))
    }
}

impl RichDisplay for MajorityVote {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("Shares of the label {:?}", self.classes.label());
        let mut table = Table::new(title, ["value", "share"]);
        for (value, share) in self.classes.values().iter().zip(&self.shares) {
            table = table.row([Cell::Number(value.to_string()), Cell::decimals(*share, 4)]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(MajorityVote);
