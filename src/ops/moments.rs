//! Mean and variance of what a decoder emits, from the parameters that its layers give.

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Gradients, Tape, WithEmptyTape, ZerosTensor},
    tensor_ops::{TryMul, TrySub},
};

use super::{
    Backend, Matrix, OpResult,
    elementary::{exp, logistic},
    operand::{compose, return_gradient, take_gradient},
    parallel::{for_each_row, for_each_row_pair},
    storage::{values, values_mut},
};

/// p = logistic(logits) and p(1 − p).
pub(super) fn fused_bernoulli<T: Tape<f32, Cpu>>(
    tape: &mut T,
    logits: &Matrix<Cpu>,
) -> OpResult<Cpu, (Matrix<Cpu>, Matrix<Cpu>)> {
    let (_, width) = *logits.shape();
    let mut mean = logits.device().try_zeros_like(logits)?;
    let mut variance = logits.device().try_zeros_like(logits)?;
    {
        let logits = values(logits);
        let (mean, variance) = (values_mut(&mut mean), values_mut(&mut variance));
        for_each_row_pair(mean, variance, width, |row, mean, variance| {
            let logits = &logits[row * width..][..width];
            for i in 0..width {
                mean[i] = logistic(logits[i]);
                variance[i] = mean[i] * (1.0 - mean[i]);
            }
        });
    }
    if T::OWNS_TAPE {
        let (logits, results) = (logits.clone(), (mean.clone(), variance.clone()));
        tape.add_backward_op(move |gradients| backward_bernoulli(gradients, &logits, &results));
    }
    Ok((mean, variance))
}

/// dp/dl = p(1 − p) and d(p(1 − p))/dl = p(1 − p)(1 − 2p).
fn backward_bernoulli(
    gradients: &mut Gradients<f32, Cpu>,
    logits: &Matrix<Cpu>,
    (mean, variance): &(Matrix<Cpu>, Matrix<Cpu>),
) -> OpResult<Cpu, ()> {
    let (_, width) = *logits.shape();
    let by_mean = take_gradient(gradients, mean)?;
    let by_variance = take_gradient(gradients, variance)?;
    {
        let (p, v) = (values(mean), values(variance));
        for_each_row(gradients.get_or_alloc_mut(logits)?, width, width, |row, sum| {
            let at = row * width;
            let (p, v) = (&p[at..][..width], &v[at..][..width]);
            let by_mean = &by_mean.0[at..][..width];
            let by_variance = &by_variance.0[at..][..width];
            for i in 0..width {
                sum[i] += v[i] * (by_mean[i] + by_variance[i] * (1.0 - 2.0 * p[i]));
            }
        });
    }
    return_gradient(gradients, variance, by_variance)?;
    return_gradient(gradients, mean, by_mean)
}

pub(super) fn composed_bernoulli<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    logits: &Matrix<B>,
) -> OpResult<B, (Matrix<B>, Matrix<B>)> {
    let mean = compose(tape, logits, |logits| logits.try_sigmoid())?;
    let variance = compose(tape, &mean, |mean| {
        let square = mean.with_empty_tape().try_square()?;
        mean.try_sub(square)
    })?;
    Ok((mean, variance))
}

/// σ² = exp(2 log σ).
pub(super) fn fused_variance<T: Tape<f32, Cpu>>(
    tape: &mut T,
    log_std: &Matrix<Cpu>,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let (_, width) = *log_std.shape();
    let mut variance = log_std.device().try_zeros_like(log_std)?;
    {
        let log_std = values(log_std);
        for_each_row(values_mut(&mut variance), width, width, |row, variance| {
            let log_std = &log_std[row * width..][..width];
            for i in 0..width {
                variance[i] = exp(2.0 * log_std[i]);
            }
        });
    }
    if T::OWNS_TAPE {
        let (log_std, result) = (log_std.clone(), variance.clone());
        tape.add_backward_op(move |gradients| {
            let upstream = take_gradient(gradients, &result)?;
            let variance = values(&result);
            for_each_row(gradients.get_or_alloc_mut(&log_std)?, width, width, |row, sum| {
                let at = row * width;
                let (variance, upstream) = (&variance[at..][..width], &upstream.0[at..][..width]);
                for i in 0..width {
                    sum[i] += 2.0 * variance[i] * upstream[i];
                }
            });
            return_gradient(gradients, &result, upstream)
        });
    }
    Ok(variance)
}

pub(super) fn composed_variance<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    log_std: &Matrix<B>,
) -> OpResult<B, Matrix<B>> {
    compose(tape, log_std, |log_std| log_std.try_mul(2.0)?.try_exp())
}

#[cfg(test)]
mod tests {
    use dfdx::tensor_ops::TryAdd;

    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    /// One matrix of both, so that neither is overlooked.
    fn mixed<T: Tape<f32, Cpu>>(
        tape: &mut T,
        (mean, variance): (Matrix<Cpu>, Matrix<Cpu>),
    ) -> OpResult<Cpu, Matrix<Cpu>> {
        compose(tape, &mean, |mean| mean.try_add(variance.retaped::<T>().try_mul(3.0)?))
    }

    #[test]
    fn moments_of_a_bernoulli_agree_with_the_definition() {
        for (rows, width) in [(3, 4), (70, 300)] {
            check(Case {
                inputs: vec![matrix(rows, width, 1) * 4.0],
                definition: &|inputs| {
                    let moments = |l: &f64| {
                        let p = 1.0 / (1.0 + (-l).exp());
                        p + 3.0 * p * (1.0 - p)
                    };
                    inputs[0].iter().map(moments).collect()
                },
                fused: &|tape, t| {
                    let moments = fused_bernoulli(tape, &t[0])?;
                    mixed(tape, moments)
                },
                composed: &|tape, t| {
                    let moments = composed_bernoulli(tape, &t[0])?;
                    mixed(tape, moments)
                },
            });
        }
    }

    #[test]
    fn the_variance_of_a_normal_agrees_with_the_definition() {
        check(Case {
            inputs: vec![matrix(6, 5, 1)],
            definition: &|inputs| inputs[0].iter().map(|l| (2.0 * l).exp()).collect(),
            fused: &|tape, t| fused_variance(tape, &t[0]),
            composed: &|tape, t| composed_variance(tape, &t[0]),
        });
    }
}
