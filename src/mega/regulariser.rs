//! MEGA as something to descend: value and gradient by what a decoder says of x given z.

use ndarray::{Array1, Array2, ArrayView2, CowArray, Ix2};

use crate::{
    data::{Dataset, Missing, check_cells, check_rows},
    error::{Error, Result},
    ops::{Gap, ObservedMoments, Weights},
};

/// The data's side of the gap, computed once: 1MEGA-F and 2MEGA-F of any conditional means and
/// variances, with their gradients, in single precision.
///
/// With n rows, m draws and D columns it holds D² numbers, or n·D where that is less; a step takes
/// two products of D × D matrices with m × D ones, the first of them at half the work because the
/// gap is symmetric, or products of (n + m)² size where n + m < D. The trainings of models use the
/// same arithmetic: see [`crate::Fit::mega`].
///
/// ```
/// use elbo::mega::Regulariser;
/// use ndarray::{Array2, array};
///
/// let rows = [[0.0, 1.0], [2.0, 3.0], [4.0, 2.0]];
/// let regulariser = Regulariser::new(&rows)?;
/// let mean: Array2<f32> = array![[1.0, 2.0], [3.0, 2.0]]; // E(x|z) at two draws of z
/// let gap = regulariser.at(mean.view(), array![[1.0, 0.5]].view())?; // Var(x|z), the same for both
/// assert!(gap.first() < 1e-6 && gap.second() > 1.0);
/// let downhill = &mean - gap.gradient(0.0, 1.0).mean * 0.1;
/// assert!(regulariser.at(downhill.view(), array![[1.0, 0.5]].view())?.second() < gap.second());
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Debug)]
pub struct Regulariser {
    observed: ObservedMoments,
}

impl Regulariser {
    /// The moments of `rows`.
    ///
    /// # Errors
    /// [`Error::Shape`] for fewer than two rows, [`Error::Value`] naming a cell that is missing or
    /// not finite.
    pub fn new(rows: &(impl Dataset + ?Sized)) -> Result<Self> {
        let rows = rows.matrix()?;
        check_rows(rows.view(), 2, "a covariance needs at least two rows")?;
        check_cells(rows.view(), Missing::Refused)?;
        let data = rows.mapv(|value| value as f32);
        let all: Vec<usize> = (0..data.nrows()).collect();
        Ok(Self { observed: ObservedMoments::new(data.view(), &all) })
    }

    /// The gap at conditional means E(x|z), (m, D), and variances, (m, D) or one row for all draws.
    ///
    /// # Errors
    /// [`Error::Shape`] for other widths than the data's, no draws, or another number of variances.
    pub fn at<'a>(
        &self,
        mean: ArrayView2<'a, f32>,
        variance: ArrayView2<f32>,
    ) -> Result<GapAt<'a>> {
        let (draws, width) = (mean.nrows(), self.observed.width());
        check_shape("the conditional means", &mean, (draws.max(1), width))?;
        let rows = if variance.nrows() == 1 { 1 } else { draws };
        check_shape("the conditional variances", &variance, (rows, width))?;
        let (mean, variance) = (readable(mean), readable(variance));
        let gap = Gap::new(&self.observed, slice(&mean), slice(&variance));
        Ok(GapAt { gap, mean })
    }
}

/// The gap between data and a model at some draws of z; made by [`Regulariser::at`].
pub struct GapAt<'a> {
    gap: Gap,
    mean: CowArray<'a, f32, Ix2>,
}

impl GapAt<'_> {
    /// 1MEGA-F: the norm of the mean of E(x|z) less the mean of the data.
    pub fn first(&self) -> f64 {
        self.gap.first
    }

    /// 2MEGA-F: the Frobenius norm of the gap between the second moments (lecture, eq. 30).
    pub fn second(&self) -> f64 {
        self.gap.second
    }

    /// The gradient of first·1MEGA-F + second·2MEGA-F. A norm of zero has none and adds nothing.
    pub fn gradient(&self, first: f64, second: f64) -> GapGradient {
        let weights = Weights { first, second };
        let mut mean = Array2::zeros(self.mean.dim());
        let target = mean.as_slice_mut().unwrap_or_default();
        self.gap.add_mean_gradient(target, slice(&self.mean), weights);
        GapGradient { mean, variance: self.gap.variance_gradient(weights).into() }
    }
}

/// The derivatives of a norm of the gap.
#[derive(Clone, Debug, PartialEq)]
pub struct GapGradient {
    /// By the conditional means, (m, D).
    pub mean: Array2<f32>,
    /// By the conditional variances, (D): the same for every draw of z.
    pub variance: Array1<f32>,
}

fn check_shape(what: &str, array: &ArrayView2<f32>, want: (usize, usize)) -> Result<()> {
    if array.dim() == want {
        return Ok(());
    }
    Err(Error::Shape {
        what: what.to_owned(),
        got: array.shape().to_vec(),
        want: vec![want.0, want.1],
        advice: "pass a row for each draw of z, with the columns of the data".to_owned(),
    })
}

/// The array itself where its values lie in row-major order, and a copy otherwise.
fn readable(array: ArrayView2<'_, f32>) -> CowArray<'_, f32, Ix2> {
    if array.is_standard_layout() {
        array.into()
    } else {
        array.as_standard_layout().into_owned().into()
    }
}

fn slice<'a>(array: &'a CowArray<'_, f32, Ix2>) -> &'a [f32] {
    // Readable arrays are contiguous.
    array.as_slice().unwrap_or_default()
}
