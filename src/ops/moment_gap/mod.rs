//! The moment estimators gap as a function of the decoder's means and variances (lecture, eq. 26 to
//! 30): 1MEGA-F = ‖mean E(x|z) − x̄‖ and 2MEGA-F = ‖DE − FME‖.
//!
//! Nothing with m·D² entries is ever made, and the D × D gap only where that is the smaller form.

mod gap;
mod gram;
mod observed;
mod square;
#[cfg(test)]
mod tests;

use dfdx::{
    shapes::{Axes2, Axis, HasShape, Rank0},
    tensor::{Cpu, Gradients, PutTape, Tape, Tensor, TensorFrom, WithEmptyTape},
    tensor_ops::{
        BroadcastTo, MeanTo, PermuteTo, ReshapeTo, SumTo, TryAdd, TryMatMul, TryMul, TrySub,
    },
};

use self::gap::{Model, add_to_rows};
pub(crate) use self::{
    gap::{Gap, Weights},
    observed::{DeviceMoments, ObservedMoments},
};
use super::{
    Backend, Matrix, OpResult,
    operand::{compose, return_gradient, take_gradient},
    storage::values,
};

/// The data's side, where the device wants it.
pub(crate) enum Observed<B: Backend> {
    /// For the fused form.
    Host(ObservedMoments),
    /// For the composed form.
    Device(DeviceMoments<B>),
}

/// 1MEGA-F and 2MEGA-F.
pub(crate) type Norms<B> = (Tensor<Rank0, f32, B>, Tensor<Rank0, f32, B>);

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    mean: &Matrix<Cpu>,
    variance: &Matrix<Cpu>,
    observed: &ObservedMoments,
) -> OpResult<Cpu, Norms<Cpu>> {
    let gap = Gap::new(observed, &values(mean), &values(variance));
    let norm = |value: f64| mean.device().try_tensor(value as f32);
    let (first, second) = (norm(gap.first)?, norm(gap.second)?);
    if T::OWNS_TAPE {
        let (mean, variance) = (mean.clone(), variance.clone());
        let norms = (first.clone(), second.clone());
        tape.add_backward_op(move |gradients| {
            backward(gradients, &gap, (&mean, &variance), &norms)
        });
    }
    Ok((first, second))
}

fn backward(
    gradients: &mut Gradients<f32, Cpu>,
    gap: &Gap,
    (mean, variance): (&Matrix<Cpu>, &Matrix<Cpu>),
    (first, second): &Norms<Cpu>,
) -> OpResult<Cpu, ()> {
    let mut upstream = |norm| {
        let taken = take_gradient(gradients, norm)?;
        let weight = f64::from(taken.0[0]);
        return_gradient(gradients, norm, taken).map(|()| weight)
    };
    let weights = Weights { first: upstream(first)?, second: upstream(second)? };
    gap.add_mean_gradient(gradients.get_or_alloc_mut(mean)?, &values(mean), weights);
    let row = gap.variance_gradient(weights);
    add_to_rows(gradients.get_or_alloc_mut(variance)?, &row, 1.0);
    Ok(())
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    mean: &Matrix<B>,
    variance: &Matrix<B>,
    observed: &DeviceMoments<B>,
) -> OpResult<B, Norms<B>> {
    let (draws, width) = *mean.shape();
    let centred = compose(tape, mean, |mean| {
        let centre = observed.mean.clone().try_reshape_like(&(width,))?;
        mean.try_sub(centre.try_broadcast_like::<_, Axis<0>>(&(draws, width))?)
    })?;
    let shift = compose(tape, &centred, |centred| centred.try_mean::<(usize,), Axis<0>>())?;
    let first =
        compose(tape, &shift, |shift| shift.try_square()?.try_sum::<Rank0, Axis<0>>()?.try_sqrt())?;
    // A tensor and its transpose cannot be two operands of one operation: dfdx takes them for one.
    let crosses = compose(tape, &shift, |shift| {
        let (row, column) = ((1, width), (width, 1));
        let centre = observed.mean.clone();
        let below = centre.clone().try_reshape_like(&column)?;
        let above = shift.with_empty_tape().try_reshape_like(&column)?.try_matmul(centre)?;
        below.put_tape(T::default()).try_matmul(shift.try_reshape_like(&row)?)?.try_add(above)
    })?;
    let diagonal = compose(tape, variance, |variance| {
        let mean = variance.try_mean::<(usize,), Axis<0>>()?;
        let rows = mean.try_broadcast_like::<_, Axis<0>>(&(width, width))?;
        rows.try_mul(observed.identity.clone())
    })?;
    let second = compose(tape, &centred, |scaled| {
        let turned = scaled.try_mul(1.0 / draws as f32)?.try_permute::<_, Axes2<1, 0>>()?;
        let outer = turned.try_matmul(centred.retaped::<T>())?;
        let model = outer.try_add(diagonal.retaped::<T>())?.try_add(crosses.retaped::<T>())?;
        let gap = model.try_sub(observed.covariance.clone())?;
        gap.try_square()?.try_sum::<Rank0, Axes2<0, 1>>()?.try_sqrt()
    })?;
    Ok((first, second))
}
