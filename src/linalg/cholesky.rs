//! A = LLᵀ for a symmetric positive definite A.

use faer::{
    MatMut, Par, Side,
    linalg::{cholesky::llt::factor::LltError, solvers::Llt, triangular_solve},
};
use ndarray::{Array2, ArrayView2};

use super::{array, matrix, product, readable};

/// The factor L of A = LLᵀ.
#[derive(Clone, Debug)]
pub(crate) struct Cholesky {
    lower: Array2<f64>,
}

/// The matrix is not positive definite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotPositiveDefinite {
    /// The first column whose pivot is not positive.
    pub pivot: usize,
}

impl Cholesky {
    /// Reads the lower triangle of `a`.
    pub fn new(a: ArrayView2<f64>) -> Result<Self, NotPositiveDefinite> {
        // faer does not look at what is not finite.
        if let Some(pivot) = (0..a.nrows()).find(|&i| !a.row(i).iter().all(|v| v.is_finite())) {
            return Err(NotPositiveDefinite { pivot });
        }
        let a = readable(a);
        let factor = Llt::new(matrix(&a), Side::Lower).map_err(|error| {
            let LltError::NonPositivePivot { index } = error;
            NotPositiveDefinite { pivot: index }
        })?;
        Ok(Self { lower: array(factor.L()) })
    }

    /// log |A|
    pub fn log_determinant(&self) -> f64 {
        2.0 * self.lower.diag().mapv(f64::ln).sum()
    }

    /// L
    pub fn lower(&self) -> ArrayView2<'_, f64> {
        self.lower.view()
    }

    /// L⁻¹
    pub fn lower_inverse(&self) -> Array2<f64> {
        let mut out = Array2::eye(self.lower.nrows());
        self.solve_triangular(&mut out, false);
        out
    }

    /// A⁻¹b: (d, m) → (d, m).
    pub fn solve(&self, b: ArrayView2<f64>) -> Array2<f64> {
        let mut out = b.as_standard_layout().into_owned();
        self.solve_triangular(&mut out, false);
        self.solve_triangular(&mut out, true);
        out
    }

    /// A⁻¹, exactly symmetric.
    pub fn inverse(&self) -> Array2<f64> {
        let inverse = self.lower_inverse();
        product(inverse.t(), inverse.view())
    }

    /// Replaces `b` by L⁻¹b, or by L⁻ᵀb.
    fn solve_triangular(&self, b: &mut Array2<f64>, transposed: bool) {
        let (rows, columns) = b.dim();
        let lower = readable(self.lower.view());
        let lower = matrix(&lower);
        // The callers pass fresh arrays, which are contiguous.
        let values = b.as_slice_mut().unwrap_or_default();
        let b = MatMut::from_row_major_slice_mut(values, rows, columns);
        if transposed {
            let upper = lower.transpose();
            triangular_solve::solve_upper_triangular_in_place(upper, b, Par::Seq);
        } else {
            triangular_solve::solve_lower_triangular_in_place(lower, b, Par::Seq);
        }
    }
}
