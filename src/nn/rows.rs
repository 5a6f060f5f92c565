//! Rows of data on their way to a device and back.

use ndarray::{Array2, ArrayView2};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::{
    device::device_error,
    error::Result,
    ops::{Backend, Matrix, OpResult},
};

/// Rows computed at once outside of training: bounds the memory, large enough for the products.
pub(crate) const CHUNK: usize = 1024;

/// Rows of `data` as a tensor.
pub(crate) fn gather<B: Backend>(
    device: &B,
    data: ArrayView2<f32>,
    rows: &[usize],
) -> OpResult<B, Matrix<B>> {
    let width = data.ncols();
    device.upload((rows.len(), width), |values| {
        for (target, &row) in values.chunks_exact_mut(width.max(1)).zip(rows) {
            let source = data.row(row);
            match source.as_slice() {
                Some(source) => target.copy_from_slice(source),
                None => target.iter_mut().zip(source).for_each(|(to, from)| *to = *from),
            }
        }
    })
}

/// The only column of `data`, which holds numbers of classes, as one-hot rows: (n, classes).
pub(crate) fn one_hot<B: Backend>(
    device: &B,
    data: ArrayView2<f32>,
    classes: usize,
    rows: &[usize],
) -> OpResult<B, Matrix<B>> {
    device.upload((rows.len(), classes), |values| {
        for (target, &row) in values.chunks_exact_mut(classes.max(1)).zip(rows) {
            target.fill(0.0);
            target[data[[row, 0]] as usize] = 1.0;
        }
    })
}

/// The numbers of `rows` rows, in chunks.
pub(crate) fn chunks(rows: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..rows).step_by(CHUNK).map(move |first| (first..rows.min(first + CHUNK)).collect())
}

/// Runs `compute` on chunks of the rows of `data` and joins the results, all matrices with `width`
/// columns.
pub(crate) fn in_chunks<B: Backend>(
    device: &B,
    data: ArrayView2<f32>,
    width: usize,
    op: &'static str,
    compute: impl Fn(&Matrix<B>) -> OpResult<B, Vec<f32>>,
) -> Result<Array2<f32>> {
    let mut joined = Vec::with_capacity(data.nrows() * width);
    for chunk in chunks(data.nrows()) {
        let x = gather(device, data, &chunk).map_err(device_error(op))?;
        joined.extend(compute(&x).map_err(device_error(op))?);
    }
    Array2::from_shape_vec((data.nrows(), width), joined).map_err(device_error(op))
}

/// As [`in_chunks`], of two results of one shape.
pub(crate) fn pairs_in_chunks<B: Backend>(
    device: &B,
    data: ArrayView2<f32>,
    width: usize,
    op: &'static str,
    compute: impl Fn(&Matrix<B>) -> OpResult<B, (Vec<f32>, Vec<f32>)>,
) -> Result<(Array2<f32>, Array2<f32>)> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for chunk in chunks(data.nrows()) {
        let x = gather(device, data, &chunk).map_err(device_error(op))?;
        let (a, b) = compute(&x).map_err(device_error(op))?;
        first.extend(a);
        second.extend(b);
    }
    let array =
        |values| Array2::from_shape_vec((data.nrows(), width), values).map_err(device_error(op));
    Ok((array(first)?, array(second)?))
}

/// Draws from N(0, I), one a row.
pub(crate) fn standard_normal<B: Backend>(
    device: &B,
    shape: (usize, usize),
    rng: &mut ChaCha8Rng,
) -> OpResult<B, Matrix<B>> {
    device.upload(shape, |values| values.fill_with(|| StandardNormal.sample(rng)))
}

/// Draws from N(0, I) for `shape`'s rows, of which as many in turn share one as there are more than
/// `draws`: comparisons between them are then free of noise.
pub(crate) fn repeated_normal<B: Backend>(
    device: &B,
    draws: usize,
    shape: (usize, usize),
    rng: &mut ChaCha8Rng,
) -> OpResult<B, Matrix<B>> {
    let (rows, width) = shape;
    let times = rows / draws.max(1);
    device.upload(shape, |values| {
        for shared in values.chunks_exact_mut((times * width).max(1)) {
            let (first, others) = shared.split_at_mut(width);
            first.fill_with(|| StandardNormal.sample(rng));
            others.chunks_exact_mut(width.max(1)).for_each(|other| other.copy_from_slice(first));
        }
    })
}
