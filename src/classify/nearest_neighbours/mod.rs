//! k nearest neighbours.

mod search;
#[cfg(test)]
mod tests;

use ndarray::{Array2, ArrayView2, Axis};

use self::search::Haystack;
use super::{Classes, Classifier, check_frame};
use crate::{
    data::ImageSet,
    display::{MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
};

/// An image of the fit, as seen from another image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its place among the images of the fit.
    pub row: usize,
    /// The Euclidean distance of the pixels.
    pub distance: f64,
}

/// Classifies an image as most of the `k` images do that are nearest to it: p(class | image) is the
/// class's share of them.
///
/// The neighbours are exact. Of equally near images the earlier one counts; of classes with as many
/// neighbours the one whose neighbour is nearest.
///
/// ```
/// use elbo::{Classifier, classify::NearestNeighbours, data::handwriting};
///
/// let images = handwriting().writers(12).repeats(2).images::<28>();
/// let (train, test) = images.split_by("writer", 0.75, 0)?;
/// let neighbours = NearestNeighbours::params(3).fit(&train, "digit")?;
/// assert!(neighbours.accuracy(&test)? > 0.5);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NearestNeighbours {
    k: usize,
    classes: Classes,
    /// The class of each image, counted from zero.
    of: Vec<usize>,
    frame: (usize, usize),
    /// One image per row, in row-major order.
    pixels: Array2<f32>,
}

/// The settings of [`NearestNeighbours`]; made by [`NearestNeighbours::params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearestNeighboursParams {
    k: usize,
}

impl NearestNeighboursParams {
    /// Keeps a copy of the images and the values of their label.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when there is no such label, [`Error::Shape`] without an image, and
    /// [`Error::Setting`] when k is zero or larger than the number of images.
    pub fn fit(self, images: &dyn ImageSet, label: &str) -> Result<NearestNeighbours> {
        let values = images.label(label)?;
        let classes = Classes::of(label, values)?;
        if !(1..=values.len()).contains(&self.k) {
            let requirement = format!("there are {} images, and it is at least 1", values.len());
            return Err(Error::setting("the number of neighbours", self.k, requirement));
        }
        let of = classes.encode(values)?;
        let pixels = images.pixels().as_standard_layout().into_owned();
        Ok(NearestNeighbours { k: self.k, classes, of, frame: images.frame(), pixels })
    }
}

impl NearestNeighbours {
    /// Looks at `k` neighbours.
    pub fn params(k: usize) -> NearestNeighboursParams {
        NearestNeighboursParams { k }
    }

    /// The k neighbours of every image, the nearest first.
    ///
    /// # Errors
    /// [`Error::Shape`] for images of another size than those of the fit.
    pub fn neighbours(&self, images: &dyn ImageSet) -> Result<Vec<Vec<Neighbour>>> {
        check_frame(images, self.frame)?;
        let queries = images.pixels();
        let queries = queries.as_standard_layout();
        let haystack = Haystack::new(slice(self.pixels.view()), self.pixels.ncols());
        Ok(haystack.nearest(slice(queries.view()), self.k))
    }

    /// How many of the neighbours are of each class, in the order of the classes.
    fn votes(&self, neighbours: &[Neighbour]) -> Vec<usize> {
        let mut votes = vec![0; self.classes.len()];
        neighbours.iter().for_each(|neighbour| votes[self.of[neighbour.row]] += 1);
        votes
    }

    /// The class with the most votes, or the nearest of several.
    fn winner(&self, neighbours: &[Neighbour]) -> u32 {
        let votes = self.votes(neighbours);
        let most = votes.iter().max().copied().unwrap_or_default();
        // The nearest comes first, and each neighbour has voted.
        let classes = neighbours.iter().map(|neighbour| self.of[neighbour.row]);
        let winner = classes.into_iter().find(|&class| votes[class] == most);
        self.classes.values()[winner.unwrap_or_default()]
    }
}

/// The values of a matrix in row-major order.
fn slice(matrix: ArrayView2<'_, f32>) -> &[f32] {
    // The matrix has just been brought into this order, so the slice is always there.
    matrix.to_slice().unwrap_or_default()
}

impl Classifier for NearestNeighbours {
    fn name(&self) -> String {
        format!("{}-NN", self.k)
    }

    fn classes(&self) -> &Classes {
        &self.classes
    }

    fn probabilities(&self, images: &dyn ImageSet) -> Result<Array2<f64>> {
        let neighbours = self.neighbours(images)?;
        let mut shares = Array2::zeros((neighbours.len(), self.classes.len()));
        for (mut row, neighbours) in shares.axis_iter_mut(Axis(0)).zip(&neighbours) {
            for (share, votes) in row.iter_mut().zip(self.votes(neighbours)) {
                *share = votes as f64 / neighbours.len() as f64;
            }
        }
        Ok(shares)
    }

    fn predict(&self, images: &dyn ImageSet) -> Result<Vec<u32>> {
        Ok(self.neighbours(images)?.iter().map(|near| self.winner(near)).collect())
    }
}

impl RichDisplay for NearestNeighbours {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (height, width) = self.frame;
        Table::new("Nearest neighbours", ["", "value"])
            .row(["neighbours".into(), self.k.to_string().into()])
            .row(["label".into(), self.classes.label().into()])
            .row(["classes".into(), self.classes.len().to_string().into()])
            .row(["images".into(), self.of.len().to_string().into()])
            .row(["size".into(), format!("{height}×{width}").into()])
            .mime_bundle()
    }
}

impl_evcxr_display!(NearestNeighbours);
