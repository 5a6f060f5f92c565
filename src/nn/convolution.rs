//! Convolutional layers.

use dfdx::tensor::Tape;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Parameters;
use crate::ops::{Activation, Backend, Geometry, Matrix, OpResult, Operand};

/// activation(x ∗ W + b), pooled if the geometry says so, with W (outputs, C·k·k) and b (1, outputs).
#[derive(Clone, Debug)]
pub(crate) struct Convolution<B: Backend> {
    geometry: Geometry,
    weight: Matrix<B>,
    bias: Matrix<B>,
    activation: Activation,
}

impl<B: Backend> Convolution<B> {
    /// Weights and biases uniform within ±1/√(weights of a kernel), as PyTorch's convolutions start.
    pub fn new(
        device: &B,
        geometry: Geometry,
        activation: Activation,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let weights = geometry.kernel_weights();
        let bound = (weights as f32).sqrt().recip();
        let mut uniform = |rows, columns| {
            device.upload((rows, columns), |values| {
                values.fill_with(|| rng.random_range(-bound..bound));
            })
        };
        let (weight, bias) = (uniform(geometry.outputs, weights)?, uniform(1, geometry.outputs)?);
        Ok(Self { geometry, weight, bias, activation })
    }

    /// (n, C·H·W) → (n, outputs·H'·W').
    pub fn forward<T: Tape<f32, B>>(&self, tape: &mut T, x: Operand<B>) -> OpResult<B, Matrix<B>> {
        B::convolution(tape, self.geometry, x, &self.weight, &self.bias, self.activation)
    }
}

impl<B: Backend> Parameters<B> for Convolution<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        vec![("weight".into(), &self.weight), ("bias".into(), &self.bias)]
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        vec![&mut self.weight, &mut self.bias]
    }
}
