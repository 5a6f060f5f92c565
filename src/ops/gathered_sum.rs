//! The first layer of a network of several inputs, some of which are one-hot: what each input adds
//! is a row of a matrix, and many rows of the result share it.
//!
//! With an image x and every class y, W(x, onehot(y)) + b = (Wₓx + b) + (the column of W for y): the
//! product with x is needed once an image, not once a class.

use std::sync::Arc;

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
    tensor_ops::{GatherTo, TryAdd},
};
use pulp::Arch;

use super::{
    Activation, Backend, Matrix, OpResult,
    operand::{compose, return_gradient, take_gradient},
    parallel::for_each_row,
    repeat::{repeat, repeats},
    storage::{values, values_mut},
};

/// A matrix of which each row of a result takes one row.
pub(crate) struct Summand<'a, B: Backend> {
    matrix: &'a Matrix<B>,
    rows: Gathered,
}

/// Which row of a summand goes to row r of the result.
#[derive(Clone)]
enum Gathered {
    /// Row r / k, where the result has k times as many rows.
    InTurn,
    /// The row with this number.
    Chosen(Arc<[u32]>),
}

impl<'a, B: Backend> Summand<'a, B> {
    /// Each row goes to one row of the result, or to as many in turn as the result has more rows.
    pub fn in_turn(matrix: &'a Matrix<B>) -> Self {
        Self { matrix, rows: Gathered::InTurn }
    }

    /// Row `chosen[r]` goes to row r: an embedding.
    pub fn chosen(matrix: &'a Matrix<B>, chosen: Arc<[u32]>) -> Self {
        Self { matrix, rows: Gathered::Chosen(chosen) }
    }
}

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    rows: usize,
    summands: &[Summand<Cpu>],
    activation: Activation,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let first = summands[0].matrix;
    let (_, width) = *first.shape();
    let mut y = first.device().try_zeros_like(&(rows, width))?;
    {
        let parts: Vec<_> = summands
            .iter()
            .map(|part| (values(part.matrix), part, repeats_of(part, rows)))
            .collect();
        for_each_row(values_mut(&mut y), width, width * parts.len(), |row, y| {
            for (part, (values, summand, times)) in parts.iter().enumerate() {
                let from = summand.rows.of(row, *times);
                let values = &values[from * width..][..width];
                if part == 0 {
                    y.copy_from_slice(values);
                } else {
                    add(y, values);
                }
            }
            activation.apply(y);
        });
    }
    if T::OWNS_TAPE {
        let parts = summands.iter().map(|part| (part.matrix.clone(), part.rows.clone())).collect();
        let recorded = Recorded { parts, y: y.clone(), activation };
        tape.add_backward_op(move |gradients| recorded.backward(gradients));
    }
    Ok(y)
}

fn repeats_of<B: Backend>(summand: &Summand<B>, rows: usize) -> usize {
    match summand.rows {
        Gathered::InTurn => repeats(summand.matrix, rows),
        Gathered::Chosen(_) => 1,
    }
}

impl Gathered {
    #[inline(always)]
    fn of(&self, row: usize, times: usize) -> usize {
        match self {
            Gathered::InTurn => row / times,
            Gathered::Chosen(chosen) => chosen[row] as usize,
        }
    }
}

#[inline(always)]
fn add(sum: &mut [f32], values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += value;
    }
}

struct Recorded {
    parts: Vec<(Matrix<Cpu>, Gathered)>,
    y: Matrix<Cpu>,
    activation: Activation,
}

impl Recorded {
    fn backward(self, gradients: &mut Gradients<f32, Cpu>) -> OpResult<Cpu, ()> {
        let (rows, width) = *self.y.shape();
        // From here on the gradient of the sum, before the activation.
        let mut taken = take_gradient(gradients, &self.y)?;
        if self.activation != Activation::Identity {
            let y = values(&self.y);
            for_each_row(&mut taken.0, width, width, |row, gradient| {
                self.activation.pull_back(gradient, &y[row * width..][..width]);
            });
        }
        for (matrix, gathered) in &self.parts {
            let sum = gradients.get_or_alloc_mut(matrix)?;
            match gathered {
                Gathered::InTurn => add_in_turn(sum, &taken.0, width, repeats(matrix, rows)),
                Gathered::Chosen(chosen) => add_chosen(sum, &taken.0, width, chosen),
            }
        }
        return_gradient(gradients, &self.y, taken)
    }
}

/// Adds to each row the `times` rows of `upstream` that it went to.
fn add_in_turn(sum: &mut [f32], upstream: &[f32], width: usize, times: usize) {
    for_each_row(sum, width, width * times, |row, sum| {
        for upstream in upstream[row * times * width..][..times * width].chunks_exact(width) {
            add(sum, upstream);
        }
    });
}

/// Adds each row of `upstream` to the row that was chosen.
fn add_chosen(sum: &mut [f32], upstream: &[f32], width: usize, chosen: &[u32]) {
    Arch::new().dispatch(|| {
        for (upstream, &to) in upstream.chunks_exact(width).zip(chosen) {
            add(&mut sum[to as usize * width..][..width], upstream);
        }
    });
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    rows: usize,
    summands: &[Summand<B>],
    activation: Activation,
) -> OpResult<B, Matrix<B>> {
    compose(tape, summands[0].matrix, |first| {
        let mut sum = gather(first, &summands[0], rows)?;
        for summand in &summands[1..] {
            sum = sum.try_add(gather(summand.matrix.retaped::<T>(), summand, rows)?)?;
        }
        activation.compose(sum)
    })
}

fn gather<B: Backend, T: Tape<f32, B>>(
    matrix: Matrix<B, T>,
    summand: &Summand<B>,
    rows: usize,
) -> OpResult<B, Matrix<B, T>> {
    match &summand.rows {
        Gathered::InTurn => {
            let times = repeats(&matrix, rows);
            repeat(matrix, times)
        }
        Gathered::Chosen(chosen) => {
            let chosen: Vec<usize> = chosen.iter().map(|&row| row as usize).collect();
            let shape = (chosen.len(),);
            let chosen = matrix.device().try_tensor_from_vec(chosen, shape)?;
            matrix.try_gather(chosen)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    const CLASSES: usize = 3;

    /// Row r: activation(x[r / repeats] + a[r] + c[chosen[r]]).
    fn definition(inputs: &[Vec<f64>], width: usize, chosen: &[u32], relu: bool) -> Vec<f64> {
        let rows = chosen.len();
        let repeats = rows / (inputs[0].len() / width);
        let value = |row: usize, i: usize| {
            let sum = inputs[0][row / repeats * width + i]
                + inputs[1][row * width + i]
                + inputs[2][chosen[row] as usize * width + i];
            if relu { sum.max(0.0) } else { sum.tanh() }
        };
        (0..rows).flat_map(|row| (0..width).map(move |i| value(row, i))).collect()
    }

    #[test]
    fn sums_and_gradients_agree_with_the_definition() {
        // Small; and large enough for threads.
        for (rows, repeats, width) in [(4, 3, 5), (5, 1, 4), (60, 4, 120)] {
            let chosen: Arc<[u32]> =
                (0..rows * repeats).map(|row| ((row * 7 + row / 3) % CLASSES) as u32).collect();
            for activation in [Activation::Relu, Activation::Tanh] {
                fn parts<'a>(t: &'a [Matrix<Cpu>], chosen: &Arc<[u32]>) -> [Summand<'a, Cpu>; 3] {
                    [
                        Summand::in_turn(&t[0]),
                        Summand::in_turn(&t[1]),
                        Summand::chosen(&t[2], chosen.clone()),
                    ]
                }
                let relu = activation == Activation::Relu;
                let all = rows * repeats;
                check(Case {
                    inputs: vec![
                        matrix(rows, width, 1),
                        matrix(all, width, 2),
                        matrix(CLASSES, width, 3),
                    ],
                    definition: &|inputs| definition(inputs, width, &chosen, relu),
                    fused: &|tape, t| fused(tape, all, &parts(t, &chosen), activation),
                    composed: &|tape, t| composed(tape, all, &parts(t, &chosen), activation),
                });
            }
        }
    }

    #[test]
    fn a_class_that_is_chosen_nowhere_gets_no_gradient() {
        let (x, classes) = (matrix(2, 3, 1), matrix(CLASSES, 3, 2));
        let chosen: Arc<[u32]> = [2, 0].into();
        let mut tape = dfdx::tensor::OwnedTape::default();
        let parts = [Summand::in_turn(&x), Summand::chosen(&classes, chosen)];
        let y = fused(&mut tape, 2, &parts, Activation::Identity).unwrap();
        let loss = crate::ops::testing::weighted(&y, tape);
        let gradients = dfdx::tensor_ops::Backward::backward(loss);
        let gradient = gradients.get(&classes).as_vec();
        assert!(gradient[3..6].iter().all(|value| *value == 0.0));
        assert!(gradient[..3].iter().chain(&gradient[6..]).all(|value| *value != 0.0));
    }
}
