//! Columns picked by a matrix product, which every device has.

use super::{Backend, Matrix, OpResult};

/// The matrix of 0 and 1 that picks `count` of `width` columns, from `first` on.
pub(super) fn selection<B: Backend>(
    like: &Matrix<B>,
    width: usize,
    first: usize,
    count: usize,
) -> OpResult<B, Matrix<B>> {
    like.device().upload((width, count), |values| {
        values.fill(0.0);
        (0..count).for_each(|i| values[(first + i) * count + i] = 1.0);
    })
}
