//! The decomposition behind PCA and the closed form of probabilistic PCA.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use crate::{
    error::{Error, Result},
    linalg::{fix_signs, product, scatter, self_adjoint_eigen},
};

/// The leading eigenvectors of XᵀX for centred rows X.
pub(crate) struct PrincipalComponents {
    /// The mean of the rows, (D).
    pub mean: Array1<f64>,
    /// Unit vectors, one a row, (components, D).
    pub axes: Array2<f64>,
    /// The sum of squared scores on each axis, (components).
    pub sums_of_squares: Array1<f64>,
    /// The sum of squares of all centred cells.
    pub total: f64,
}

impl PrincipalComponents {
    /// The rows are finite, and there is at least one.
    ///
    /// # Errors
    /// [`Error::Setting`] for more components than there are rows or columns.
    pub fn new(x: ArrayView2<f64>, components: usize) -> Result<Self> {
        let (rows, columns) = x.dim();
        if components == 0 || components > rows.min(columns) {
            let most = rows.min(columns);
            let requirement =
                format!("{rows} rows of {columns} columns have 1 to {most} components");
            return Err(Error::setting("components", components, requirement));
        }
        // Rows were counted above, so there is a mean.
        let mean = x.mean_axis(Axis(0)).unwrap_or_default();
        let (sums_of_squares, mut vectors, total) = if columns <= rows {
            from_columns(x, &mean, components)?
        } else {
            from_rows(x, &mean, components)?
        };
        fix_signs(&mut vectors);
        let axes = vectors.t().as_standard_layout().into_owned();
        Ok(Self { mean, axes, sums_of_squares, total })
    }
}

type Leading = (Array1<f64>, Array2<f64>, f64);

/// Eigenvectors of XᵀX, (D, D).
fn from_columns(x: ArrayView2<f64>, mean: &Array1<f64>, count: usize) -> Result<Leading> {
    let scatter = scatter(x, mean.view(), None);
    let eigen = self_adjoint_eigen(scatter.view(), "the covariance of the columns")?;
    let values = eigen.values.slice(s![..count]).mapv(|value| value.max(0.0));
    Ok((values, eigen.vectors.slice(s![.., ..count]).to_owned(), scatter.diag().sum()))
}

/// With fewer rows than columns: XXᵀ, (n, n), has the same eigenvalues, and Xᵀu/√λ are the
/// eigenvectors of XᵀX.
fn from_rows(x: ArrayView2<f64>, mean: &Array1<f64>, count: usize) -> Result<Leading> {
    let centred = &x - mean;
    let gram = product(centred.view(), centred.t());
    let eigen = self_adjoint_eigen(gram.view(), "the inner products of the rows")?;
    let values = eigen.values.slice(s![..count]).mapv(|value| value.max(0.0));
    let least = values[0] * f64::EPSILON * x.nrows() as f64;
    if let Some(zero) = values.iter().position(|&value| value <= least) {
        let requirement = format!("the rows vary in only {zero} directions");
        return Err(Error::setting("components", count, requirement));
    }
    let scores = eigen.vectors.slice(s![.., ..count]);
    let vectors = product(centred.t(), scores) / values.mapv(f64::sqrt);
    Ok((values, vectors, gram.diag().sum()))
}
