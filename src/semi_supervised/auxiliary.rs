//! The auxiliary variable a of the SDGM (Maaløe et al. 2016): q(a|x) and p(a|z, y).

use dfdx::tensor::Tape;
use rand_chacha::ChaCha8Rng;

use super::configuration::Configuration;
use crate::{
    nn::{Conditional, Given, Inputs, Normal, NormalHead, Parameters, Perceptron, named},
    ops::{Backend, Fixed, Matrix, OpResult, Operand, Traced, Vector},
};

/// A draw a ~ q(a|x) of every row, and log q(a|x) there, in nats.
pub(super) struct Draw<B: Backend> {
    pub value: Matrix<B>,
    pub log_prob: Vector<B>,
}

/// The networks of a.
#[derive(Clone, Debug)]
pub(super) struct Auxiliary<B: Backend> {
    encoder: Perceptron<B>,
    posterior: NormalHead<B>,
    decoder: Conditional<B>,
    prior: NormalHead<B>,
}

impl<B: Backend> Auxiliary<B> {
    /// Fresh parameters for so many dimensions.
    pub fn new(
        device: &B,
        configuration: &Configuration,
        width: usize,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let Configuration { inputs, latent, ref hidden, activation, .. } = *configuration;
        let reversed: Vec<usize> = hidden.iter().rev().copied().collect();
        let (first, last) = (hidden[0], reversed[0]);
        let classes = &configuration.classes();
        let generative = Inputs { widths: &[latent], classes };
        Ok(Self {
            encoder: Perceptron::new(device, inputs, (first, &hidden[1..]), activation, rng)?,
            posterior: NormalHead::new(device, last, width, rng)?,
            decoder: Conditional::new(device, generative, &reversed, activation, rng)?,
            prior: NormalHead::new(device, first, width, rng)?,
        })
    }

    /// q(a|x).
    pub fn encode<T: Tape<f32, B>>(&self, tape: &mut T, x: &Matrix<B>) -> OpResult<B, Normal<B>> {
        let hidden = self.encoder.forward(tape, Fixed(x))?;
        self.posterior.forward(tape, &hidden)
    }

    /// A draw from q(a|x).
    pub fn draw<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: &Matrix<B>,
        noise: &Matrix<B>,
    ) -> OpResult<B, Draw<B>> {
        let Normal { mean, log_std } = self.encode(tape, x)?;
        let value = B::reparameterise(tape, &mean, &log_std, noise)?;
        let log_prob = B::normal_log_prob(tape, Traced(&value), &mean, &log_std)?;
        Ok(Draw { value, log_prob })
    }

    /// p(a|z, y).
    pub fn decode<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        z: Operand<B>,
        given: &Given,
    ) -> OpResult<B, Normal<B>> {
        let hidden = self.decoder.forward(tape, &[z], given)?;
        self.prior.forward(tape, &hidden)
    }
}

impl<B: Backend> Parameters<B> for Auxiliary<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        [
            named("encoder", &self.encoder),
            named("posterior", &self.posterior),
            named("decoder", &self.decoder),
            named("prior", &self.prior),
        ]
        .concat()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let encoder = self.encoder.parameters_mut().into_iter();
        encoder
            .chain(self.posterior.parameters_mut())
            .chain(self.decoder.parameters_mut())
            .chain(self.prior.parameters_mut())
            .collect()
    }
}
