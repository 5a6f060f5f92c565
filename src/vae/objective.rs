//! What a training step ascends beside the evidence lower bound (lecture, eq. 33 and 34).

use dfdx::{
    shapes::{Axis, Rank0},
    tensor::{OwnedTape, Tape, Tensor},
    tensor_ops::{MeanTo, TryAdd, TryMul, TrySub},
};

use super::network::Network;
use crate::{
    mega::{MegaForm, MegaPenalty},
    ops::{Backend, Fixed, Matrix, Observed, OpResult, Vector, compose},
};

/// The objective of the training that goes on.
pub(super) struct Objective<B: Backend> {
    /// The weight of the divergence.
    pub beta: f32,
    /// The penalty with the moments of the training rows.
    pub penalty: Option<(MegaPenalty, Observed<B>)>,
}

/// A number on the device.
type Scalar<B> = Tensor<Rank0, f32, B>;

impl<B: Backend> Objective<B> {
    /// The bound itself.
    pub fn elbo() -> Self {
        Self { beta: 1.0, penalty: None }
    }

    /// Draws of z that a step needs for the penalty.
    pub fn draws(&self) -> usize {
        self.penalty.as_ref().map_or(0, |(penalty, _)| penalty.draws)
    }

    /// MEGA at the draws `latent` ~ p(z), (draws, latent), before its weight.
    pub fn mega<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        network: &Network<B>,
        latent: Option<&Matrix<B>>,
    ) -> OpResult<B, Option<Scalar<B>>> {
        let (Some((penalty, observed)), Some(latent)) = (&self.penalty, latent) else {
            return Ok(None);
        };
        let (mean, variance) = network.decode(tape, Fixed(latent))?.moments(tape)?;
        let (first, second) = B::moment_gap(tape, &mean, &variance, observed)?;
        Ok(Some(match penalty.form {
            MegaForm::Second => second,
            MegaForm::FirstAndRootOfSecond => {
                compose(tape, &second, |second| second.try_sqrt()?.try_add(first.retaped::<T>()))?
            }
        }))
    }

    /// The mean of β·divergence − reconstruction, plus the weighted penalty: what a step descends.
    pub fn loss(
        &self,
        tape: &mut OwnedTape<f32, B>,
        reconstruction: &Vector<B>,
        divergence: &Vector<B>,
        mega: Option<&Scalar<B>>,
    ) -> OpResult<B, Scalar<B>> {
        let bound = compose(tape, divergence, |divergence| {
            divergence
                .try_mul(self.beta)?
                .try_sub(reconstruction.retaped::<OwnedTape<f32, B>>())?
                .try_mean::<Rank0, Axis<0>>()
        })?;
        match (&self.penalty, mega) {
            (Some((penalty, _)), Some(mega)) => compose(tape, mega, |mega| {
                mega.try_mul(penalty.weight as f32)?.try_add(bound.retaped::<OwnedTape<f32, B>>())
            }),
            _ => Ok(bound),
        }
    }
}
