//! Rows that stand for several rows of a result: one image and each class that it may belong to.

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::Tape,
    tensor_ops::{BroadcastTo, ReshapeTo},
};

use super::{Backend, Matrix, OpResult};

/// How many of `rows` rows in turn belong to each row of `matrix`.
pub(super) fn repeats<B: Backend, T>(matrix: &Matrix<B, T>, rows: usize) -> usize {
    let (own, _) = *matrix.shape();
    assert!(own == rows || (own > 0 && rows.is_multiple_of(own)), "{own} rows divide {rows}");
    rows / own.max(1)
}

/// (n, d) → (n·times, d): each row `times` in turn.
pub(super) fn repeat<B: Backend, T: Tape<f32, B>>(
    matrix: Matrix<B, T>,
    times: usize,
) -> OpResult<B, Matrix<B, T>> {
    if times == 1 {
        return Ok(matrix);
    }
    let (rows, width) = *matrix.shape();
    let repeated = matrix.try_broadcast_like::<_, Axis<1>>(&(rows, times, width))?;
    repeated.try_reshape_like(&(rows * times, width))
}
