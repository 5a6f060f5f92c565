//! The log-density of a normal with a diagonal covariance:
//! log N(x; μ, diag σ²) = −Σ ½ln 2π + log σ + ½((x − μ)/σ)².

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
    tensor_ops::{SumTo, TryAdd, TryMul, TrySub},
};

use super::{
    Backend, Matrix, OpResult, Operand, Vector,
    elementary::exp,
    operand::{compose, return_gradient, take_gradient},
    parallel::{for_each_row, for_each_row_pair, sum_of_three},
    repeat::{repeat, repeats},
    storage::{values, values_mut},
};

/// ½ ln 2π
pub(crate) const HALF_LN_TWO_PI: f32 = 0.918_938_5;

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    x: Operand<Cpu>,
    mean: &Matrix<Cpu>,
    log_std: &Matrix<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, width) = *mean.shape();
    let times = repeats(x.tensor(), rows);
    let mut log_prob = mean.device().try_zeros_like(&(rows,))?;
    {
        let (x, mean, log_std) = (values(x.tensor()), values(mean), values(log_std));
        for_each_row(values_mut(&mut log_prob), 1, width, |row, sum| {
            let at = row * width;
            let (x, mean) = (&x[row / times * width..][..width], &mean[at..][..width]);
            let quadratic = sum_of_three(x, mean, &log_std[at..][..width], |x, mean, log_std| {
                let standardised = (x - mean) * exp(-log_std);
                log_std + 0.5 * standardised * standardised
            });
            sum[0] = -quadratic - width as f32 * HALF_LN_TWO_PI;
        });
    }
    if T::OWNS_TAPE {
        let recorded = Recorded {
            x: x.tensor().clone(),
            wants_x_gradient: x.is_traced(),
            mean: mean.clone(),
            log_std: log_std.clone(),
            log_prob: log_prob.clone(),
        };
        tape.add_backward_op(move |gradients| recorded.backward(gradients));
    }
    Ok(log_prob)
}

struct Recorded {
    x: Matrix<Cpu>,
    wants_x_gradient: bool,
    mean: Matrix<Cpu>,
    log_std: Matrix<Cpu>,
    log_prob: Vector<Cpu>,
}

impl Recorded {
    /// With s = (x − μ)/σ: ∂/∂μ = s/σ, ∂/∂log σ = s² − 1, ∂/∂x = −s/σ.
    fn backward(self, gradients: &mut Gradients<f32, Cpu>) -> OpResult<Cpu, ()> {
        let (rows, width) = *self.mean.shape();
        let times = repeats(&self.x, rows);
        let upstream = take_gradient(gradients, &self.log_prob)?;
        let mut to_mean = take_gradient(gradients, &self.mean)?;
        {
            let (x, mean, log_std) = (values(&self.x), values(&self.mean), values(&self.log_std));
            let to_log_std = gradients.get_or_alloc_mut(&self.log_std)?;
            for_each_row_pair(&mut to_mean.0, to_log_std, width, |row, to_mean, to_log_std| {
                let (at, upstream) = (row * width, upstream.0[row]);
                let (x, mean) = (&x[row / times * width..][..width], &mean[at..][..width]);
                let log_std = &log_std[at..][..width];
                for i in 0..width {
                    let precision_root = exp(-log_std[i]);
                    let standardised = (x[i] - mean[i]) * precision_root;
                    to_mean[i] += upstream * standardised * precision_root;
                    to_log_std[i] += upstream * (standardised * standardised - 1.0);
                }
            });
        }
        return_gradient(gradients, &self.mean, to_mean)?;
        if self.wants_x_gradient {
            self.add_x_gradient(gradients, &upstream.0)?;
        }
        return_gradient(gradients, &self.log_prob, upstream)
    }

    fn add_x_gradient(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        upstream: &[f32],
    ) -> OpResult<Cpu, ()> {
        let (rows, width) = *self.mean.shape();
        let times = repeats(&self.x, rows);
        let (x, mean, log_std) = (values(&self.x), values(&self.mean), values(&self.log_std));
        for_each_row(gradients.get_or_alloc_mut(&self.x)?, width, width * times, |row, to_x| {
            let x = &x[row * width..][..width];
            for of in row * times..(row + 1) * times {
                let (mean, log_std) =
                    (&mean[of * width..][..width], &log_std[of * width..][..width]);
                for i in 0..width {
                    to_x[i] -= upstream[of] * (x[i] - mean[i]) * exp(-2.0 * log_std[i]);
                }
            }
        });
        Ok(())
    }
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    x: Operand<B>,
    mean: &Matrix<B>,
    log_std: &Matrix<B>,
) -> OpResult<B, Vector<B>> {
    let (rows, width) = *mean.shape();
    let times = repeats(x.tensor(), rows);
    compose(tape, x.tensor(), |x| {
        let x = repeat(x, times)?;
        let precision_root = log_std.retaped::<T>().try_negate()?.try_exp()?;
        let standardised = x.try_sub(mean.retaped::<T>())?.try_mul(precision_root)?;
        let cells = standardised.try_square()?.try_mul(0.5)?.try_add(log_std.retaped::<T>())?;
        cells.try_sum::<(usize,), Axis<1>>()?.try_negate()?.try_sub(width as f32 * HALF_LN_TWO_PI)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{
        Operand::{Fixed, Traced},
        testing::{Case, check, matrix, weighted},
    };

    fn definition(inputs: &[Vec<f64>], width: usize) -> Vec<f64> {
        let times = inputs[1].len() / inputs[0].len();
        let density = |at: usize| {
            let x = inputs[0][at / width / times * width + at % width];
            let (mean, std) = (inputs[1][at], inputs[2][at].exp());
            let exponent = -(x - mean).powi(2) / (2.0 * std * std);
            (exponent.exp() / (std * (2.0 * std::f64::consts::PI).sqrt())).ln()
        };
        let rows = inputs[1].len() / width;
        (0..rows).map(|row| (0..width).map(|i| density(row * width + i)).sum()).collect()
    }

    #[test]
    fn log_density_and_gradients_agree_with_the_definition() {
        for (rows, times, width) in [(4, 1, 3), (70, 1, 250), (3, 4, 2), (30, 3, 200)] {
            check(Case {
                inputs: vec![
                    matrix(rows, width, 1),
                    matrix(rows * times, width, 2),
                    matrix(rows * times, width, 3),
                ],
                definition: &|inputs| definition(inputs, width),
                fused: &|tape, t| fused(tape, Traced(&t[0]), &t[1], &t[2]),
                composed: &|tape, t| composed(tape, Traced(&t[0]), &t[1], &t[2]),
            });
        }
    }

    #[test]
    fn data_get_no_gradient() {
        let (x, mean, log_std) = (matrix(2, 3, 1), matrix(2, 3, 2), matrix(2, 3, 3));
        let mut tape = dfdx::tensor::OwnedTape::default();
        let y = fused(&mut tape, Fixed(&x), &mean, &log_std).unwrap();
        let mut gradients = dfdx::tensor_ops::Backward::backward(weighted(&y, tape));
        assert!(gradients.get_or_alloc_mut(&x).unwrap().iter().all(|value| *value == 0.0));
    }
}
