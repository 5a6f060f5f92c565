//! A convolution with bias, activation and max pooling in one operation:
//! activation(max over 2×2 windows of (x ∗ W + b)).
//!
//! The fused form computes as many images at once as a vector has lanes, see `lanes.rs`. The pooling
//! is done while the four values of a window are in registers, so that the large unpooled result is
//! never written; the activations are all increasing, so that pooling before them changes nothing.

mod backward;
mod composed;
mod forward;
mod geometry;
mod kernels;
mod lanes;
#[cfg(test)]
mod tests;

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

pub(super) use composed::composed;
pub(crate) use geometry::Geometry;

use self::{backward::Backward, forward::Forward};
use super::{
    Activation, Matrix, OpResult, Operand,
    operand::{return_gradient, take_gradient},
    parallel::{add_rows, for_each_row},
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    geometry: Geometry,
    x: Operand<Cpu>,
    weight: &Matrix<Cpu>,
    bias: &Matrix<Cpu>,
    activation: Activation,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let (rows, _) = *x.tensor().shape();
    let mut y = x.tensor().device().try_zeros_like(&(rows, geometry.output_values()))?;
    let wants_numbers = T::OWNS_TAPE && geometry.pooled;
    let numbers = (rows.div_ceil(lanes()) * geometry.output_values(), lanes());
    let mut largest =
        wants_numbers.then(|| x.tensor().device().try_zeros_like(&numbers)).transpose()?;
    forward((geometry, activation), (x.tensor(), weight, bias), &mut y, largest.as_mut());
    if T::OWNS_TAPE {
        let layer = Recorded {
            geometry,
            x: x.tensor().clone(),
            weight: weight.clone(),
            bias: bias.clone(),
            y: y.clone(),
            largest,
            activation,
            wants_input_gradient: x.is_traced(),
        };
        tape.add_backward_op(move |gradients| layer.backward(gradients));
    }
    Ok(y)
}

/// Images computed at once: the lanes of the widest vectors of the machine.
fn lanes() -> usize {
    struct Lanes;
    impl WithSimd for Lanes {
        type Output = usize;

        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F32_LANES
        }
    }
    Arch::new().dispatch(Lanes)
}

fn forward(
    (geometry, activation): (Geometry, Activation),
    (x, weight, bias): (&Matrix<Cpu>, &Matrix<Cpu>, &Matrix<Cpu>),
    y: &mut Matrix<Cpu>,
    largest: Option<&mut Matrix<Cpu>>,
) {
    let (x, weight, bias) = (&values(x), &values(weight), &values(bias));
    let mut largest = largest
        .map(|largest| values_mut(largest).chunks_exact_mut(geometry.output_values() * lanes()));
    let images = x.chunks(lanes() * geometry.inputs());
    let results = values_mut(y).chunks_mut(lanes() * geometry.output_values());
    let block = |(x, y)| {
        let largest = largest.as_mut().and_then(Iterator::next);
        Forward { geometry, x, weight, bias, activation, y, largest }
    };
    let blocks: Vec<Forward> = images.zip(results).map(block).collect();
    blocks.into_par_iter().for_each(|block| Arch::new().dispatch(block));
}

/// What the backward pass needs of the forward pass.
struct Recorded {
    geometry: Geometry,
    x: Matrix<Cpu>,
    weight: Matrix<Cpu>,
    bias: Matrix<Cpu>,
    y: Matrix<Cpu>,
    /// Which value of each pooling window was the largest.
    largest: Option<Matrix<Cpu>>,
    activation: Activation,
    wants_input_gradient: bool,
}

impl Recorded {
    fn backward(self, gradients: &mut Gradients<f32, Cpu>) -> OpResult<Cpu, ()> {
        let (rows, outputs) = *self.y.shape();
        // From here on the gradient of the layer before its activation.
        let mut taken = take_gradient(gradients, &self.y)?;
        if self.activation != Activation::Identity {
            let y = values(&self.y);
            for_each_row(&mut taken.0, outputs, outputs, |row, gradient| {
                self.activation.pull_back(gradient, &y[row * outputs..][..outputs]);
            });
        }
        let weights = self.geometry.outputs * self.geometry.kernel_weights();
        let width = weights + self.geometry.outputs;
        let mut parameters = self.y.device().try_zeros_like(&(rows.div_ceil(lanes()), width))?;
        let input = match self.wants_input_gradient {
            true => Some(gradients.get_or_alloc_mut(&self.x)?.as_mut_slice()),
            false => None,
        };
        self.blocks(&taken.0, values_mut(&mut parameters), input);
        // Block by block, whatever thread computed them: sums do not depend on the threads.
        for of_block in values(&parameters).chunks_exact(width) {
            let (weight, bias) = of_block.split_at(weights);
            add_rows(gradients.get_or_alloc_mut(&self.weight)?, weight);
            add_rows(gradients.get_or_alloc_mut(&self.bias)?, bias);
        }
        return_gradient(gradients, &self.y, taken)
    }

    /// The gradients of the parameters from each block of images, and those of the images.
    fn blocks(&self, upstream: &[f32], parameters: &mut [f32], input: Option<&mut [f32]>) {
        let geometry = self.geometry;
        let (x, weight) = (&values(&self.x), &values(&self.weight));
        let largest = self.largest.as_ref().map(values);
        let mut largest = largest
            .as_deref()
            .map(|largest| largest.chunks_exact(geometry.output_values() * lanes()));
        let mut input = input.map(|input| input.chunks_mut(lanes() * geometry.inputs()));
        let images = x.chunks(lanes() * geometry.inputs());
        let upstream = upstream.chunks(lanes() * geometry.output_values());
        let width = geometry.outputs * (geometry.kernel_weights() + 1);
        let block = |((x, upstream), parameters)| {
            let largest = largest.as_mut().and_then(Iterator::next);
            let input = input.as_mut().and_then(Iterator::next);
            Backward { geometry, x, weight, upstream, largest, parameters, input }
        };
        let of_blocks = images.zip(upstream).zip(parameters.chunks_exact_mut(width));
        let blocks: Vec<Backward> = of_blocks.map(block).collect();
        blocks.into_par_iter().for_each(|block| Arch::new().dispatch(block));
    }
}
