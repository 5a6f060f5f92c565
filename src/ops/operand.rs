//! Inputs of operations, with or without a gradient.

use dfdx::{
    shapes::Shape,
    tensor::{Gradients, PutTape, SplitTape, Tape, Tensor},
};

use super::{Backend, Matrix, OpResult};

/// An input of an operation. Data are `Fixed`: their gradient would be thrown away, and for the
/// first layer of a network it costs as much as the layer itself.
pub(crate) enum Operand<'a, B: Backend> {
    /// No gradient is computed.
    Fixed(&'a Matrix<B>),
    /// The gradient is added up for the backward pass.
    Traced(&'a Matrix<B>),
}

// Derived, these would ask for `B: Copy`.
impl<B: Backend> Copy for Operand<'_, B> {}
impl<B: Backend> Clone for Operand<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, B: Backend> Operand<'a, B> {
    /// The tensor itself.
    pub fn tensor(self) -> &'a Matrix<B> {
        match self {
            Operand::Fixed(tensor) | Operand::Traced(tensor) => tensor,
        }
    }

    /// Whether a gradient is wanted.
    pub fn is_traced(self) -> bool {
        matches!(self, Operand::Traced(_))
    }
}

/// Runs composed dfdx operations on the caller's tape: lends the tape to `x`, takes it back from
/// the result. Further inputs of `body` join by `retaped::<T>()`.
pub(crate) fn compose<B, T, In, Out>(
    tape: &mut T,
    x: &Tensor<In, f32, B>,
    body: impl FnOnce(Tensor<In, f32, B, T>) -> OpResult<B, Tensor<Out, f32, B, T>>,
) -> OpResult<B, Tensor<Out, f32, B>>
where
    B: Backend,
    T: Tape<f32, B>,
    In: Shape,
    Out: Shape,
{
    let (result, returned) = body(x.clone().put_tape(std::mem::take(tape)))?.split_tape();
    *tape = returned;
    Ok(result)
}

/// Takes the gradient of an operation's result out of the map, so that the gradients of its
/// inputs can be borrowed meanwhile. Backward passes run in reverse order, so it is complete and
/// nobody reads it again: it may also be overwritten.
pub(super) fn take_gradient<S: Shape>(
    gradients: &mut Gradients<f32, dfdx::tensor::Cpu>,
    of: &Tensor<S, f32, dfdx::tensor::Cpu>,
) -> OpResult<dfdx::tensor::Cpu, TakenGradient> {
    let storage = gradients.get_or_alloc_mut(of)?;
    Ok(TakenGradient(std::mem::take(&mut **storage)))
}

/// Gives a taken gradient back: its memory returns to the device's cache with the map.
pub(super) fn return_gradient<S: Shape>(
    gradients: &mut Gradients<f32, dfdx::tensor::Cpu>,
    of: &Tensor<S, f32, dfdx::tensor::Cpu>,
    taken: TakenGradient,
) -> OpResult<dfdx::tensor::Cpu, ()> {
    **gradients.get_or_alloc_mut(of)? = taken.0;
    Ok(())
}

/// The gradient of an operation's result, row-major.
pub(super) struct TakenGradient(pub Vec<f32>);
