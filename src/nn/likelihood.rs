//! The distributions that networks end in.

use dfdx::{shapes::HasShape, tensor::Tape, tensor_ops::TryMatMul};
use rand_chacha::ChaCha8Rng;

use super::{Dense, Emission, Parameters, named};
use crate::ops::{Activation, Backend, Fixed, Matrix, OpResult, Traced, Vector, compose};

/// A normal with a diagonal covariance for every row, or one log σ for all of them.
pub(crate) struct Normal<B: Backend> {
    pub mean: Matrix<B>,
    pub log_std: Matrix<B>,
}

/// The parameters of p(x|z) for every row.
pub(crate) enum Likelihood<B: Backend> {
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

    /// Means and standard deviations of all cells, row-major, in the host's memory.
    pub fn values(&self) -> OpResult<B, (Vec<f32>, Vec<f32>)> {
        let exp = |log_std: &Matrix<B>| log_std.as_vec().into_iter().map(f32::exp).collect();
        Ok(match self {
            Likelihood::Bernoulli { logits } => {
                let mean = logits.clone().try_sigmoid()?.as_vec();
                let std = mean.iter().map(|p| (p * (1.0 - p)).sqrt()).collect();
                (mean, std)
            }
            Likelihood::Normal(normal) => (normal.mean.as_vec(), exp(&normal.log_std)),
            Likelihood::NormalSharedStd(normal) => {
                let std = normal.log_std.as_vec()[0].exp();
                let mean = normal.mean.as_vec();
                let cells = mean.len();
                (mean, vec![std; cells])
            }
        })
    }
}

/// The last layer of the decoder.
#[derive(Clone, Debug)]
pub(crate) enum EmissionHead<B: Backend> {
    Bernoulli { logits: Dense<B> },
    Normal { mean: Dense<B>, log_std: Dense<B> },
    NormalSharedStd { mean: Dense<B>, log_std: Matrix<B> },
}

impl<B: Backend> EmissionHead<B> {
    /// Fresh parameters for a decoder with a last hidden layer of `width` units.
    pub fn new(
        device: &B,
        width: usize,
        outputs: usize,
        emission: Emission,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let mut layer = |activation| Dense::new(device, width, outputs, activation, rng);
        Ok(match emission {
            Emission::Bernoulli => EmissionHead::Bernoulli { logits: layer(Activation::Identity)? },
            Emission::Normal { minimum_std } => EmissionHead::Normal {
                mean: layer(Activation::Identity)?,
                log_std: layer(Activation::SoftFloor(minimum_std.ln()))?,
            },
            Emission::NormalSharedStd => EmissionHead::NormalSharedStd {
                mean: layer(Activation::Identity)?,
                log_std: device.try_zeros_like(&(1, 1))?,
            },
        })
    }

    /// The parameters of p(x|z) from the last hidden layer.
    pub fn forward<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        hidden: &Matrix<B>,
    ) -> OpResult<B, Likelihood<B>> {
        Ok(match self {
            EmissionHead::Bernoulli { logits } => {
                Likelihood::Bernoulli { logits: logits.forward(tape, Traced(hidden))? }
            }
            EmissionHead::Normal { mean, log_std } => Likelihood::Normal(Normal {
                mean: mean.forward(tape, Traced(hidden))?,
                log_std: log_std.forward(tape, Traced(hidden))?,
            }),
            EmissionHead::NormalSharedStd { mean, log_std } => {
                Likelihood::NormalSharedStd(Normal {
                    mean: mean.forward(tape, Traced(hidden))?,
                    log_std: log_std.clone(),
                })
            }
        })
    }
}

impl<B: Backend> Parameters<B> for EmissionHead<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        match self {
            EmissionHead::Bernoulli { logits } => named("logits", logits),
            EmissionHead::Normal { mean, log_std } => {
                [named("mean", mean), named("log_std", log_std)].concat()
            }
            EmissionHead::NormalSharedStd { mean, log_std } => {
                [named("mean", mean), vec![("log_std".into(), log_std)]].concat()
            }
        }
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        match self {
            EmissionHead::Bernoulli { logits } => logits.parameters_mut(),
            EmissionHead::Normal { mean, log_std } => {
                mean.parameters_mut().into_iter().chain(log_std.parameters_mut()).collect()
            }
            EmissionHead::NormalSharedStd { mean, log_std } => {
                mean.parameters_mut().into_iter().chain([log_std]).collect()
            }
        }
    }
}

/// The last layer of a network for a normal: mean and log σ.
#[derive(Clone, Debug)]
pub(crate) struct NormalHead<B: Backend> {
    mean: Dense<B>,
    log_std: Dense<B>,
}

impl<B: Backend> NormalHead<B> {
    /// Fresh parameters for a network with a last hidden layer of `width` units.
    pub fn new(
        device: &B,
        width: usize,
        outputs: usize,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let mut layer = || Dense::new(device, width, outputs, Activation::Identity, rng);
        Ok(Self { mean: layer()?, log_std: layer()? })
    }

    /// A normal for every row.
    pub fn forward<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        hidden: &Matrix<B>,
    ) -> OpResult<B, Normal<B>> {
        Ok(Normal {
            mean: self.mean.forward(tape, Traced(hidden))?,
            log_std: self.log_std.forward(tape, Traced(hidden))?,
        })
    }
}

impl<B: Backend> Parameters<B> for NormalHead<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        [named("mean", &self.mean), named("log_std", &self.log_std)].concat()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        self.mean.parameters_mut().into_iter().chain(self.log_std.parameters_mut()).collect()
    }
}
