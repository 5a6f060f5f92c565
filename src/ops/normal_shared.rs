//! The log-density of a normal with one standard deviation for all dimensions, as in probabilistic
//! PCA: log N(x; μ, σ²I).

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, WithEmptyTape, ZerosTensor},
    tensor_ops::{BroadcastTo, ReshapeTo, SumTo, TryAdd, TryMul, TrySub},
};

use super::{
    Backend, Matrix, OpResult, Vector,
    normal::HALF_LN_TWO_PI,
    operand::{compose, return_gradient, take_gradient},
    parallel::{for_each_row, sum_of},
    repeat::{repeat, repeats},
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    x: &Matrix<Cpu>,
    mean: &Matrix<Cpu>,
    log_std: &Matrix<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, width) = *mean.shape();
    let times = repeats(x, rows);
    let mut log_prob = mean.device().try_zeros_like(&(rows,))?;
    {
        let log_std = log_std[[0, 0]];
        let (precision, constant) = ((-2.0 * log_std).exp(), log_std + HALF_LN_TWO_PI);
        let (x, mean) = (values(x), values(mean));
        for_each_row(values_mut(&mut log_prob), 1, width, |row, sum| {
            let (x, mean) = (&x[row / times * width..][..width], &mean[row * width..][..width]);
            let squares = sum_of(x, mean, |x, mean| (x - mean) * (x - mean));
            sum[0] = -0.5 * precision * squares - width as f32 * constant;
        });
    }
    if T::OWNS_TAPE {
        let (x, mean, log_std) = (x.clone(), mean.clone(), log_std.clone());
        let result = log_prob.clone();
        tape.add_backward_op(move |gradients| backward(gradients, &x, &mean, &log_std, &result));
    }
    Ok(log_prob)
}

/// ∂/∂μ = (x − μ)/σ² and ∂/∂log σ = Σ ((x − μ)/σ)² − 1.
fn backward(
    gradients: &mut Gradients<f32, Cpu>,
    x: &Matrix<Cpu>,
    mean: &Matrix<Cpu>,
    log_std: &Matrix<Cpu>,
    log_prob: &Vector<Cpu>,
) -> OpResult<Cpu, ()> {
    let (rows, width) = *mean.shape();
    let times = repeats(x, rows);
    let precision = (-2.0 * log_std[[0, 0]]).exp();
    let upstream = take_gradient(gradients, log_prob)?;
    let (x, mean_values) = (values(x), values(mean));
    let mut to_log_std = vec![0.0; rows];
    for_each_row(&mut to_log_std, 1, width, |row, sum| {
        let (x, mean) = (&x[row / times * width..][..width], &mean_values[row * width..][..width]);
        let squares = sum_of(x, mean, |x, mean| (x - mean) * (x - mean));
        sum[0] = upstream.0[row] * (precision * squares - width as f32);
    });
    gradients.get_or_alloc_mut(log_std)?[0] += to_log_std.iter().sum::<f32>();
    for_each_row(gradients.get_or_alloc_mut(mean)?, width, width, |row, sum| {
        let (x, mean) = (&x[row / times * width..][..width], &mean_values[row * width..][..width]);
        for i in 0..width {
            sum[i] += upstream.0[row] * precision * (x[i] - mean[i]);
        }
    });
    return_gradient(gradients, log_prob, upstream)
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    x: &Matrix<B>,
    mean: &Matrix<B>,
    log_std: &Matrix<B>,
) -> OpResult<B, Vector<B>> {
    let (rows, width) = *mean.shape();
    compose(tape, mean, |mean| {
        let log_std = log_std.retaped::<T>().try_reshape_like(&(1,))?;
        let log_std: Vector<B, T> = log_std.try_reshape_like(&())?.try_broadcast_like(&(rows,))?;
        let precision = log_std.with_empty_tape().try_mul(-2.0)?.try_exp()?;
        let x = repeat(x.clone(), repeats(x, rows))?;
        let squares = mean.try_sub(x)?.try_square()?.try_sum::<(usize,), Axis<1>>()?;
        let quadratic = squares.try_mul(precision)?.try_mul(0.5)?;
        let constant = log_std.try_add(HALF_LN_TWO_PI)?.try_mul(width as f32)?;
        quadratic.try_add(constant)?.try_negate()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    #[test]
    fn log_density_and_gradients_agree_with_the_definition() {
        for (rows, times, width) in [(4, 1, 3), (70, 1, 250), (3, 4, 5), (30, 3, 200)] {
            let x = matrix(rows, width, 1);
            let x_values: Vec<f64> = x.as_vec().into_iter().map(f64::from).collect();
            let x_values: Vec<f64> =
                x_values.chunks(width).flat_map(|row| row.repeat(times)).collect();
            let definition = |inputs: &[Vec<f64>]| -> Vec<f64> {
                let std = inputs[1][0].exp();
                let cell = |(x, mean): (&f64, &f64)| {
                    -(x - mean).powi(2) / (2.0 * std * std)
                        - (std * (2.0 * std::f64::consts::PI).sqrt()).ln()
                };
                let rows = x_values.chunks(width).zip(inputs[0].chunks(width));
                rows.map(|(x, mean)| x.iter().zip(mean).map(cell).sum()).collect()
            };
            check(Case {
                inputs: vec![matrix(rows * times, width, 2), matrix(1, 1, 3)],
                definition: &definition,
                fused: &|tape, t| fused(tape, &x, &t[0], &t[1]),
                composed: &|tape, t| composed(tape, &x, &t[0], &t[1]),
            });
        }
    }
}
