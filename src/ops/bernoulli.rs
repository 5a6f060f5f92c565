//! The Bernoulli log-density with logits, which neither overflows nor takes the log of 0:
//! log p(x) = Σ x·l − ln(1 + eˡ).

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, WithEmptyTape, ZerosTensor},
    tensor_ops::{SumTo, TryMul, TrySub},
};

use super::{
    Backend, Matrix, OpResult, Vector,
    activation::composed_softplus,
    elementary::{logistic, softplus},
    operand::{compose, return_gradient, take_gradient},
    parallel::{for_each_row, sum_of},
    repeat::{repeat, repeats},
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    x: &Matrix<Cpu>,
    logits: &Matrix<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, width) = *logits.shape();
    let times = repeats(x, rows);
    let mut log_prob = logits.device().try_zeros_like(&(rows,))?;
    {
        let (x, logits) = (values(x), values(logits));
        for_each_row(values_mut(&mut log_prob), 1, width, |row, sum| {
            let (x, logits) = (&x[row / times * width..][..width], &logits[row * width..][..width]);
            sum[0] = sum_of(x, logits, |x, l| x * l - softplus(l));
        });
    }
    if T::OWNS_TAPE {
        let (x, logits, result) = (x.clone(), logits.clone(), log_prob.clone());
        tape.add_backward_op(move |gradients| backward(gradients, &x, &logits, &result));
    }
    Ok(log_prob)
}

/// ∂ log p/∂l = x − logistic(l).
fn backward(
    gradients: &mut Gradients<f32, Cpu>,
    x: &Matrix<Cpu>,
    logits: &Matrix<Cpu>,
    log_prob: &Vector<Cpu>,
) -> OpResult<Cpu, ()> {
    let (rows, width) = *logits.shape();
    let times = repeats(x, rows);
    let upstream = take_gradient(gradients, log_prob)?;
    {
        let (x, l) = (values(x), values(logits));
        for_each_row(gradients.get_or_alloc_mut(logits)?, width, width, |row, sum| {
            let (x, l) = (&x[row / times * width..][..width], &l[row * width..][..width]);
            for i in 0..width {
                sum[i] += upstream.0[row] * (x[i] - logistic(l[i]));
            }
        });
    }
    return_gradient(gradients, log_prob, upstream)
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    x: &Matrix<B>,
    logits: &Matrix<B>,
) -> OpResult<B, Vector<B>> {
    compose(tape, logits, |logits| {
        let normaliser = composed_softplus(logits.with_empty_tape())?;
        let x = repeat(x.clone(), repeats(x, logits.shape().0))?;
        logits.try_mul(x)?.try_sub(normaliser)?.try_sum::<(usize,), Axis<1>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    fn definition(x: &[f64], logits: &[f64], width: usize) -> Vec<f64> {
        let cell = |(x, l): (&f64, &f64)| {
            let p = 1.0 / (1.0 + (-l).exp());
            x * p.ln() + (1.0 - x) * (1.0 - p).ln()
        };
        x.chunks(width)
            .zip(logits.chunks(width))
            .map(|(x, l)| x.iter().zip(l).map(cell).sum())
            .collect()
    }

    #[test]
    fn log_density_and_gradient_agree_with_the_definition() {
        for (rows, times, width) in [(3, 1, 4), (60, 1, 300), (3, 4, 5), (20, 3, 300)] {
            let x = matrix(rows, width, 1);
            let x: Matrix<Cpu> = x.square();
            let x_values: Vec<f64> = x.as_vec().into_iter().map(f64::from).collect();
            let repeated: Vec<f64> =
                x_values.chunks(width).flat_map(|row| row.repeat(times)).collect();
            check(Case {
                inputs: vec![matrix(rows * times, width, 2) * 6.0],
                definition: &|inputs| definition(&repeated, &inputs[0], width),
                fused: &|tape, t| fused(tape, &x, &t[0]),
                composed: &|tape, t| composed(tape, &x, &t[0]),
            });
        }
    }

    #[test]
    fn extreme_logits_stay_finite() {
        let (x, logits) = (matrix(2, 3, 1).square(), matrix(2, 3, 2) * 1e4);
        let got = fused(&mut dfdx::tensor::NoneTape, &x, &logits).unwrap();
        assert!(got.as_vec().iter().all(|value| value.is_finite() && *value < 0.0));
    }
}
