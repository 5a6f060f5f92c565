//! Dense linear algebra: a thin bridge from ndarray to faer.
//!
//! Matrices hold one observation a row. Work on many rows is cut into blocks whose size does not
//! depend on the number of threads, and partial sums are added in the order of the rows: results
//! are the same bits on any number of threads.

mod cholesky;
mod eigen;
#[cfg(test)]
mod tests;

use std::ops::Range;

use faer::{
    Accum, MatMut, MatRef, Par,
    linalg::matmul::{
        matmul,
        triangular::{self, BlockStructure},
    },
};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, CowArray, Ix2, s};
use rayon::prelude::*;

pub(crate) use cholesky::Cholesky;
pub(crate) use eigen::{fix_signs, self_adjoint_eigen};

/// Rows of a product that are computed at once.
const BLOCK: usize = 512;
/// Rows of a partial sum: so many that its addition to the others costs nothing.
const SUMMAND: usize = 4096;
/// Partial sums held at the same time.
const HELD: usize = 16;

/// a·b: (n, k) × (k, m) → (n, m).
pub(crate) fn product(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
    let (rows, columns) = (a.nrows(), b.ncols());
    let mut out = Array2::zeros((rows, columns));
    let (a, b) = (readable(a), readable(b));
    let (a, b) = (matrix(&a), matrix(&b));
    // A fresh array is contiguous, so the slice is always there.
    let values = out.as_slice_mut().unwrap_or_default();
    values.par_chunks_mut((BLOCK * columns).max(1)).enumerate().for_each(|(i, block)| {
        let rows = block.len() / columns;
        let out = MatMut::from_row_major_slice_mut(block, rows, columns);
        matmul(out, Accum::Replace, a.subrows(i * BLOCK, rows), b, 1.0, Par::Seq);
    });
    out
}

/// Σᵢ wᵢ (xᵢ − c)(xᵢ − c)ᵀ over the rows xᵢ: (n, d) → (d, d). Without weights each is 1; weights
/// are not negative.
pub(crate) fn scatter(
    x: ArrayView2<f64>,
    centre: ArrayView1<f64>,
    weights: Option<ArrayView1<f64>>,
) -> Array2<f64> {
    let mut total = ordered_sum(x.nrows(), (x.ncols(), x.ncols()), |rows| {
        let mut block = &x.slice(s![rows.clone(), ..]) - &centre;
        if let Some(weights) = weights {
            let roots = weights.slice(s![rows]).mapv(f64::sqrt);
            block *= &roots.insert_axis(Axis(1));
        }
        lower_gram(block)
    });
    for i in 0..total.nrows() {
        for j in 0..i {
            total[[j, i]] = total[[i, j]];
        }
    }
    total
}

/// The lower triangle of xᵀx; what is above the diagonal stays zero.
fn lower_gram(x: Array2<f64>) -> Array2<f64> {
    let columns = x.ncols();
    let mut out = Array2::zeros((columns, columns));
    let x = CowArray::from(x);
    let x = matrix(&x);
    let values = out.as_slice_mut().unwrap_or_default();
    triangular::matmul(
        MatMut::from_row_major_slice_mut(values, columns, columns),
        BlockStructure::TriangularLower,
        Accum::Replace,
        x.transpose(),
        BlockStructure::Rectangular,
        x,
        BlockStructure::Rectangular,
        1.0,
        Par::Seq,
    );
    out
}

/// The sum of `part` over blocks of rows that together are 0..`rows`, added in their order.
pub(crate) fn ordered_sum(
    rows: usize,
    shape: (usize, usize),
    part: impl Fn(Range<usize>) -> Array2<f64> + Sync,
) -> Array2<f64> {
    let starts: Vec<usize> = (0..rows).step_by(SUMMAND).collect();
    let mut total = Array2::zeros(shape);
    for starts in starts.chunks(HELD) {
        let parts: Vec<Array2<f64>> =
            starts.par_iter().map(|&start| part(start..rows.min(start + SUMMAND))).collect();
        parts.iter().for_each(|part| total += part);
    }
    total
}

/// The matrix itself where faer can read it in place, which it can when one of its axes is
/// contiguous, and a copy otherwise.
fn readable(a: ArrayView2<'_, f64>) -> CowArray<'_, f64, Ix2> {
    if a.is_standard_layout() || a.t().is_standard_layout() {
        return a.into();
    }
    a.as_standard_layout().into_owned().into()
}

/// faer's view of a readable matrix.
fn matrix<'a>(a: &'a CowArray<'_, f64, Ix2>) -> MatRef<'a, f64> {
    let (rows, columns) = a.dim();
    match a.as_slice() {
        Some(values) => MatRef::from_row_major_slice(values, rows, columns),
        None => {
            let values = a.t().to_slice().unwrap_or_default();
            MatRef::from_column_major_slice(values, rows, columns)
        }
    }
}

/// An ndarray matrix with the values of a faer matrix.
fn array(a: MatRef<'_, f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.nrows(), a.ncols()), |(i, j)| a[(i, j)])
}
