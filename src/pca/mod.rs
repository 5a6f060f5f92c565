//! Principal component analysis: the directions of largest variance (Pearson 1901, Hotelling 1933).
//!
//! The axes are the eigenvectors of the sample covariance, in the order of their eigenvalues, each
//! with the sign that makes its entry of largest size positive. That is scikit-learn's convention.

mod angles;
mod checkpoint;
mod components;

use ndarray::{Array1, Array2, ArrayView2};

pub use angles::principal_angles;
pub(crate) use components::PrincipalComponents;

use crate::{
    data::{Dataset, Missing, check_cells, check_rows, check_width},
    display::{
        Cell, ImageGrid, LatentMap, MimeBundle, ModelCard, RichDisplay, Table, impl_evcxr_display,
    },
    error::{Error, Result},
    linalg::product,
};

/// Principal components of rows of D values.
///
/// ```
/// use elbo::Pca;
///
/// let rows = [[0.0, 0.1], [1.0, 0.9], [2.0, 2.1], [3.0, 2.9]];
/// let pca = Pca::params(1).fit(&rows)?;
/// assert!(pca.explained_variance_ratio()[0] > 0.99);
/// let scores = pca.transform(&rows)?;
/// let error = (pca.inverse_transform(&scores)? - ndarray::arr2(&rows)).mapv(f64::abs);
/// assert!(error.iter().all(|&error| error < 0.15));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// The mean of the rows, (D).
    pub mean: Array1<f64>,
    /// Unit vectors, one a row, (components, D).
    pub axes: Array2<f64>,
    /// Variance of the rows along each axis, with divisor n − 1, in squared units of the data.
    pub explained_variance: Array1<f64>,
    /// The sum of the variances of all columns.
    pub total_variance: f64,
    /// Height and width, when the rows were images.
    frame: Option<(usize, usize)>,
}

/// The settings of a [`Pca`]; made by [`Pca::params`].
#[derive(Clone, Copy, Debug)]
pub struct PcaParams {
    components: usize,
}

impl Pca {
    /// The settings: how many components are kept.
    pub fn params(components: usize) -> PcaParams {
        PcaParams { components }
    }

    /// The share of the total variance along each axis.
    pub fn explained_variance_ratio(&self) -> Array1<f64> {
        &self.explained_variance / self.total_variance
    }

    /// The mean variance in the directions left out, which have D − components dimensions.
    pub fn noise_variance(&self) -> f64 {
        let left = (self.mean.len() - self.explained_variance.len()).max(1) as f64;
        ((self.total_variance - self.explained_variance.sum()) / left).max(0.0)
    }

    /// Scores, the coordinates on the axes: (n, D) → (n, components).
    ///
    /// # Errors
    /// [`Error::Shape`] for rows of another width, [`Error::Value`] for a cell that is not finite.
    pub fn transform(&self, rows: &(impl Dataset + ?Sized)) -> Result<Array2<f64>> {
        let rows = rows.matrix()?;
        check_width("the data", rows.view(), self.mean.len())?;
        check_cells(rows.view(), Missing::Refused)?;
        Ok(product((&rows - &self.mean).view(), self.axes.t()))
    }

    /// The points of the data's space that have these scores: (n, components) → (n, D).
    ///
    /// # Errors
    /// [`Error::Shape`] for scores of another width.
    pub fn inverse_transform(&self, scores: &(impl Dataset + ?Sized)) -> Result<Array2<f64>> {
        let scores = scores.matrix()?;
        check_width("the scores", scores.view(), self.axes.nrows())?;
        Ok(product(scores.view(), self.axes.view()) + &self.mean)
    }

    /// The first two scores of every row, coloured by an integer label of the rows.
    ///
    /// # Errors
    /// Those of [`Self::transform`], [`Error::UnknownLabel`], and [`Error::Setting`] with fewer than
    /// two components.
    pub fn map(&self, rows: &(impl Dataset + ?Sized), label: &str) -> Result<LatentMap> {
        let labels = rows.label_values(label)?;
        first_two(self.transform(rows)?.view())?
            .title("Principal components")
            .labels(label, &labels)
    }

    /// The axes as images, each scaled so that zero is mid-grey.
    ///
    /// # Errors
    /// [`Error::Setting`] when the rows were not images.
    pub fn axis_images(&self) -> Result<ImageGrid> {
        let frame = self.frame.ok_or_else(|| {
            Error::setting("axis_images", "a model of rows", "only images can be drawn")
        })?;
        let mut images = self.axes.clone();
        for mut axis in images.rows_mut() {
            let largest = axis.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
            axis.mapv_inplace(|value| 0.5 + 0.5 * value / largest);
        }
        let images = images.mapv(|value| value as f32);
        Ok(ImageGrid::new(images.view(), frame)?.title("Principal axes"))
    }
}

/// A map of the first two columns.
///
/// # Errors
/// [`Error::Setting`] when there are fewer.
pub(crate) fn first_two(points: ArrayView2<f64>) -> Result<LatentMap> {
    if points.ncols() < 2 {
        return Err(Error::setting("dimensions", points.ncols(), "a map needs two"));
    }
    LatentMap::new(points.slice(ndarray::s![.., ..2]).mapv(|value| value as f32).view())
}

impl PcaParams {
    /// Finds the components of `rows`.
    ///
    /// # Errors
    /// [`Error::Setting`] for more components than there are rows or columns, [`Error::Value`] for
    /// a cell that is missing or not finite.
    pub fn fit(self, rows: &(impl Dataset + ?Sized)) -> Result<Pca> {
        let frame = rows.image_frame();
        let rows = rows.matrix()?;
        check_rows(rows.view(), 2, "a variance needs at least two rows")?;
        check_cells(rows.view(), Missing::Refused)?;
        let found = PrincipalComponents::new(rows.view(), self.components)?;
        let divisor = (rows.nrows() - 1) as f64;
        Ok(Pca {
            mean: found.mean,
            axes: found.axes,
            explained_variance: found.sums_of_squares / divisor,
            total_variance: found.total / divisor,
            frame,
        })
    }
}

impl RichDisplay for Pca {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!(
            "Principal components of {} columns, noise variance {:.4}",
            self.mean.len(),
            self.noise_variance()
        );
        let columns = ["component", "explained variance", "share", "cumulative share"];
        let mut table = Table::new(title, columns);
        let mut cumulative = 0.0;
        let shares = self.explained_variance_ratio();
        for (i, (variance, share)) in self.explained_variance.iter().zip(&shares).enumerate() {
            cumulative += share;
            table = table.row([
                Cell::from(i + 1),
                Cell::from(*variance),
                Cell::decimals(*share, 4),
                Cell::decimals(cumulative, 4),
            ]);
        }
        let card = ModelCard::new(table);
        match self.axis_images() {
            Ok(axes) => card.picture("Principal axes", axes.mime_bundle()).bundle(),
            Err(_) => card.bundle(),
        }
    }
}

impl_evcxr_display!(Pca);
