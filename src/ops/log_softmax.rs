//! Log-probabilities of classes from logits, log p_k = l_k − ln Σⱼ exp(lⱼ).

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
};

use super::{
    Backend, Matrix, OpResult,
    elementary::exp,
    operand::{compose, return_gradient, take_gradient},
    parallel::{for_each_row, sum_of},
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    logits: &Matrix<Cpu>,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let (rows, classes) = *logits.shape();
    let mut log_probs = logits.device().try_zeros_like(&(rows, classes))?;
    {
        let logits = values(logits);
        for_each_row(values_mut(&mut log_probs), classes, 4 * classes, |row, log_probs| {
            let logits = &logits[row * classes..][..classes];
            let normaliser = log_sum_exp(logits);
            log_probs.iter_mut().zip(logits).for_each(|(to, logit)| *to = logit - normaliser);
        });
    }
    if T::OWNS_TAPE {
        let (logits, result) = (logits.clone(), log_probs.clone());
        tape.add_backward_op(move |gradients| backward(gradients, &logits, &result));
    }
    Ok(log_probs)
}

/// ln Σ exp(l), without overflow.
#[inline(always)]
pub(super) fn log_sum_exp(logits: &[f32]) -> f32 {
    // Not a number stays what it is: `max` would drop it, the sum does not.
    let most = logits.iter().fold(f32::NEG_INFINITY, |most, logit| most.max(*logit));
    most + sum_of(logits, logits, |logit, _| exp(logit - most)).ln()
}

/// ∂/∂l_k = g_k − p_k Σⱼ gⱼ.
fn backward(
    gradients: &mut Gradients<f32, Cpu>,
    logits: &Matrix<Cpu>,
    log_probs: &Matrix<Cpu>,
) -> OpResult<Cpu, ()> {
    let (_, classes) = *logits.shape();
    let upstream = take_gradient(gradients, log_probs)?;
    {
        let log_probs = values(log_probs);
        let target = gradients.get_or_alloc_mut(logits)?;
        for_each_row(target, classes, 4 * classes, |row, sum| {
            let at = row * classes;
            let (log_probs, upstream) = (&log_probs[at..][..classes], &upstream.0[at..][..classes]);
            let total: f32 = upstream.iter().sum();
            for k in 0..classes {
                sum[k] += upstream[k] - exp(log_probs[k]) * total;
            }
        });
    }
    return_gradient(gradients, log_probs, upstream)
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    logits: &Matrix<B>,
) -> OpResult<B, Matrix<B>> {
    compose(tape, logits, |logits| logits.try_log_softmax::<Axis<1>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    fn definition(logits: &[f64], classes: usize) -> Vec<f64> {
        let row = |row: &[f64]| {
            let normaliser = row.iter().map(|logit| logit.exp()).sum::<f64>().ln();
            row.iter().map(|logit| logit - normaliser).collect::<Vec<_>>()
        };
        logits.chunks(classes).flat_map(row).collect()
    }

    #[test]
    fn log_probabilities_and_gradients_agree_with_the_definition() {
        for (rows, classes) in [(1, 1), (3, 4), (60, 97)] {
            check(Case {
                inputs: vec![matrix(rows, classes, 1) * 5.0],
                definition: &|inputs| definition(&inputs[0], classes),
                fused: &|tape, t| fused(tape, &t[0]),
                composed: &|tape, t| composed(tape, &t[0]),
            });
        }
    }

    #[test]
    fn extreme_logits_stay_finite_and_not_a_number_stays_seen() {
        let tape = &mut dfdx::tensor::NoneTape;
        let got = fused(tape, &(matrix(4, 3, 2) * 1e5)).unwrap().as_vec();
        assert!(got.iter().all(|value| value.is_finite() && *value <= 0.0), "{got:?}");
        let mut broken = matrix(1, 3, 1);
        values_mut(&mut broken)[1] = f32::NAN;
        assert!(fused(tape, &broken).unwrap().as_vec().iter().all(|value| value.is_nan()));
    }
}
