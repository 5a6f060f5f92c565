//! The two estimates of the mean and the second moment of x, and their gap.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::{
    data::{Dataset, Missing, check_cells, check_rows, check_width},
    error::Result,
    latent::Moments,
    linalg::scatter,
};

/// What the data say about the mean and the second moment.
///
/// DE = S + x̄x̄ᵀ (lecture, eq. 26). S and x̄ are kept apart: far from zero the squares of x̄ would
/// take the digits of everything else.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DataMoments {
    pub rows: usize,
    /// x̄, (D).
    pub mean: Array1<f64>,
    /// The sample covariance S with n − 1, (D, D).
    pub covariance: Array2<f64>,
}

impl DataMoments {
    /// # Errors
    /// [`crate::Error::Shape`] for fewer than two rows or a width other than `width`,
    /// [`crate::Error::Value`] naming a cell that is missing or not finite.
    pub fn new(rows: &(impl Dataset + ?Sized), width: usize) -> Result<Self> {
        let rows = rows.matrix()?;
        check_width("the data", rows.view(), width)?;
        Self::of(rows.view())
    }

    /// # Errors
    /// Those of [`Self::new`], for any width.
    pub fn of(x: ArrayView2<f64>) -> Result<Self> {
        check_rows(x, 2, "a covariance needs at least two rows")?;
        check_cells(x, Missing::Refused)?;
        let mean = x.mean_axis(Axis(0)).unwrap_or_default();
        let covariance = scatter(x, mean.view(), None) / (x.nrows() as f64 - 1.0);
        Ok(Self { rows: x.nrows(), mean, covariance })
    }

    /// DE, (D, D).
    pub fn second_moment(&self) -> Array2<f64> {
        &self.covariance + &outer(&self.mean, &self.mean)
    }

    /// The mean of E(x|z) less x̄, and DE − FME (lecture, eq. 27 and 30), from p(x|z) at draws of z.
    ///
    /// With u = E(x|z) − x̄ and its mean δ the terms in x̄x̄ᵀ cancel:
    /// DE − FME = S − mean(Var(x|z)) − mean(uuᵀ) − x̄δᵀ − δx̄ᵀ.
    pub fn gaps(&self, conditional: &Moments) -> (Array1<f64>, Array2<f64>) {
        let draws = conditional.mean.nrows() as f64;
        let mean_gap = conditional.mean.mean_axis(Axis(0)).unwrap_or_default() - &self.mean;
        let mut gap = &self.covariance - &conditional.covariances.mean();
        gap.scaled_add(-1.0 / draws, &scatter(conditional.mean.view(), self.mean.view(), None));
        let cross = outer(&self.mean, &mean_gap);
        gap -= &(&cross + &cross.t());
        (mean_gap, gap)
    }
}

fn outer(a: &Array1<f64>, b: &Array1<f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.len(), b.len()), |(i, j)| a[i] * b[j])
}
