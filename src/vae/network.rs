//! The networks of a VAE: encoder q(z|x) and decoder p(x|z).

use dfdx::{shapes::HasShape, tensor::Tape, tensor_ops::TryMatMul};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::configuration::{Configuration, Emission};
use crate::{
    nn::{Dense, Parameters, Perceptron, named},
    ops::{Activation, Backend, Fixed, Matrix, OpResult, Operand, Traced, Vector, compose},
};

/// A normal with a diagonal covariance for every row, or one log σ for all of them.
pub(super) struct Normal<B: Backend> {
    pub mean: Matrix<B>,
    pub log_std: Matrix<B>,
}

/// The parameters of p(x|z) for every row.
pub(super) enum Likelihood<B: Backend> {
    Bernoulli { logits: Matrix<B> },
    Normal(Normal<B>),
    NormalSharedStd(Normal<B>),
}

impl<B: Backend> Likelihood<B> {
    /// log p(x|z) of every row, in nats.
    pub fn log_prob<T: Tape<f32, B>>(&self, tape: &mut T, x: &Matrix<B>) -> OpResult<B, Vector<B>> {
        match self {
            Likelihood::Bernoulli { logits } => B::bernoulli_log_prob(tape, x, logits),
            Likelihood::Normal(normal) => {
                B::normal_log_prob(tape, Fixed(x), &normal.mean, &normal.log_std)
            }
            Likelihood::NormalSharedStd(normal) => {
                B::normal_shared_log_prob(tape, x, &normal.mean, &normal.log_std)
            }
        }
    }
}

impl<B: Backend> Likelihood<B> {
    /// E(x|z) of every row, (n, inputs), and Var(x|z), (n, inputs) or one row for all.
    pub fn moments<T: Tape<f32, B>>(&self, tape: &mut T) -> OpResult<B, (Matrix<B>, Matrix<B>)> {
        match self {
            Likelihood::Bernoulli { logits } => B::bernoulli_moments(tape, logits),
            Likelihood::Normal(normal) => {
                Ok((normal.mean.clone(), B::variance(tape, &normal.log_std)?))
            }
            Likelihood::NormalSharedStd(normal) => {
                let (_, width) = *normal.mean.shape();
                let variance = B::variance(tape, &normal.log_std)?;
                let row = normal.mean.device().try_ones_like(&(1, width))?;
                // (1, 1) times (1, width): the same for every dimension.
                let variance = compose(tape, &variance, |variance| variance.try_matmul(row))?;
                Ok((normal.mean.clone(), variance))
            }
        }
    }
}

/// The last layer of the decoder.
#[derive(Clone, Debug)]
enum Head<B: Backend> {
    Bernoulli { logits: Dense<B> },
    Normal { mean: Dense<B>, log_std: Dense<B> },
    NormalSharedStd { mean: Dense<B>, log_std: Matrix<B> },
}

/// Encoder: x → hidden layers → μ and log σ of z. Decoder: z → the hidden layers in reverse → the
/// parameters of p(x|z).
#[derive(Clone, Debug)]
pub(super) struct Network<B: Backend> {
    encoder: Perceptron<B>,
    latent_mean: Dense<B>,
    latent_log_std: Dense<B>,
    decoder: Perceptron<B>,
    head: Head<B>,
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
            head: Head::new(device, wide, inputs, configuration.emission, rng)?,
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
        let hidden = &self.decoder.forward(tape, z)?;
        Ok(match &self.head {
            Head::Bernoulli { logits } => {
                Likelihood::Bernoulli { logits: logits.forward(tape, Traced(hidden))? }
            }
            Head::Normal { mean, log_std } => Likelihood::Normal(Normal {
                mean: mean.forward(tape, Traced(hidden))?,
                log_std: log_std.forward(tape, Traced(hidden))?,
            }),
            Head::NormalSharedStd { mean, log_std } => Likelihood::NormalSharedStd(Normal {
                mean: mean.forward(tape, Traced(hidden))?,
                log_std: log_std.clone(),
            }),
        })
    }
}

impl<B: Backend> Head<B> {
    fn new(
        device: &B,
        width: usize,
        outputs: usize,
        emission: Emission,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let mut layer = |activation| Dense::new(device, width, outputs, activation, rng);
        Ok(match emission {
            Emission::Bernoulli => Head::Bernoulli { logits: layer(Activation::Identity)? },
            Emission::Normal { minimum_std } => Head::Normal {
                mean: layer(Activation::Identity)?,
                log_std: layer(Activation::SoftFloor(minimum_std.ln()))?,
            },
            Emission::NormalSharedStd => Head::NormalSharedStd {
                mean: layer(Activation::Identity)?,
                log_std: device.try_zeros_like(&(1, 1))?,
            },
        })
    }
}

impl<B: Backend> Parameters<B> for Head<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        match self {
            Head::Bernoulli { logits } => named("logits", logits),
            Head::Normal { mean, log_std } => {
                [named("mean", mean), named("log_std", log_std)].concat()
            }
            Head::NormalSharedStd { mean, log_std } => {
                [named("mean", mean), vec![("log_std".into(), log_std)]].concat()
            }
        }
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        match self {
            Head::Bernoulli { logits } => logits.parameters_mut(),
            Head::Normal { mean, log_std } => {
                mean.parameters_mut().into_iter().chain(log_std.parameters_mut()).collect()
            }
            Head::NormalSharedStd { mean, log_std } => {
                mean.parameters_mut().into_iter().chain([log_std]).collect()
            }
        }
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
