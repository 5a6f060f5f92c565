//! Maximum likelihood in closed form (Tipping and Bishop 1999, eq. 7 and 8).

use ndarray::ArrayView2;

use super::linear_normal::LinearNormal;
use crate::{
    error::{Error, Result},
    pca::PrincipalComponents,
};

/// σ² is the mean eigenvalue of the covariance in the directions left out, and column i of W is the
/// i-th eigenvector times √(λᵢ − σ²). `divisor` is that of the covariance: n for maximum likelihood.
///
/// # Errors
/// [`Error::Setting`] when no noise is left: the likelihood then has no maximum.
pub(super) fn closed_form(
    x: ArrayView2<f64>,
    dimensions: usize,
    divisor: f64,
) -> Result<LinearNormal> {
    let found = PrincipalComponents::new(x, dimensions)?;
    let variances = found.sums_of_squares / divisor;
    let total = found.total / divisor;
    let noise_variance = (total - variances.sum()) / (x.ncols() - dimensions) as f64;
    check_noise(noise_variance, total / x.ncols() as f64, dimensions)?;
    let lengths = variances.mapv(|variance| (variance - noise_variance).max(0.0).sqrt());
    let weights = &found.axes.t() * &lengths;
    let weights = weights.as_standard_layout().into_owned();
    Ok(LinearNormal { weights, mean: found.mean, noise_variance })
}

/// The smallest σ², as a share of the columns' mean variance, that rounding does not make up.
const LEAST_NOISE: f64 = 1e-13;

/// # Errors
/// [`Error::Setting`] when `noise_variance` is nothing beside the columns' mean `variance`.
pub(super) fn check_noise(noise_variance: f64, variance: f64, dimensions: usize) -> Result<()> {
    if noise_variance > LEAST_NOISE * variance {
        return Ok(());
    }
    let requirement = "the rows lie in so few dimensions that no noise is left, and the likelihood \
                       has no maximum: use fewer";
    Err(Error::setting("dimensions", dimensions, requirement))
}
