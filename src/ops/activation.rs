//! Activation functions, and their derivatives as functions of the output.

use dfdx::{
    tensor::{Tape, Tensor, WithEmptyTape},
    tensor_ops::{TryAdd, TrySub},
};
use serde::{Deserialize, Serialize};

use super::{Backend, Matrix, OpResult, elementary};

/// The function at the end of a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Activation {
    /// x
    Identity,
    /// max(x, 0)
    #[default]
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// 1/(1 + e⁻ˣ)
    Logistic,
    /// ln(1 + eˣ)
    Softplus,
    /// A smooth lower bound c: c + ln(1 + eˣ⁻ᶜ), close to x well above c.
    SoftFloor(f32),
}

impl Activation {
    /// Applies the function to a row in place.
    #[inline(always)]
    pub(super) fn apply(self, row: &mut [f32]) {
        // One loop an arm: the branch must not stand inside the vectorised loop.
        match self {
            Activation::Identity => {}
            Activation::Relu => map(row, |x| if x < 0.0 { 0.0 } else { x }),
            Activation::Tanh => map(row, elementary::tanh),
            Activation::Logistic => map(row, elementary::logistic),
            Activation::Softplus => map(row, elementary::softplus),
            Activation::SoftFloor(floor) => map(row, |x| floor + elementary::softplus(x - floor)),
        }
    }

    /// Multiplies `gradient` by the derivative, from the `output` of [`Self::apply`].
    #[inline(always)]
    pub(super) fn pull_back(self, gradient: &mut [f32], output: &[f32]) {
        match self {
            Activation::Identity => {}
            Activation::Relu => scale(gradient, output, |y| if y > 0.0 { 1.0 } else { 0.0 }),
            Activation::Tanh => scale(gradient, output, |y| 1.0 - y * y),
            Activation::Logistic => scale(gradient, output, |y| y * (1.0 - y)),
            Activation::Softplus => scale(gradient, output, |y| 1.0 - elementary::exp(-y)),
            Activation::SoftFloor(floor) => {
                scale(gradient, output, |y| 1.0 - elementary::exp(floor - y));
            }
        }
    }

    /// The same from dfdx's own operations.
    pub(super) fn compose<B: Backend, T: Tape<f32, B>>(
        self,
        x: Matrix<B, T>,
    ) -> OpResult<B, Matrix<B, T>> {
        match self {
            Activation::Identity => Ok(x),
            Activation::Relu => x.try_relu(),
            Activation::Tanh => x.try_tanh(),
            Activation::Logistic => x.try_sigmoid(),
            Activation::Softplus => composed_softplus(x),
            Activation::SoftFloor(floor) => composed_softplus(x.try_sub(floor)?)?.try_add(floor),
        }
    }
}

/// ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), from dfdx's operations.
pub(super) fn composed_softplus<S: dfdx::shapes::Shape, B: Backend, T: Tape<f32, B>>(
    x: Tensor<S, f32, B, T>,
) -> OpResult<B, Tensor<S, f32, B, T>> {
    let positive = x.with_empty_tape().try_relu()?;
    let tail = x.try_abs()?.try_negate()?.try_exp()?.try_add(1.0)?.try_ln()?;
    tail.try_add(positive)
}

#[inline(always)]
fn map(row: &mut [f32], f: impl Fn(f32) -> f32) {
    for value in row {
        *value = f(*value);
    }
}

#[inline(always)]
fn scale(gradient: &mut [f32], output: &[f32], derivative: impl Fn(f32) -> f32) {
    for (gradient, output) in gradient.iter_mut().zip(output) {
        *gradient *= derivative(*output);
    }
}
