//! Norms of a symmetric matrix (lecture, eq. 28 and 29), with their derivatives by its entries.

use ndarray::{Array1, Array2};

use crate::{
    error::{Error, Result},
    linalg::{product, self_adjoint_eigen},
};

/// A norm, and its derivative by every entry of the matrix: zero where the norm is zero and has no
/// derivative.
pub(super) struct Norm {
    pub value: f64,
    pub derivative: Array2<f64>,
}

/// The exponent of a norm: a number of at least 1, or infinity.
///
/// # Errors
/// [`Error::Setting`] for any other.
pub(super) fn check_exponent(q: f64) -> Result<()> {
    if q >= 1.0 {
        return Ok(());
    }
    Err(Error::setting("q", q, "a norm needs q ≥ 1; f64::INFINITY is the largest entry"))
}

/// (Σ |gᵢⱼ|^q)^(1/q): for q = 2 the Frobenius norm, for q = ∞ the largest entry.
pub(super) fn entrywise(gap: &Array2<f64>, q: f64) -> Norm {
    let (value, derivative) = vector_norm(gap.iter().copied(), q);
    // As many entries as the gap has.
    let derivative = Array2::from_shape_vec(gap.dim(), derivative).unwrap_or_default();
    Norm { value, derivative }
}

/// (Σ |λᵢ|^q)^(1/q) of the eigenvalues: for q = 1 the nuclear norm, for q = 2 Frobenius's, for
/// q = ∞ the operator norm.
///
/// # Errors
/// [`Error::Decomposition`] when the eigenvalues cannot be computed.
pub(super) fn schatten(gap: &Array2<f64>, q: f64) -> Result<Norm> {
    let eigen = self_adjoint_eigen(gap.view(), "the second-moment gap")?;
    let (value, derivative) = vector_norm(eigen.values.iter().copied(), q);
    let scaled = &eigen.vectors * &Array1::from(derivative);
    Ok(Norm { value, derivative: product(scaled.view(), eigen.vectors.t()) })
}

/// ‖v‖_q and sign(vᵢ)·(|vᵢ|/‖v‖_q)^(q−1), its derivative by every entry. Entries are divided by
/// the largest before they are raised to q, so that nothing overflows.
fn vector_norm(values: impl Iterator<Item = f64> + Clone, q: f64) -> (f64, Vec<f64>) {
    let largest = values.clone().fold(0.0, |most: f64, value| most.max(value.abs()));
    if largest == 0.0 {
        return (0.0, values.map(|_| 0.0).collect());
    }
    if q == f64::INFINITY {
        let first = values.clone().position(|value| value.abs() == largest);
        let at = |(i, value): (usize, f64)| if Some(i) == first { value.signum() } else { 0.0 };
        return (largest, values.enumerate().map(at).collect());
    }
    let sum: f64 = values.clone().map(|value| (value.abs() / largest).powf(q)).sum();
    let norm = largest * sum.powf(q.recip());
    let derivative = |value: f64| {
        if value == 0.0 { 0.0 } else { value.signum() * (value.abs() / norm).powf(q - 1.0) }
    };
    (norm, values.map(derivative).collect())
}
