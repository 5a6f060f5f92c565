//! The differentiable operations of the models, and the seam between devices.
//!
//! [`Backend`] is the one place that decides how an operation runs. Its default methods compose
//! dfdx's own operations, which work on every device; the CPU overrides them with fused kernels.
//! Models call `B::linear(…)` and never ask which device `B` is.
//!
//! One operation, one file: fused forward and backward pass, the composed form, and tests of both
//! against each other and against finite differences.
//!
//! Every operation takes the tape explicitly and plain tensors: `tape` is where the backward pass
//! is recorded (`NoneTape` records nothing). An [`Operand`] says whether a gradient is wanted.

mod activation;
mod adam;
mod append;
mod backend;
mod bernoulli;
mod categorical;
mod censored;
mod convolution;
mod cpu;
mod elementary;
mod gathered_sum;
mod kl_normal;
mod linear;
mod log_softmax;
mod mixed;
mod moment_gap;
mod moments;
mod normal;
mod normal_shared;
mod operand;
mod parallel;
mod reparameterise;
mod repeat;
mod row_derivatives;
mod selection;
mod squared_error;
mod storage;
#[cfg(test)]
mod testing;

use dfdx::tensor::{HasErr, NoneTape, Tensor};

pub use activation::Activation;
pub(crate) use adam::AdamStep;
pub(crate) use backend::Backend;
pub use censored::TimeEmission;
pub(crate) use censored::{LocationScale, TimeLayout};
pub(crate) use convolution::Geometry;
pub(crate) use elementary::{exp, exp_of_negative, softplus};
pub(crate) use gathered_sum::Summand;
pub(crate) use mixed::MixedLayout;
pub(crate) use moment_gap::{Gap, Norms, Observed, ObservedMoments, Weights};
pub(crate) use normal::HALF_LN_TWO_PI;
pub(crate) use operand::{
    Operand::{self, Fixed, Traced},
    compose,
};
pub(crate) use storage::{Destination, Factor, MappedFile, product, product_alone};

/// A matrix with sizes known at run time, so that the models are compiled once for all sizes.
pub(crate) type Matrix<B, T = NoneTape> = Tensor<(usize, usize), f32, B, T>;
/// A vector with its size known at run time.
pub(crate) type Vector<B, T = NoneTape> = Tensor<(usize,), f32, B, T>;
/// The result of an operation on a device.
pub(crate) type OpResult<B, Value> = Result<Value, <B as HasErr>::Err>;
