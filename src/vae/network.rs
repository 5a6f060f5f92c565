//! The networks of a VAE: encoder q(z|x) and decoder p(x|z).

use dfdx::tensor::Tape;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::configuration::Configuration;
use crate::{
    nn::{Dense, EmissionHead, Likelihood, Normal, Parameters, Perceptron, named},
    ops::{Activation, Backend, Fixed, Matrix, OpResult, Operand, Traced},
};

/// Encoder: x → hidden layers → μ and log σ of z. Decoder: z → the hidden layers in reverse → the
/// parameters of p(x|z).
#[derive(Clone, Debug)]
pub(super) struct Network<B: Backend> {
    encoder: Perceptron<B>,
    latent_mean: Dense<B>,
    latent_log_std: Dense<B>,
    decoder: Perceptron<B>,
    head: EmissionHead<B>,
}

impl<B: Backend> Network<B> {
    /// Fresh parameters from the configuration's seed.
    pub fn new(device: &B, configuration: &Configuration) -> OpResult<B, Self> {
        let Configuration { inputs, latent, ref hidden, activation, .. } = *configuration;
        let rng = &mut ChaCha8Rng::seed_from_u64(configuration.seed);
        let reversed: Vec<usize> = hidden.iter().rev().copied().collect();
        let (narrow, wide) = (reversed[0], hidden[0]);
        let linear = Activation::Identity;
        Ok(Self {
            encoder: Perceptron::new(device, inputs, (wide, &hidden[1..]), activation, rng)?,
            latent_mean: Dense::new(device, narrow, latent, linear, rng)?,
            latent_log_std: Dense::new(device, narrow, latent, linear, rng)?,
            decoder: Perceptron::new(device, latent, (narrow, &reversed[1..]), activation, rng)?,
            head: EmissionHead::new(device, wide, inputs, configuration.emission, rng)?,
        })
    }

    /// q(z|x).
    pub fn encode<T: Tape<f32, B>>(&self, tape: &mut T, x: &Matrix<B>) -> OpResult<B, Normal<B>> {
        let hidden = self.encoder.forward(tape, Fixed(x))?;
        Ok(Normal {
            mean: self.latent_mean.forward(tape, Traced(&hidden))?,
            log_std: self.latent_log_std.forward(tape, Traced(&hidden))?,
        })
    }

    /// p(x|z).
    pub fn decode<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        z: Operand<B>,
    ) -> OpResult<B, Likelihood<B>> {
        let hidden = self.decoder.forward(tape, z)?;
        self.head.forward(tape, &hidden)
    }
}

impl<B: Backend> Parameters<B> for Network<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        [
            named("encoder", &self.encoder),
            named("latent_mean", &self.latent_mean),
            named("latent_log_std", &self.latent_log_std),
            named("decoder", &self.decoder),
            named("emission", &self.head),
        ]
        .concat()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let encoder = self.encoder.parameters_mut().into_iter();
        encoder
            .chain(self.latent_mean.parameters_mut())
            .chain(self.latent_log_std.parameters_mut())
            .chain(self.decoder.parameters_mut())
            .chain(self.head.parameters_mut())
            .collect()
    }
}
