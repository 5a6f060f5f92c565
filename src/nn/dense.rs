//! Dense layers and stacks of them.

use dfdx::tensor::Tape;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Parameters;
use crate::ops::{Activation, Backend, Matrix, OpResult, Operand, Traced};

/// activation(x·Wᵀ + b), with W (outputs, inputs) and b (1, outputs).
#[derive(Clone, Debug)]
pub(crate) struct Dense<B: Backend> {
    weight: Matrix<B>,
    bias: Matrix<B>,
    activation: Activation,
}

impl<B: Backend> Dense<B> {
    /// Weights and biases uniform within ±1/√inputs, as PyTorch's linear layer starts.
    pub fn new(
        device: &B,
        inputs: usize,
        outputs: usize,
        activation: Activation,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let bound = (inputs as f32).sqrt().recip();
        let mut uniform = |rows, columns| {
            device.upload((rows, columns), |values| {
                values.fill_with(|| rng.random_range(-bound..bound));
            })
        };
        Ok(Self { weight: uniform(outputs, inputs)?, bias: uniform(1, outputs)?, activation })
    }

    /// Gives the biases these values.
    pub fn start_at(&mut self, biases: &[f32]) {
        self.bias.copy_from(biases);
    }

    /// (n, inputs) → (n, outputs).
    pub fn forward<T: Tape<f32, B>>(&self, tape: &mut T, x: Operand<B>) -> OpResult<B, Matrix<B>> {
        B::linear(tape, x, &self.weight, &self.bias, self.activation)
    }
}

impl<B: Backend> Parameters<B> for Dense<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        vec![("weight".into(), &self.weight), ("bias".into(), &self.bias)]
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        vec![&mut self.weight, &mut self.bias]
    }
}

/// A stack of at least one dense layer.
#[derive(Clone, Debug)]
pub(crate) struct Perceptron<B: Backend> {
    first: Dense<B>,
    rest: Vec<Dense<B>>,
}

impl<B: Backend> Perceptron<B> {
    /// Layers of the `sizes` after `inputs`, all with the same activation.
    pub fn new(
        device: &B,
        inputs: usize,
        (first, rest): (usize, &[usize]),
        activation: Activation,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let mut width = first;
        Ok(Self {
            first: Dense::new(device, inputs, first, activation, rng)?,
            rest: rest
                .iter()
                .map(|&size| {
                    Dense::new(device, std::mem::replace(&mut width, size), size, activation, rng)
                })
                .collect::<OpResult<B, _>>()?,
        })
    }

    /// (n, inputs) → (n, last size).
    pub fn forward<T: Tape<f32, B>>(&self, tape: &mut T, x: Operand<B>) -> OpResult<B, Matrix<B>> {
        let first = self.first.forward(tape, x)?;
        self.rest.iter().try_fold(first, |hidden, layer| layer.forward(tape, Traced(&hidden)))
    }
}

impl<B: Backend> Parameters<B> for Perceptron<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        std::iter::once(&self.first)
            .chain(&self.rest)
            .enumerate()
            .flat_map(|(number, layer)| {
                let named = layer.parameters().into_iter();
                named.map(move |(name, value)| (format!("{number}.{name}"), value))
            })
            .collect()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        std::iter::once(&mut self.first)
            .chain(&mut self.rest)
            .flat_map(Parameters::parameters_mut)
            .collect()
    }
}
