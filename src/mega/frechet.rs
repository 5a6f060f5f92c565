//! The Fréchet distance between the normals that two samples suggest (Dowson and Landau 1982).

use ndarray::{Array2, ArrayView2};

use super::second_moment::DataMoments;
use crate::{
    data::{Dataset, check_width},
    error::Result,
    linalg::{product, self_adjoint_eigen},
};

/// ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½) of the means and covariances of two samples, in squared
/// units of the rows; zero when they have the same.
///
/// In the features of a network this is the distance of Heusel et al. (2017), whose FID takes those
/// of Inception: see [`frechet_in`].
///
/// ```
/// use elbo::mega::frechet;
/// let (x, y) = ([[0.0], [2.0]], [[3.0], [5.0]]); // the same spread, three apart
/// assert!((frechet(&x, &y)? - 9.0).abs() < 1e-12);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`crate::Error::Shape`] for fewer than two rows in a sample or different widths,
/// [`crate::Error::Value`] naming a cell that is missing or not finite.
pub fn frechet(x: &(impl Dataset + ?Sized), y: &(impl Dataset + ?Sized)) -> Result<f64> {
    let (x, y) = (x.matrix()?, y.matrix()?);
    check_width("the second sample", y.view(), x.ncols())?;
    let (x, y) = (DataMoments::of(x.view())?, DataMoments::of(y.view())?);
    let between = &x.mean - &y.mean;
    let traces = x.covariance.diag().sum() + y.covariance.diag().sum();
    let overlap = root_trace(&x.covariance, &y.covariance)?;
    // Rounding can leave the distance of equal samples a little below zero.
    Ok((between.dot(&between) + traces - 2.0 * overlap).max(0.0))
}

/// [`frechet`] between the `features` of two samples: a function from rows to features, a row each.
///
/// ```
/// use elbo::mega::frechet_in;
/// let (x, y) = ([[0.0], [2.0]], [[3.0], [5.0]]);
/// let distance = frechet_in(&x, &y, |rows| Ok(&rows * 10.0))?;
/// assert!((distance - 900.0).abs() < 1e-9);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// Those of [`frechet`] and of `features`.
pub fn frechet_in(
    x: &(impl Dataset + ?Sized),
    y: &(impl Dataset + ?Sized),
    mut features: impl FnMut(ArrayView2<f64>) -> Result<Array2<f64>>,
) -> Result<f64> {
    let (x, y) = (x.matrix()?, y.matrix()?);
    frechet(&features(x.view())?, &features(y.view())?)
}

/// tr((AB)^½) = tr((A^½BA^½)^½) for covariances: the latter is symmetric.
fn root_trace(a: &Array2<f64>, b: &Array2<f64>) -> Result<f64> {
    let eigen = self_adjoint_eigen(a.view(), "the covariance of the first sample")?;
    let roots = eigen.values.mapv(|value| value.max(0.0).sqrt());
    let half = product((&eigen.vectors * &roots).view(), eigen.vectors.t());
    let inner = product(product(half.view(), b.view()).view(), half.view());
    let eigen = self_adjoint_eigen(inner.view(), "the product of the covariances")?;
    Ok(eigen.values.iter().map(|value| value.max(0.0).sqrt()).sum())
}
