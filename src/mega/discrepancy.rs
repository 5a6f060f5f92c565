//! The maximum mean discrepancy between two samples (Gretton et al. 2012).

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};
use pulp::Arch;
use rayon::prelude::*;

use super::standard_error::Estimate;
use crate::{
    data::{Dataset, Missing, check_cells, check_rows, check_width},
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::{Error, Result},
    linalg::product,
    ops::exp_of_negative,
};

/// Rows whose distances are computed at once.
const BLOCK: usize = 256;
/// Most rows of a sample that the median of the distances is taken over.
const MEDIAN_ROWS: usize = 1000;

/// The squared maximum mean discrepancy between two samples of rows with the kernel
/// k(a, b) = exp(−‖a − b‖²/(2σ²)), σ the median distance between their rows.
///
/// The unbiased estimate (Gretton et al. 2012, eq. 3): its expectation is zero for samples of the
/// same distribution, so that it can fall below. It takes every pair of rows: 5,000 against 5,000
/// rows of 784 columns are some seconds.
///
/// ```
/// use elbo::mega::mmd;
/// let (near, far) = ([[0.0], [1.0], [2.0]], [[9.0], [10.0], [12.0]]);
/// assert!(mmd(&near, &far)?.squared.value > 0.5);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] for fewer than two rows in a sample or different widths, [`Error::Value`] naming
/// a cell that is missing or not finite, [`Error::Setting`] when half of all distances are zero.
pub fn mmd(x: &(impl Dataset + ?Sized), y: &(impl Dataset + ?Sized)) -> Result<Discrepancy> {
    Discrepancy::new(x, y, None)
}

/// A squared maximum mean discrepancy; made by [`mmd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discrepancy {
    /// The estimate, with the standard error that both samples give it. Where the two distributions
    /// are the same the standard error is too small: the first-order terms that it is made of vanish.
    pub squared: Estimate,
    /// σ of the kernel, in the unit of the rows.
    pub bandwidth: f64,
}

impl Discrepancy {
    /// With a kernel of a given width σ.
    ///
    /// # Errors
    /// Those of [`mmd`], and [`Error::Setting`] for a bandwidth that is not positive.
    pub fn with_bandwidth(
        x: &(impl Dataset + ?Sized),
        y: &(impl Dataset + ?Sized),
        bandwidth: f64,
    ) -> Result<Self> {
        Self::new(x, y, Some(bandwidth))
    }

    fn new(
        x: &(impl Dataset + ?Sized),
        y: &(impl Dataset + ?Sized),
        bandwidth: Option<f64>,
    ) -> Result<Self> {
        let (x, y) = (x.matrix()?, y.matrix()?);
        check_width("the second sample", y.view(), x.ncols())?;
        for sample in [x.view(), y.view()] {
            check_rows(sample, 2, "each sample needs at least two rows")?;
            check_cells(sample, Missing::Refused)?;
        }
        // Distances are differences of squares: from a common centre these are smallest.
        let centre = x.mean_axis(Axis(0)).unwrap_or_default();
        let (x, y) = (&x - &centre, &y - &centre);
        let bandwidth = match bandwidth {
            Some(bandwidth) => bandwidth,
            None => median_distance(x.view(), y.view()),
        };
        if !(bandwidth > 0.0 && bandwidth.is_finite()) {
            let requirement = "it must be positive: set one where most rows are equal";
            return Err(Error::setting("bandwidth", bandwidth, requirement));
        }
        Ok(Self { squared: unbiased(x.view(), y.view(), bandwidth), bandwidth })
    }
}

/// The U-statistic, from the sums of the kernel over each row's pairs.
fn unbiased(x: ArrayView2<f64>, y: ArrayView2<f64>, bandwidth: f64) -> Estimate {
    let (n, m) = (x.nrows() as f64, y.nrows() as f64);
    // A row is not its own pair.
    let within = |rows, count: f64| (kernel_sums(rows, rows, bandwidth).0 - 1.0) / (count - 1.0);
    let (within_x, within_y) = (within(x, n), within(y, m));
    let (to_y, to_x) = kernel_sums(x, y, bandwidth);
    let (to_y, to_x) = (to_y / m, to_x / n);
    let mean = |values: &Array1<f64>| values.mean().unwrap_or(f64::NAN);
    let value = mean(&within_x) + mean(&within_y) - 2.0 * mean(&to_y);
    // What a row of either sample adds, to first order, is twice this.
    let (of_x, of_y) = (within_x - to_y, within_y - to_x);
    let standard_error = 2.0 * (of_x.var(1.0) / n + of_y.var(1.0) / m).sqrt();
    Estimate { value, standard_error }
}

/// Σⱼ k(aᵢ, bⱼ) of every row of `a`, (n), and Σᵢ k(aᵢ, bⱼ) of every row of `b`, (m).
fn kernel_sums(
    a: ArrayView2<f64>,
    b: ArrayView2<f64>,
    bandwidth: f64,
) -> (Array1<f64>, Array1<f64>) {
    let scale = -0.5 / bandwidth.powi(2);
    let starts: Vec<usize> = (0..a.nrows()).step_by(BLOCK).collect();
    let blocks: Vec<(Array1<f64>, Array1<f64>)> = starts
        .into_par_iter()
        .map(|start| {
            let rows = a.slice(s![start..a.nrows().min(start + BLOCK), ..]);
            let mut kernel = squared_distances(rows, b);
            // A fresh array is contiguous, so the slice is always there.
            let values = kernel.as_slice_mut().unwrap_or_default();
            Arch::new().dispatch(|| {
                values.iter_mut().for_each(|value| *value = exp_of_negative(scale * *value));
            });
            (kernel.sum_axis(Axis(1)), kernel.sum_axis(Axis(0)))
        })
        .collect();
    let rows = blocks.iter().flat_map(|(rows, _)| rows.iter().copied()).collect();
    let columns = blocks.iter().fold(Array1::zeros(b.nrows()), |sum, (_, columns)| sum + columns);
    (rows, columns)
}

/// ‖aᵢ − bⱼ‖², (n, m).
fn squared_distances(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
    let squares = |rows: ArrayView2<f64>| rows.map_axis(Axis(1), |row| row.dot(&row));
    let mut distances = product(a, b.t()) * -2.0;
    distances += &squares(a).insert_axis(Axis(1));
    distances += &squares(b);
    // Rounding can leave the distance of equal rows a little below zero.
    distances.mapv_inplace(|distance| distance.max(0.0));
    distances
}

/// The median distance between different rows of both samples together, of evenly spaced rows where
/// there are many.
fn median_distance(x: ArrayView2<f64>, y: ArrayView2<f64>) -> f64 {
    let thinned = |rows: ArrayView2<f64>| {
        let count = rows.nrows().min(MEDIAN_ROWS);
        let chosen: Vec<usize> = (0..count).map(|i| i * rows.nrows() / count).collect();
        rows.select(Axis(0), &chosen)
    };
    // Both have the same width.
    let pooled = concatenate(Axis(0), &[thinned(x).view(), thinned(y).view()]).unwrap_or_default();
    let squares = squared_distances(pooled.view(), pooled.view());
    let pairs = (0..pooled.nrows()).flat_map(|i| (0..i).map(move |j| (i, j)));
    let mut distances: Vec<f64> = pairs.map(|pair| squares[pair].sqrt()).collect();
    let middle = distances.len() / 2;
    let odd = distances.len() % 2 == 1;
    let (below, &mut median, _) = distances.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().fold(0.0, f64::max);
    if odd { median } else { 0.5 * (lower + median) }
}

impl RichDisplay for Discrepancy {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        Ok(MimeBundle::new(format!("MMD² = {}, bandwidth {:.4}", self.squared, self.bandwidth)))
    }
}

impl_evcxr_display!(Discrepancy);
