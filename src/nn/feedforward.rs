//! Hidden layers and a last layer.

use dfdx::tensor::Tape;
use rand_chacha::ChaCha8Rng;

use super::{Dense, Parameters, Perceptron, named};
use crate::ops::{Activation, Backend, Matrix, OpResult, Operand, Traced};

/// Hidden layers, of which there may be none, and a last layer.
#[derive(Clone, Debug)]
pub(crate) struct Feedforward<B: Backend> {
    hidden: Option<Perceptron<B>>,
    last: Dense<B>,
}

impl<B: Backend> Feedforward<B> {
    /// `activation` is that of the hidden layers.
    pub fn new(
        device: &B,
        (inputs, hidden, outputs): (usize, &[usize], usize),
        activation: Activation,
        last: Activation,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let width = hidden.last().copied().unwrap_or(inputs);
        let hidden = hidden
            .split_first()
            .map(|(&first, rest)| Perceptron::new(device, inputs, (first, rest), activation, rng))
            .transpose()?;
        Ok(Self { hidden, last: Dense::new(device, width, outputs, last, rng)? })
    }

    /// (n, inputs) → (n, outputs).
    pub fn forward<T: Tape<f32, B>>(&self, tape: &mut T, x: Operand<B>) -> OpResult<B, Matrix<B>> {
        match &self.hidden {
            Some(hidden) => {
                let hidden = hidden.forward(tape, x)?;
                self.last.forward(tape, Traced(&hidden))
            }
            None => self.last.forward(tape, x),
        }
    }
}

impl<B: Backend> Parameters<B> for Feedforward<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        let hidden = self.hidden.iter().flat_map(|hidden| named("hidden", hidden));
        hidden.chain(named("last", &self.last)).collect()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let hidden = self.hidden.iter_mut().flat_map(Parameters::parameters_mut);
        hidden.chain(self.last.parameters_mut()).collect()
    }
}
