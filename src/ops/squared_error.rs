//! The squared distance of every row from its reconstruction, ‖x − x̃‖².

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
    tensor_ops::{SumTo, TrySub},
};

use super::{
    Backend, Matrix, OpResult, Vector,
    operand::{compose, return_gradient, take_gradient},
    parallel::{for_each_row, sum_of},
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    x: &Matrix<Cpu>,
    mean: &Matrix<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, width) = *mean.shape();
    let mut error = mean.device().try_zeros_like(&(rows,))?;
    {
        let (x, mean) = (values(x), values(mean));
        for_each_row(values_mut(&mut error), 1, width, |row, sum| {
            let at = row * width;
            let square = |x: f32, mean: f32| (x - mean) * (x - mean);
            sum[0] = sum_of(&x[at..][..width], &mean[at..][..width], square);
        });
    }
    if T::OWNS_TAPE {
        let (x, mean, result) = (x.clone(), mean.clone(), error.clone());
        tape.add_backward_op(move |gradients| backward(gradients, &x, &mean, &result));
    }
    Ok(error)
}

/// ∂/∂x̃ = 2(x̃ − x).
fn backward(
    gradients: &mut Gradients<f32, Cpu>,
    x: &Matrix<Cpu>,
    mean: &Matrix<Cpu>,
    error: &Vector<Cpu>,
) -> OpResult<Cpu, ()> {
    let (_, width) = *mean.shape();
    let upstream = take_gradient(gradients, error)?;
    {
        let (x, m) = (values(x), values(mean));
        for_each_row(gradients.get_or_alloc_mut(mean)?, width, width, |row, sum| {
            let (x, m) = (&x[row * width..][..width], &m[row * width..][..width]);
            for i in 0..width {
                sum[i] += 2.0 * upstream.0[row] * (m[i] - x[i]);
            }
        });
    }
    return_gradient(gradients, error, upstream)
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    x: &Matrix<B>,
    mean: &Matrix<B>,
) -> OpResult<B, Vector<B>> {
    compose(tape, mean, |mean| {
        mean.try_sub(x.clone())?.try_square()?.try_sum::<(usize,), Axis<1>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    #[test]
    fn error_and_gradient_agree_with_the_definition() {
        for (rows, width) in [(4, 3), (70, 250)] {
            let x = matrix(rows, width, 1);
            let x_values: Vec<f64> = x.as_vec().into_iter().map(f64::from).collect();
            let definition = |inputs: &[Vec<f64>]| -> Vec<f64> {
                let rows = x_values.chunks(width).zip(inputs[0].chunks(width));
                rows.map(|(x, mean)| x.iter().zip(mean).map(|(x, m)| (x - m).powi(2)).sum())
                    .collect()
            };
            check(Case {
                inputs: vec![matrix(rows, width, 2)],
                definition: &definition,
                fused: &|tape, t| fused(tape, &x, &t[0]),
                composed: &|tape, t| composed(tape, &x, &t[0]),
            });
        }
    }
}
