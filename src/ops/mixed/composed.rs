//! The same from dfdx's own operations, for every device.

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Tape, Tensor},
    tensor_ops::{BroadcastTo, LogSumExpTo, SumTo, TryAdd, TryMatMul, TryMul, TrySub},
};

use super::MixedLayout;
use crate::ops::{
    Activation, Backend, Matrix, OpResult, Vector, activation::composed_softplus,
    normal::HALF_LN_TWO_PI, operand::compose, selection::selection,
};

/// As [`crate::ops::Backend::mixed_log_prob`].
pub(in crate::ops) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    layout: &MixedLayout,
    (x, observed): (&Matrix<B>, &Matrix<B>),
    parameters: &Matrix<B>,
) -> OpResult<B, Vector<B>> {
    let MixedLayout { normals, counts, binaries, .. } = *layout;
    let parts = Parts { x, observed, parameters, width: layout.parameters() };
    let mut sum: Option<Vector<B>> = None;
    let mut add = |tape: &mut T, part: Vector<B>| {
        sum = Some(match sum.take() {
            Some(sum) => compose(tape, &sum, |sum| sum.try_add(part.retaped::<T>()))?,
            None => part,
        });
        Ok(())
    };
    if normals > 0 {
        let part = normal(tape, &parts, normals, layout.log_std_floor)?;
        add(tape, part)?;
    }
    // Of every family: where its cells and its parameters start.
    let (mut cell, mut parameter) = (normals, 2 * normals);
    for (count, is_count) in [(counts, true), (binaries, false)] {
        if count > 0 {
            let part = single(tape, &parts, (cell, parameter), count, is_count)?;
            add(tape, part)?;
        }
        (cell, parameter) = (cell + count, parameter + count);
    }
    for &levels in &layout.levels {
        let part = categorical(tape, &parts, (cell, parameter), levels)?;
        add(tape, part)?;
        (cell, parameter) = (cell + levels, parameter + levels);
    }
    match sum {
        Some(sum) => Ok(sum),
        // Rows without cells.
        None => compose(tape, parameters, |parameters| parameters.try_sum::<_, Axis<1>>()),
    }
}

struct Parts<'a, B: Backend> {
    x: &'a Matrix<B>,
    observed: &'a Matrix<B>,
    parameters: &'a Matrix<B>,
    width: usize,
}

impl<B: Backend> Parts<'_, B> {
    fn cells(&self, first: usize, count: usize) -> OpResult<B, (Matrix<B>, Matrix<B>)> {
        Ok((columns_of(self.x, first, count)?, columns_of(self.observed, first, count)?))
    }

    fn parameters<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        first: usize,
        count: usize,
    ) -> OpResult<B, Matrix<B>> {
        let selection = selection(self.parameters, self.width, first, count)?;
        compose(tape, self.parameters, |parameters| parameters.try_matmul(selection))
    }
}

fn columns_of<B: Backend>(x: &Matrix<B>, first: usize, count: usize) -> OpResult<B, Matrix<B>> {
    let (_, width) = *x.shape();
    x.clone().try_matmul(selection(x, width, first, count)?)
}

fn normal<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    parts: &Parts<B>,
    count: usize,
    floor: f32,
) -> OpResult<B, Vector<B>> {
    let (x, observed) = parts.cells(0, count)?;
    let mean = parts.parameters(tape, 0, count)?;
    let raw = parts.parameters(tape, count, count)?;
    let log_std = compose(tape, &raw, |raw| Activation::SoftFloor(floor).compose(raw))?;
    compose(tape, &mean, |mean| {
        let precision_root = log_std.retaped::<T>().try_negate()?.try_exp()?;
        let standardised = mean.try_sub(x)?.try_mul(precision_root)?;
        let cells = standardised.try_square()?.try_mul(0.5)?.try_add(log_std.retaped::<T>())?;
        let cells = cells.try_add(HALF_LN_TWO_PI)?.try_mul(observed)?;
        cells.try_sum::<_, Axis<1>>()?.try_negate()
    })
}

fn single<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    parts: &Parts<B>,
    (cell, parameter): (usize, usize),
    count: usize,
    is_count: bool,
) -> OpResult<B, Vector<B>> {
    let (x, observed) = parts.cells(cell, count)?;
    let eta = parts.parameters(tape, parameter, count)?;
    compose(tape, &eta, |value| {
        let normaliser = match is_count {
            true => eta.retaped::<T>().try_exp()?,
            false => composed_softplus(eta.retaped::<T>())?,
        };
        value.try_mul(x)?.try_sub(normaliser)?.try_mul(observed)?.try_sum::<_, Axis<1>>()
    })
}

fn categorical<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    parts: &Parts<B>,
    (cell, parameter): (usize, usize),
    levels: usize,
) -> OpResult<B, Vector<B>> {
    let (x, observed) = parts.cells(cell, levels)?;
    let logits = parts.parameters(tape, parameter, levels)?;
    let shape = *logits.shape();
    compose(tape, &logits, |value| {
        let normaliser = logits.retaped::<T>().try_logsumexp::<(usize,), Axis<1>>()?;
        let normaliser: Tensor<(usize, usize), f32, B, T> =
            normaliser.try_broadcast_like::<_, Axis<1>>(&shape)?;
        let cells = value.try_sub(normaliser)?.try_mul(x.try_mul(observed)?)?;
        cells.try_sum::<_, Axis<1>>()
    })
}
