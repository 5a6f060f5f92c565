//! The same from dfdx's own operations, for every device.

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Tape, Tensor},
    tensor_ops::{
        BroadcastTo, ChooseFrom, LogSumExpTo, SumTo, TryAdd, TryDiv, TryLt, TryMatMul, TryMul,
        TrySub,
    },
};

use super::{
    LocationScale, TimeLayout,
    family::LOG_SCALE_FLOOR,
    fused::{ERFC, W_MAX},
};
use crate::ops::{
    Activation, Backend, Matrix, OpResult, Vector, activation::composed_softplus,
    normal::HALF_LN_TWO_PI, operand::compose, selection::selection,
};

/// As [`crate::ops::Backend::censored_log_prob`].
pub(in crate::ops) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    layout: TimeLayout,
    outcome: &Matrix<B>,
    parameters: &Matrix<B>,
) -> OpResult<B, Vector<B>> {
    let components = layout.components();
    let part = |tape: &mut T, index: usize| {
        let selection = selection(parameters, layout.parameters(), index * components, components)?;
        compose(tape, parameters, |parameters| parameters.try_matmul(selection))
    };
    // The time and the event, once for every component.
    let (u, event) = (repeated(outcome, 0, components)?, repeated(outcome, 1, components)?);
    let location = part(tape, 0)?;
    let log_scale = match layout.has_scales() {
        true => {
            let raw = part(tape, 1)?;
            compose(tape, &raw, |raw| Activation::SoftFloor(LOG_SCALE_FLOOR).compose(raw))?
        }
        false => location.clone().try_mul(0.0)?.try_add(layout.exponential_log_scale)?,
    };
    let w = compose(tape, &location, |location| {
        let inverse_scale = log_scale.retaped::<T>().try_negate()?.try_exp()?;
        let w = location.try_sub(u)?.try_negate()?.try_mul(inverse_scale)?;
        w.try_clamp(f32::MIN, W_MAX)
    })?;
    let (density, survival) = log_density_and_survival(tape, layout.family(), &w)?;
    let censored = event.clone().try_negate()?.try_add(1.0)?;
    let cells = compose(tape, &density, |density| {
        let survival = survival.retaped::<T>().try_mul(censored)?;
        density.try_sub(log_scale.retaped::<T>())?.try_mul(event)?.try_add(survival)
    })?;
    if components == 1 {
        return compose(tape, &cells, |cells| cells.try_sum::<(usize,), Axis<1>>());
    }
    let logits = part(tape, 2)?;
    compose(tape, &cells, |cells| {
        let shape = *cells.shape();
        let total = logits.retaped::<T>().try_logsumexp::<(usize,), Axis<1>>()?;
        let total: Tensor<(usize, usize), f32, B, T> =
            total.try_broadcast_like::<_, Axis<1>>(&shape)?;
        let joint = cells.try_add(logits.retaped::<T>())?.try_sub(total)?;
        joint.try_logsumexp::<(usize,), Axis<1>>()
    })
}

/// A column of `x`, (n, 2), as `times` columns.
fn repeated<B: Backend>(x: &Matrix<B>, column: usize, times: usize) -> OpResult<B, Matrix<B>> {
    let spread = x.device().upload((2, times), |values| {
        values.fill(0.0);
        values[column * times..][..times].fill(1.0);
    })?;
    x.clone().try_matmul(spread)
}

/// log f + log scale and log S, both at w.
fn log_density_and_survival<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    family: LocationScale,
    w: &Matrix<B>,
) -> OpResult<B, (Matrix<B>, Matrix<B>)> {
    match family {
        LocationScale::SmallestExtreme => {
            let survival = compose(tape, w, |w| w.try_exp()?.try_negate())?;
            let density = compose(tape, w, |w| w.try_add(survival.retaped::<T>()))?;
            Ok((density, survival))
        }
        LocationScale::Logistic => {
            let survival = compose(tape, w, |w| composed_softplus(w)?.try_negate())?;
            let density = compose(tape, w, |w| w.try_add(survival.retaped::<T>().try_mul(2.0)?))?;
            Ok((density, survival))
        }
        LocationScale::Normal => {
            let density =
                compose(tape, w, |w| w.try_square()?.try_mul(-0.5)?.try_sub(HALF_LN_TWO_PI))?;
            Ok((density, log_normal_tail(tape, w)?))
        }
    }
}

/// log Φ(−w).
fn log_normal_tail<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    w: &Matrix<B>,
) -> OpResult<B, Matrix<B>> {
    let x = compose(tape, w, |w| w.try_abs()?.try_mul(std::f32::consts::FRAC_1_SQRT_2))?;
    let t = compose(tape, &x, |x| {
        let one = x.device().try_ones_like(x.shape())?.retaped::<T>();
        one.try_div(x.try_mul(0.5)?.try_add(1.0)?)
    })?;
    let upper = compose(tape, &t, |log_t| {
        let mut polynomial = t.retaped::<T>().try_mul(ERFC[0])?.try_add(ERFC[1])?;
        for coefficient in &ERFC[2..] {
            polynomial = polynomial.try_mul(t.retaped::<T>())?.try_add(*coefficient)?;
        }
        let square = x.retaped::<T>().try_square()?;
        let sum = log_t.try_ln()?.try_sub(square)?.try_add(polynomial)?;
        sum.try_sub(std::f32::consts::LN_2)
    })?;
    let is_below = w.try_lt(0.0)?;
    compose(tape, &upper, |value| {
        let below = upper.retaped::<T>().try_exp()?.try_negate()?.try_add(1.0)?.try_ln()?;
        is_below.try_choose(below, value)
    })
}
