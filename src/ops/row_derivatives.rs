//! Operations that turn a row of parameters into one number: the derivatives share their
//! exponentials with the value, so both are computed in the forward pass.

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
};

use super::{
    Matrix, OpResult, Vector,
    operand::{return_gradient, take_gradient},
    parallel::for_each_row,
    storage::{values, values_mut},
};

/// body(row, parameters, derivatives) of every row, recorded on the tape. `derivatives` are those
/// of the result by the parameters, to be written; `work_per_row` is in elements.
pub(super) fn row_by_row<T: Tape<f32, Cpu>>(
    tape: &mut T,
    parameters: &Matrix<Cpu>,
    work_per_row: usize,
    body: impl Fn(usize, &[f32], &mut [f32]) -> f32 + Sync,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, width) = *parameters.shape();
    let mut result = parameters.device().try_zeros_like(&(rows,))?;
    // The last column holds the results.
    let mut derivatives = parameters.device().try_zeros_like(&(rows, width + 1))?;
    {
        let parameters = values(parameters);
        let target = values_mut(&mut derivatives);
        for_each_row(target, width + 1, work_per_row, |row, out| {
            let (derivatives, result) = out.split_at_mut(width);
            result[0] = body(row, &parameters[row * width..][..width], derivatives);
        });
        for (result, row) in values_mut(&mut result).iter_mut().zip(target.chunks_exact(width + 1))
        {
            *result = row[width];
        }
    }
    if T::OWNS_TAPE {
        let recorded =
            Recorded { derivatives, parameters: parameters.clone(), result: result.clone() };
        tape.add_backward_op(move |gradients| recorded.backward(gradients));
    }
    Ok(result)
}

struct Recorded {
    derivatives: Matrix<Cpu>,
    parameters: Matrix<Cpu>,
    result: Vector<Cpu>,
}

impl Recorded {
    fn backward(self, gradients: &mut Gradients<f32, Cpu>) -> OpResult<Cpu, ()> {
        let (_, width) = *self.parameters.shape();
        let upstream = take_gradient(gradients, &self.result)?;
        {
            let derivatives = values(&self.derivatives);
            let target = gradients.get_or_alloc_mut(&self.parameters)?;
            for_each_row(target, width, width, |row, sums| {
                let derivatives = &derivatives[row * (width + 1)..][..width];
                for (sum, derivative) in sums.iter_mut().zip(derivatives) {
                    *sum += upstream.0[row] * derivative;
                }
            });
        }
        return_gradient(gradients, &self.result, upstream)
    }
}
