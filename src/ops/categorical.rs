//! The categorical log-likelihood with logits: log p(y) = Σ_k y_k·(l_k − ln Σⱼ exp(lⱼ)).

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
    tensor_ops::{SumTo, TryMul},
};

use super::{
    Backend, Matrix, OpResult, Vector,
    elementary::exp,
    log_softmax::log_sum_exp,
    operand::{compose, return_gradient, take_gradient},
    parallel::{for_each_row, sum_of},
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    y: &Matrix<Cpu>,
    logits: &Matrix<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, classes) = *logits.shape();
    let mut log_prob = logits.device().try_zeros_like(&(rows,))?;
    {
        let (y, logits) = (values(y), values(logits));
        for_each_row(values_mut(&mut log_prob), 1, 4 * classes, |row, sum| {
            let (y, logits) = (&y[row * classes..][..classes], &logits[row * classes..][..classes]);
            let normaliser = log_sum_exp(logits);
            sum[0] = sum_of(y, logits, |y, logit| y * (logit - normaliser));
        });
    }
    if T::OWNS_TAPE {
        let (y, logits, result) = (y.clone(), logits.clone(), log_prob.clone());
        tape.add_backward_op(move |gradients| backward(gradients, &y, &logits, &result));
    }
    Ok(log_prob)
}

/// ∂/∂l_k = y_k − p_k Σⱼ yⱼ.
fn backward(
    gradients: &mut Gradients<f32, Cpu>,
    y: &Matrix<Cpu>,
    logits: &Matrix<Cpu>,
    log_prob: &Vector<Cpu>,
) -> OpResult<Cpu, ()> {
    let (_, classes) = *logits.shape();
    let upstream = take_gradient(gradients, log_prob)?;
    {
        let (y, l) = (values(y), values(logits));
        let target = gradients.get_or_alloc_mut(logits)?;
        for_each_row(target, classes, 4 * classes, |row, sum| {
            let (y, l) = (&y[row * classes..][..classes], &l[row * classes..][..classes]);
            let (normaliser, total) = (log_sum_exp(l), y.iter().sum::<f32>());
            for k in 0..classes {
                sum[k] += upstream.0[row] * (y[k] - exp(l[k] - normaliser) * total);
            }
        });
    }
    return_gradient(gradients, log_prob, upstream)
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    y: &Matrix<B>,
    logits: &Matrix<B>,
) -> OpResult<B, Vector<B>> {
    compose(tape, logits, |logits| {
        let log_probs = logits.try_log_softmax::<Axis<1>>()?;
        log_probs.try_mul(y.clone())?.try_sum::<(usize,), Axis<1>>()
    })
}

#[cfg(test)]
mod tests {
    use dfdx::tensor::{NoneTape, TensorFromVec};

    use super::*;
    use crate::ops::{
        log_softmax,
        testing::{Case, check, matrix},
    };

    fn definition(y: &[f64], logits: &[f64], classes: usize) -> Vec<f64> {
        let row = |(y, logits): (&[f64], &[f64])| {
            let normaliser: f64 = logits.iter().map(|logit| logit.exp()).sum();
            y.iter().zip(logits).map(|(y, logit)| y * (logit.exp() / normaliser).ln()).sum()
        };
        y.chunks(classes).zip(logits.chunks(classes)).map(row).collect()
    }

    #[test]
    fn likelihood_and_gradient_agree_with_the_definition() {
        for (rows, classes) in [(3, 4), (60, 97)] {
            // Probabilities that need not sum to one, as in an expectation that is part of a sum.
            let y: Matrix<Cpu> = matrix(rows, classes, 1).square();
            let y_values: Vec<f64> = y.as_vec().into_iter().map(f64::from).collect();
            check(Case {
                inputs: vec![matrix(rows, classes, 2) * 4.0],
                definition: &|inputs| definition(&y_values, &inputs[0], classes),
                fused: &|tape, t| fused(tape, &y, &t[0]),
                composed: &|tape, t| composed(tape, &y, &t[0]),
            });
        }
    }

    #[test]
    fn a_one_hot_row_reads_its_own_log_probability_off_logits_and_off_log_probabilities() {
        let logits = matrix(2, 3, 5);
        let y = Cpu::default().tensor_from_vec(vec![0.0, 1.0, 0.0, 0.0, 0.0, 1.0], (2, 3));
        let log_probs = log_softmax::fused(&mut NoneTape, &logits).unwrap();
        let want = [log_probs[[0, 1]], log_probs[[1, 2]]];
        for given in [&logits, &log_probs] {
            let got = fused(&mut NoneTape, &y, given).unwrap().as_vec();
            // A few roundings of f32.
            assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-6), "{got:?}");
        }
    }
}
