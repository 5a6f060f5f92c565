//! Covariance matrices of many rows.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::error::{Error, Result};

/// A covariance matrix (d, d) for each of n rows, stored no larger than it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Covariances {
    /// v·I.
    Spherical {
        /// v of every row, (n).
        variances: Array1<f64>,
        /// d.
        dimensions: usize,
    },
    /// diag(v): the variances, (n, d).
    Diagonal(Array2<f64>),
    /// Row i has the matrix `matrices[of[i]]`.
    Shared {
        /// The different matrices, (d, d) each.
        matrices: Vec<Array2<f64>>,
        /// The index of every row's matrix, (n).
        of: Vec<usize>,
    },
    /// diag(π) − ππᵀ, the covariance of a one-hot variable: the probabilities π, (n, d).
    OneHot(Array2<f64>),
}

impl Covariances {
    /// n
    pub fn len(&self) -> usize {
        match self {
            Covariances::Spherical { variances, .. } => variances.len(),
            Covariances::Diagonal(values) | Covariances::OneHot(values) => values.nrows(),
            Covariances::Shared { of, .. } => of.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// d
    pub fn dimensions(&self) -> usize {
        match self {
            Covariances::Spherical { dimensions, .. } => *dimensions,
            Covariances::Diagonal(values) | Covariances::OneHot(values) => values.ncols(),
            Covariances::Shared { matrices, .. } => matrices.first().map_or(0, |m| m.nrows()),
        }
    }

    /// The matrix of one row, counted from 0.
    ///
    /// # Errors
    /// [`Error::Setting`] when there is no such row.
    pub fn matrix(&self, row: usize) -> Result<Array2<f64>> {
        let matrix = match self {
            _ if row >= self.len() => None,
            Covariances::Spherical { variances, dimensions } => {
                variances.get(row).map(|&variance| Array2::eye(*dimensions) * variance)
            }
            Covariances::Diagonal(variances) => Some(Array2::from_diag(&variances.row(row))),
            Covariances::Shared { matrices, of } => {
                of.get(row).and_then(|&index| matrices.get(index)).cloned()
            }
            Covariances::OneHot(probabilities) => {
                let column = probabilities.row(row).insert_axis(Axis(1));
                let outer = column.dot(&column.t());
                Some(Array2::from_diag(&probabilities.row(row)) - outer)
            }
        };
        let rows = self.len();
        matrix.ok_or_else(|| {
            Error::setting("row", row, format!("there are {rows} covariances, counted from 0"))
        })
    }

    /// The diagonals, (n, d).
    pub fn variances(&self) -> Array2<f64> {
        let (rows, columns) = (self.len(), self.dimensions());
        match self {
            Covariances::Spherical { variances, .. } => {
                Array2::from_shape_fn((rows, columns), |(row, _)| variances[row])
            }
            Covariances::Diagonal(variances) => variances.clone(),
            Covariances::Shared { matrices, of } => {
                Array2::from_shape_fn((rows, columns), |(row, column)| {
                    matrices[of[row]][[column, column]]
                })
            }
            Covariances::OneHot(probabilities) => probabilities.mapv(|p| p * (1.0 - p)),
        }
    }

    /// The mean of the matrices, (d, d); zero without rows. Needs no n matrices.
    pub fn mean(&self) -> Array2<f64> {
        let rows = self.len().max(1) as f64;
        match self {
            Covariances::Spherical { variances, dimensions } => {
                Array2::eye(*dimensions) * (variances.sum() / rows)
            }
            Covariances::Diagonal(variances) => {
                Array2::from_diag(&(variances.sum_axis(Axis(0)) / rows))
            }
            Covariances::Shared { matrices, of } => {
                let mut total = Array2::zeros((self.dimensions(), self.dimensions()));
                for (index, matrix) in matrices.iter().enumerate() {
                    let count = of.iter().filter(|&&other| other == index).count() as f64;
                    total.scaled_add(count / rows, matrix);
                }
                total
            }
            Covariances::OneHot(probabilities) => {
                let outer = probabilities.t().dot(probabilities) / rows;
                Array2::from_diag(&(probabilities.sum_axis(Axis(0)) / rows)) - outer
            }
        }
    }

    /// ⟨H, Σᵢ⟩ = Σ hⱼₖ·σⱼₖ of every row's matrix with a symmetric H (d, d): (n). Needs no n matrices.
    pub(crate) fn inner_products(&self, h: ArrayView2<f64>) -> Array1<f64> {
        match self {
            Covariances::Spherical { variances, .. } => variances * h.diag().sum(),
            Covariances::Diagonal(variances) => variances.dot(&h.diag()),
            Covariances::Shared { matrices, of } => {
                let products: Vec<f64> =
                    matrices.iter().map(|matrix| (matrix * &h).sum()).collect();
                of.iter().map(|&index| products[index]).collect()
            }
            Covariances::OneHot(probabilities) => {
                let turned = probabilities.dot(&h);
                probabilities.dot(&h.diag()) - (turned * probabilities).sum_axis(Axis(1))
            }
        }
    }
}
