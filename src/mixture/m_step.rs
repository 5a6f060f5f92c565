//! Normals from rows and responsibilities.

use ndarray::{Array1, Array2, ArrayView2, Axis, Zip, s};

use super::normals::{Covariance, Normals, Spread};
use crate::{
    error::{Error, Result},
    linalg::{ordered_sum, product, scatter},
};

/// What is added to every variance, in squared units of the data.
///
/// It keeps a component from collapsing onto rows that lie in a plane or a point, where the
/// likelihood grows without bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ridge(pub f64);

impl Ridge {
    /// `share` of the mean variance of the columns of `x`.
    pub fn relative(share: f64, x: ArrayView2<f64>) -> Self {
        Self(share * x.var_axis(Axis(0), 0.0).mean().unwrap_or(0.0))
    }
}

/// A component with responsibility for less than this many rows has collapsed.
const LEAST_ROWS: f64 = 1.5;

/// The normals with the highest likelihood, given the responsibilities (n, K), and the number of
/// rows that each component is responsible for, (K).
///
/// # Errors
/// [`Error::Singular`] when a component has collapsed onto one row.
pub(crate) fn estimate(
    x: ArrayView2<f64>,
    responsibilities: ArrayView2<f64>,
    covariance: Covariance,
    ridge: Ridge,
) -> Result<(Normals, Array1<f64>)> {
    let counts = responsibilities.sum_axis(Axis(0));
    if let Some(k) = counts.iter().position(|&count| count.is_nan() || count < LEAST_ROWS) {
        return Err(Error::Singular {
            what: format!("component {k}, left with {:.2} rows,", counts[k]),
            pivot: 0,
            advice: "use fewer components or more restarts".to_owned(),
        });
    }
    let mut means = product(responsibilities.t(), x);
    means /= &counts.view().insert_axis(Axis(1));
    let spread = match covariance {
        Covariance::Full => Spread::Full(full(x, responsibilities, &means, &counts, ridge)),
        Covariance::Tied => Spread::Tied(tied(x, &means, &counts, ridge)),
        Covariance::Diagonal => {
            Spread::Diagonal(diagonal(x, responsibilities, &means, &counts) + ridge.0)
        }
        Covariance::Spherical => {
            let variances = diagonal(x, responsibilities, &means, &counts);
            Spread::Spherical(variances.mean_axis(Axis(1)).unwrap_or_default() + ridge.0)
        }
    };
    Ok((Normals { means, spread }, counts))
}

fn full(
    x: ArrayView2<f64>,
    responsibilities: ArrayView2<f64>,
    means: &Array2<f64>,
    counts: &Array1<f64>,
    ridge: Ridge,
) -> Vec<Array2<f64>> {
    let columns = responsibilities.columns().into_iter().zip(means.rows()).zip(counts);
    columns
        .map(|((weights, mean), count)| with_ridge(scatter(x, mean, Some(weights)) / *count, ridge))
        .collect()
}

/// The scatter within components is that of all rows less that of the components' means.
fn tied(
    x: ArrayView2<f64>,
    means: &Array2<f64>,
    counts: &Array1<f64>,
    ridge: Ridge,
) -> Array2<f64> {
    let rows = x.nrows() as f64;
    let centre = x.mean_axis(Axis(0)).unwrap_or_default();
    let between = scatter(means.view(), centre.view(), Some(counts.view()));
    with_ridge((scatter(x, centre.view(), None) - between) / rows, ridge)
}

/// Variances of every component and column, (K, D).
fn diagonal(
    x: ArrayView2<f64>,
    responsibilities: ArrayView2<f64>,
    means: &Array2<f64>,
    counts: &Array1<f64>,
) -> Array2<f64> {
    let sums = ordered_sum(x.nrows(), means.dim(), |rows| {
        let mut sums = Array2::zeros(means.dim());
        let weights = responsibilities.slice(s![rows.clone(), ..]);
        for (x, weights) in x.slice(s![rows, ..]).rows().into_iter().zip(weights.rows()) {
            for ((mut sum, mean), weight) in
                sums.rows_mut().into_iter().zip(means.rows()).zip(weights)
            {
                Zip::from(&mut sum).and(&x).and(&mean).for_each(|sum, x, mean| {
                    *sum += weight * (x - mean).powi(2);
                });
            }
        }
        sums
    });
    sums / counts.view().insert_axis(Axis(1))
}

fn with_ridge(mut matrix: Array2<f64>, ridge: Ridge) -> Array2<f64> {
    matrix.diag_mut().mapv_inplace(|value| value + ridge.0);
    matrix
}
