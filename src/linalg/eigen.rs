//! A = VΛVᵀ for a symmetric A.

use faer::{Side, linalg::solvers::SelfAdjointEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::{array, matrix, readable};
use crate::error::{Error, Result};

/// Eigenvalues in descending order, and their eigenvectors.
#[derive(Clone, Debug)]
pub(crate) struct Eigen {
    pub values: Array1<f64>,
    /// One a column.
    pub vectors: Array2<f64>,
}

/// Reads the lower triangle of `a`; `what` names it in the error.
///
/// # Errors
/// [`Error::Decomposition`] when the iteration does not converge, as with values that overflowed.
pub(crate) fn self_adjoint_eigen(a: ArrayView2<f64>, what: &str) -> Result<Eigen> {
    let failed = || Error::Decomposition {
        what: what.to_owned(),
        advice: "rescale the columns: their values are too large or too small to be squared"
            .to_owned(),
    };
    if !a.iter().all(|value| value.is_finite()) {
        return Err(failed());
    }
    let a = readable(a);
    let eigen = SelfAdjointEigen::new(matrix(&a), Side::Lower).map_err(|_| failed())?;
    let ascending: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
    let mut vectors = array(eigen.U());
    vectors.invert_axis(Axis(1));
    Ok(Eigen {
        values: ascending.into_iter().rev().collect(),
        vectors: vectors.as_standard_layout().into_owned(),
    })
}

/// Turns each column so that its entry of largest size is positive: eigenvectors have no sign of
/// their own. scikit-learn's convention (`svd_flip` on the components).
pub(crate) fn fix_signs(columns: &mut Array2<f64>) {
    for mut column in columns.columns_mut() {
        let largest = column
            .iter()
            .fold(0.0f64, |most, &value| if value.abs() > most.abs() { value } else { most });
        if largest < 0.0 {
            column.mapv_inplace(|value| -value);
        }
    }
}
