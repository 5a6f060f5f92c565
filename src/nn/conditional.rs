//! Networks of several inputs and of classes.

use std::sync::Arc;

use dfdx::{shapes::HasShape, tensor::Tape};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Parameters, Perceptron, named};
use crate::ops::{Activation, Backend, Matrix, OpResult, Operand, Summand, Traced};

/// The classes of rows: what is given beside their values.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// How many rows there are.
    pub rows: usize,
    /// For each label the class of every row.
    pub classes: Vec<Arc<[u32]>>,
}

/// Hidden layers of a network whose inputs are several matrices and the one-hot classes of labels:
/// activation(Σ Wᵢxᵢ + Σ column of Cⱼ + b), and more layers after it.
///
/// An input may have fewer rows than there are classes given: each of its rows then belongs to as
/// many in turn, and is multiplied once.
#[derive(Clone, Debug)]
pub(crate) struct Conditional<B: Backend> {
    /// One a matrix, (units, its columns).
    weights: Vec<Matrix<B>>,
    /// One a label, (its classes, units): a row is what a class adds.
    classes: Vec<Matrix<B>>,
    bias: Matrix<B>,
    /// The bias of the products after the first.
    zero: Matrix<B>,
    activation: Activation,
    rest: Option<Perceptron<B>>,
}

/// Columns of the matrices and classes of the labels that a network takes.
pub(crate) struct Inputs<'a> {
    pub widths: &'a [usize],
    pub classes: &'a [usize],
}

impl<B: Backend> Conditional<B> {
    /// Parameters as those of dense layers on the concatenated inputs: uniform within ±1/√(their
    /// width). There is at least one matrix and one layer in `hidden`.
    pub fn new(
        device: &B,
        inputs: Inputs,
        hidden: &[usize],
        activation: Activation,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let units = hidden[0];
        let width: usize = inputs.widths.iter().chain(inputs.classes).sum();
        let bound = (width as f32).sqrt().recip();
        let mut uniform = |rows, columns| {
            device.upload((rows, columns), |values| {
                values.fill_with(|| rng.random_range(-bound..bound));
            })
        };
        let weights = inputs.widths.iter().map(|&width| uniform(units, width));
        let weights = weights.collect::<OpResult<B, _>>()?;
        let classes = inputs.classes.iter().map(|&classes| uniform(classes, units));
        let classes = classes.collect::<OpResult<B, _>>()?;
        let (bias, zero) = (uniform(1, units)?, device.try_zeros_like(&(1, units))?);
        let rest = hidden[1..].split_first();
        let rest = rest
            .map(|(&first, more)| Perceptron::new(device, units, (first, more), activation, rng));
        Ok(Self { weights, classes, bias, zero, activation, rest: rest.transpose()? })
    }

    /// The matrices and the classes → (rows given, last hidden size).
    pub fn forward<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        inputs: &[Operand<B>],
        given: &Given,
    ) -> OpResult<B, Matrix<B>> {
        let linear = Activation::Identity;
        let products = inputs.iter().zip(&self.weights).enumerate().map(|(number, (x, weight))| {
            let bias = if number == 0 { &self.bias } else { &self.zero };
            B::linear(tape, *x, weight, bias, linear)
        });
        let products = products.collect::<OpResult<B, Vec<_>>>()?;
        let classes = self.classes.iter().zip(&given.classes);
        let summands: Vec<_> = products
            .iter()
            .map(Summand::in_turn)
            .chain(classes.map(|(matrix, classes)| Summand::chosen(matrix, classes.clone())))
            .collect();
        let hidden = B::gathered_sum(tape, given.rows, &summands, self.activation)?;
        match &self.rest {
            Some(rest) => rest.forward(tape, Traced(&hidden)),
            None => Ok(hidden),
        }
    }
}

impl<B: Backend> Parameters<B> for Conditional<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        let weights = self.weights.iter().enumerate();
        let classes = self.classes.iter().enumerate();
        let rest = self.rest.iter().flat_map(|rest| named("rest", rest));
        weights
            .map(|(number, weight)| (format!("weight.{number}"), weight))
            .chain(classes.map(|(number, classes)| (format!("classes.{number}"), classes)))
            .chain([("bias".to_owned(), &self.bias)])
            .chain(rest)
            .collect()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let rest = self.rest.iter_mut().flat_map(Parameters::parameters_mut);
        self.weights
            .iter_mut()
            .chain(&mut self.classes)
            .chain([&mut self.bias])
            .chain(rest)
            .collect()
    }
}

impl Given {
    /// Nothing beside the values of so many rows.
    pub fn nothing(rows: usize) -> Self {
        Self { rows, classes: Vec::new() }
    }
}

/// The number of rows of a matrix.
pub(crate) fn rows_of<B: Backend>(matrix: &Matrix<B>) -> usize {
    matrix.shape().0
}

#[cfg(test)]
mod tests {
    use dfdx::tensor::{Cpu, NoneTape, TensorFromVec};
    use rand::SeedableRng;

    use super::*;
    use crate::ops::Fixed;

    /// Against one dense layer on the inputs beside one-hot classes, each image repeated.
    #[test]
    fn every_class_with_every_row_equals_a_dense_layer_on_repeated_rows() {
        let (cpu, rng) = (Cpu::default(), &mut ChaCha8Rng::seed_from_u64(3));
        let (n, classes, units) = (3, 4, 5);
        let inputs = Inputs { widths: &[2, 1], classes: &[classes] };
        let layer = Conditional::new(&cpu, inputs, &[units], Activation::Tanh, rng).unwrap();
        let mut values = |count| -> Vec<f32> { (0..count).map(|_| rng.random()).collect() };
        let (x, a) = (values(n * 2), values(n * classes));
        let x_matrix = cpu.tensor_from_vec(x.clone(), (n, 2));
        let a_matrix = cpu.tensor_from_vec(a.clone(), (n * classes, 1));
        let given = Given {
            rows: n * classes,
            classes: vec![(0..n * classes).map(|row| (row % classes) as u32).collect()],
        };
        let got =
            layer.forward(&mut NoneTape, &[Fixed(&x_matrix), Fixed(&a_matrix)], &given).unwrap();
        let of = |matrix: &Matrix<Cpu>| matrix.as_vec();
        let (w, v) = (of(&layer.weights[0]), of(&layer.weights[1]));
        let (c, b) = (of(&layer.classes[0]), of(&layer.bias));
        for row in 0..n * classes {
            for unit in 0..units {
                let x = &x[row / classes * 2..][..2];
                let sum = w[unit * 2] * x[0]
                    + w[unit * 2 + 1] * x[1]
                    + v[unit] * a[row]
                    + c[row % classes * units + unit]
                    + b[unit];
                // Five terms in f32.
                assert!((got[[row, unit]] - sum.tanh()).abs() < 1e-6);
            }
        }
    }
}
