//! The same operation from dfdx's own. Its convolution and pooling are not compiled on stable Rust,
//! so the pixels under the kernel are gathered and multiplied.

use dfdx::{
    shapes::{Axes2, Axes3, Axis},
    tensor::Tape,
    tensor_ops::{
        BroadcastTo, GatherTo, MaxTo, PermuteTo, ReshapeTo, TryAdd, TryConcatAlong, TryMatMul,
    },
};

use super::Geometry;
use crate::ops::{Activation, Backend, Matrix, OpResult, Operand, compose};

/// Values of a pooling window.
const WINDOW: usize = 4;

pub(in crate::ops) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    geometry: Geometry,
    x: Operand<B>,
    weight: &Matrix<B>,
    bias: &Matrix<B>,
    activation: Activation,
) -> OpResult<B, Matrix<B>> {
    let device = x.tensor().device();
    let (rows, _) = *dfdx::shapes::HasShape::shape(x.tensor());
    let (outputs, weights) = (geometry.outputs, geometry.kernel_weights());
    let windows = if geometry.pooled { WINDOW } else { 1 };
    let positions = geometry.positions();
    let under_kernel = under_kernel(geometry);
    let gathered = device.try_tensor_from_vec(under_kernel.clone(), (under_kernel.len(),))?;
    let zeros: Matrix<B> = device.try_zeros_like(&(rows, 1))?;
    compose(tape, x.tensor(), |x| {
        // A last pixel of zero stands for those around the image.
        let pixels = (x, zeros).try_concat_along(Axis::<1>)?;
        let pixels = pixels.try_permute::<_, Axes2<1, 0>>()?.try_gather(gathered)?;
        let pixels = pixels.try_reshape_like(&(windows * positions, weights, rows))?;
        let weight = weight.retaped::<T>();
        let weight =
            weight.try_broadcast_like::<_, Axis<0>>(&(windows * positions, outputs, weights))?;
        let sums = weight.try_matmul(pixels)?;
        let sums = sums.try_reshape_like(&(windows, positions, outputs, rows))?;
        let sums = sums.try_max::<_, Axis<0>>()?.try_permute::<_, Axes3<2, 1, 0>>()?;
        let bias = bias.retaped::<T>().try_reshape_like(&(outputs,))?;
        let bias = bias.try_broadcast_like::<_, Axes2<0, 2>>(&(rows, outputs, positions))?;
        activation.compose(sums.try_add(bias)?.try_reshape_like(&(rows, outputs * positions))?)
    })
}

/// For each value of each pooling window, for each position of the result, for each weight of a
/// kernel: the number of the pixel that meets it; one past the image for a zero around it.
fn under_kernel(geometry: Geometry) -> Vec<usize> {
    let Geometry { channels, height, width, kernel, padding, .. } = geometry;
    let (rows, columns) = geometry.output_size();
    let (windows, stride) = if geometry.pooled { (WINDOW, 2) } else { (1, 1) };
    let mut pixels = Vec::with_capacity(windows * rows * columns * geometry.kernel_weights());
    for (window, position) in
        (0..windows).flat_map(|window| (0..rows * columns).map(move |position| (window, position)))
    {
        let row = stride * (position / columns) + window / 2;
        let column = stride * (position % columns) + window % 2;
        for weight in 0..channels * kernel * kernel {
            let (channel, tap) = (weight / (kernel * kernel), weight % (kernel * kernel));
            let inside = |place: usize, size: usize| {
                place.checked_sub(padding).filter(|place| *place < size)
            };
            let row = inside(row + tap / kernel, height);
            let column = inside(column + tap % kernel, width);
            pixels.push(match (row, column) {
                (Some(row), Some(column)) => (channel * height + row) * width + column,
                _ => channels * height * width,
            });
        }
    }
    pixels
}
