//! q(y|x), or q(y|a, x).

use dfdx::tensor::Tape;
use rand_chacha::ChaCha8Rng;

use super::configuration::{ClassifierNetwork, Configuration};
use crate::{
    nn::{Conditional, Dense, Feedforward, Given, Inputs, Parameters, named, rows_of},
    ops::{Activation, Backend, Fixed, Matrix, OpResult, Traced},
};

/// A network from rows to the logits of the classes of a label.
#[derive(Clone, Debug)]
pub(super) enum Classifier<B: Backend> {
    Dense(Feedforward<B>),
    /// With the auxiliary variable as a second input.
    Joint { hidden: Conditional<B>, last: Dense<B> },
}

impl<B: Backend> Classifier<B> {
    /// Fresh parameters.
    pub fn new(
        device: &B,
        configuration: &Configuration,
        classes: usize,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let Configuration { inputs, auxiliary, activation, .. } = *configuration;
        let linear = Activation::Identity;
        let ClassifierNetwork::Dense(hidden) = &configuration.classifier;
        let Some(auxiliary) = auxiliary else {
            let sizes = (inputs, hidden.as_slice(), classes);
            return Ok(Classifier::Dense(Feedforward::new(device, sizes, activation, linear, rng)?));
        };
        let width = hidden.last().copied().unwrap_or(inputs);
        let inputs = Inputs { widths: &[inputs, auxiliary], classes: &[] };
        Ok(Classifier::Joint {
            hidden: Conditional::new(device, inputs, hidden, activation, rng)?,
            last: Dense::new(device, width, classes, linear, rng)?,
        })
    }

    /// (n, inputs) and the draw of a, (n, auxiliary) → logits, (n, classes).
    pub fn forward<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: &Matrix<B>,
        auxiliary: Option<&Matrix<B>>,
    ) -> OpResult<B, Matrix<B>> {
        match (self, auxiliary) {
            (Classifier::Dense(network), _) => network.forward(tape, Fixed(x)),
            (Classifier::Joint { hidden, last }, auxiliary) => {
                let inputs = std::iter::once(Fixed(x)).chain(auxiliary.map(Traced));
                let given = Given::nothing(rows_of(x));
                let hidden = hidden.forward(tape, &inputs.collect::<Vec<_>>(), &given)?;
                last.forward(tape, Traced(&hidden))
            }
        }
    }
}

impl<B: Backend> Parameters<B> for Classifier<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        match self {
            Classifier::Dense(network) => network.parameters(),
            Classifier::Joint { hidden, last } => {
                [named("hidden", hidden), named("last", last)].concat()
            }
        }
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        match self {
            Classifier::Dense(network) => network.parameters_mut(),
            Classifier::Joint { hidden, last } => {
                hidden.parameters_mut().into_iter().chain(last.parameters_mut()).collect()
            }
        }
    }
}
