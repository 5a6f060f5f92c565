//! The network and its likelihood.

use dfdx::tensor::{NoneTape, Tape};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::params::Configuration;
use crate::{
    nn::{Batch, Feedforward, Given, Learn, Parameters},
    ops::{Activation, Backend, Fixed, Matrix, OpResult, Vector},
    train::Criterion,
};

/// x → logistic units → the logit of P(y = 1|x).
#[derive(Clone, Debug)]
pub(super) struct Network<B: Backend>(Feedforward<B>);

impl<B: Backend> Network<B> {
    /// Fresh parameters from the configuration's seed.
    pub fn new(device: &B, configuration: &Configuration) -> OpResult<B, Self> {
        let rng = &mut ChaCha8Rng::seed_from_u64(configuration.seed);
        let one = [configuration.hidden];
        let hidden = if configuration.hidden == 0 { &[][..] } else { &one };
        let sizes = (configuration.inputs, hidden, 1);
        let last = Activation::Identity;
        Ok(Self(Feedforward::new(device, sizes, Activation::Logistic, last, rng)?))
    }
}

impl<B: Backend> Learn<B> for Network<B> {
    type Part = ();

    const CRITERION: Criterion = Criterion::LogLikelihood;

    fn objective<T: Tape<f32, B>>(&self, tape: &mut T, batch: &Batch<B>) -> OpResult<B, Vector<B>> {
        let logits = self.0.forward(tape, Fixed(&batch.x))?;
        B::bernoulli_log_prob(tape, &batch.y, &logits)
    }

    fn output(&self, (): (), x: &Matrix<B>, _: &Given) -> OpResult<B, Matrix<B>> {
        self.0.forward(&mut NoneTape, Fixed(x))
    }
}

impl<B: Backend> Parameters<B> for Network<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        self.0.parameters()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        self.0.parameters_mut()
    }
}
