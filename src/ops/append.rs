//! Fixed columns beside traced ones: \[x | fixed\].

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Tape, ZerosTensor},
    tensor_ops::{TryAdd, TryMatMul},
};

use super::{
    Backend, Matrix, OpResult, Operand,
    operand::{compose, return_gradient, take_gradient},
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    x: Operand<Cpu>,
    fixed: &Matrix<Cpu>,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let ((rows, first), (_, second)) = (*x.tensor().shape(), *fixed.shape());
    let width = first + second;
    let mut joined = fixed.device().try_zeros_like(&(rows, width))?;
    {
        let (x, fixed) = (values(x.tensor()), values(fixed));
        for (row, target) in values_mut(&mut joined).chunks_exact_mut(width).enumerate() {
            target[..first].copy_from_slice(&x[row * first..][..first]);
            target[first..].copy_from_slice(&fixed[row * second..][..second]);
        }
    }
    if T::OWNS_TAPE && x.is_traced() {
        let (x, result) = (x.tensor().clone(), joined.clone());
        tape.add_backward_op(move |gradients| {
            let upstream = take_gradient(gradients, &result)?;
            let target = gradients.get_or_alloc_mut(&x)?;
            for (sums, row) in target.chunks_exact_mut(first).zip(upstream.0.chunks_exact(width)) {
                sums.iter_mut().zip(row).for_each(|(sum, gradient)| *sum += gradient);
            }
            return_gradient(gradients, &result, upstream)
        });
    }
    Ok(joined)
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    x: Operand<B>,
    fixed: &Matrix<B>,
) -> OpResult<B, Matrix<B>> {
    let ((_, first), (_, second)) = (*x.tensor().shape(), *fixed.shape());
    let width = first + second;
    let place = |rows: usize, at: usize| {
        fixed.device().upload((rows, width), |values| {
            values.fill(0.0);
            (0..rows).for_each(|i| values[i * width + at + i] = 1.0);
        })
    };
    let right = fixed.clone().try_matmul(place(second, first)?)?;
    let left = place(first, 0)?;
    compose(tape, x.tensor(), |x| x.try_matmul(left)?.try_add(right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{
        Operand::Traced,
        testing::{Case, check, matrix},
    };

    #[test]
    fn columns_stand_side_by_side_and_the_traced_ones_get_their_gradient() {
        let (x, fixed) = (matrix(5, 3, 1), matrix(5, 2, 2));
        let right = fixed.as_vec();
        check(Case {
            inputs: vec![x],
            definition: &|inputs| {
                let rows = inputs[0].chunks(3).zip(right.chunks(2));
                let joined = rows.flat_map(|(x, fixed)| {
                    x.iter().copied().chain(fixed.iter().map(|value| f64::from(*value)))
                });
                joined.collect()
            },
            fused: &|tape, t| fused(tape, Traced(&t[0]), &fixed),
            composed: &|tape, t| composed(tape, Traced(&t[0]), &fixed),
        });
    }
}
