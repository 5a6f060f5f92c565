//! A dense layer in one operation: matrix product, bias and activation.

use super::{
    Activation, Backend, Matrix, OpResult, Operand,
    operand::{compose, return_gradient, take_gradient},
    parallel::{add_rows, for_each_row},
    storage::{Destination, Factor, product, values, values_mut},
};
use dfdx::{
    shapes::{Axes2, Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
    tensor_ops::{BroadcastTo, PermuteTo, ReshapeTo, TryAdd, TryMatMul},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    x: Operand<Cpu>,
    weight: &Matrix<Cpu>,
    bias: &Matrix<Cpu>,
    activation: Activation,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let y = forward(x.tensor(), weight, bias, activation)?;
    if T::OWNS_TAPE {
        let layer = Recorded {
            x: x.tensor().clone(),
            weight: weight.clone(),
            bias: bias.clone(),
            y: y.clone(),
            activation,
            wants_input_gradient: x.is_traced(),
        };
        tape.add_backward_op(move |gradients| layer.backward(gradients));
    }
    Ok(y)
}

fn forward(
    x: &Matrix<Cpu>,
    weight: &Matrix<Cpu>,
    bias: &Matrix<Cpu>,
    activation: Activation,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let ((rows, inputs), (outputs, _)) = (*x.shape(), *weight.shape());
    let mut y = x.device().try_zeros_like(&(rows, outputs))?;
    let target = values_mut(&mut y);
    let (x, weight, bias) = (values(x), values(weight), values(bias));
    product(
        target,
        Destination::Overwrite,
        Factor::new(&x, rows, inputs),
        Factor::new(&weight, outputs, inputs).transposed(),
    );
    for_each_row(target, outputs, outputs, |_, row| {
        for (value, bias) in row.iter_mut().zip(bias.iter()) {
            *value += bias;
        }
        activation.apply(row);
    });
    Ok(y)
}

/// What the backward pass needs of the forward pass.
struct Recorded {
    x: Matrix<Cpu>,
    weight: Matrix<Cpu>,
    bias: Matrix<Cpu>,
    y: Matrix<Cpu>,
    activation: Activation,
    wants_input_gradient: bool,
}

impl Recorded {
    fn backward(self, gradients: &mut Gradients<f32, Cpu>) -> OpResult<Cpu, ()> {
        let ((rows, inputs), (_, outputs)) = (*self.x.shape(), *self.y.shape());
        // From here on the gradient of the layer before its activation.
        let mut taken = take_gradient(gradients, &self.y)?;
        if self.activation != Activation::Identity {
            let y = values(&self.y);
            for_each_row(&mut taken.0, outputs, outputs, |row, gradient| {
                self.activation.pull_back(gradient, &y[row * outputs..][..outputs]);
            });
        }
        let upstream = Factor::new(&taken.0, rows, outputs);
        product(
            gradients.get_or_alloc_mut(&self.weight)?,
            Destination::Add,
            upstream.transposed(),
            Factor::new(&values(&self.x), rows, inputs),
        );
        add_rows(gradients.get_or_alloc_mut(&self.bias)?, &taken.0);
        if self.wants_input_gradient {
            product(
                gradients.get_or_alloc_mut(&self.x)?,
                Destination::Add,
                upstream,
                Factor::new(&values(&self.weight), outputs, inputs),
            );
        }
        return_gradient(gradients, &self.y, taken)
    }
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    x: Operand<B>,
    weight: &Matrix<B>,
    bias: &Matrix<B>,
    activation: Activation,
) -> OpResult<B, Matrix<B>> {
    let (outputs, _) = *weight.shape();
    compose(tape, x.tensor(), |x| {
        let weight = weight.retaped::<T>().try_permute::<_, Axes2<1, 0>>()?;
        let product = x.try_matmul(weight)?;
        let bias = bias.retaped::<T>().try_reshape_like(&(outputs,))?;
        let bias = bias.try_broadcast_like::<_, Axis<0>>(&product)?;
        activation.compose(product.try_add(bias)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{
        Operand::{Fixed, Traced},
        testing::{Case, check, matrix},
    };

    /// The layer as a formula in f64; the output of row r and unit o is weighted by `seed`.
    fn definition(
        inputs: &[Vec<f64>],
        sizes: (usize, usize, usize),
        activation: impl Fn(f64) -> f64,
    ) -> Vec<f64> {
        let (rows, width, outputs) = sizes;
        let mut y = Vec::new();
        for row in 0..rows {
            for unit in 0..outputs {
                let x = &inputs[0][row * width..][..width];
                let weight = &inputs[1][unit * width..][..width];
                let dot: f64 = x.iter().zip(weight).map(|(x, w)| x * w).sum();
                y.push(activation(dot + inputs[2][unit]));
            }
        }
        y
    }

    type Function = fn(f64) -> f64;

    fn activations() -> [(Activation, Function); 6] {
        [
            (Activation::Identity, |x| x),
            (Activation::Relu, |x| x.max(0.0)),
            (Activation::Tanh, f64::tanh),
            (Activation::Logistic, |x| 1.0 / (1.0 + (-x).exp())),
            (Activation::Softplus, |x| x.exp().ln_1p()),
            (Activation::SoftFloor(-1.5), |x| (x + 1.5).exp().ln_1p() - 1.5),
        ]
    }

    #[test]
    fn every_activation_agrees_with_the_definition_and_its_finite_differences() {
        let sizes = (5, 7, 4);
        for (activation, function) in activations() {
            check(Case {
                inputs: vec![matrix(5, 7, 1), matrix(4, 7, 2), matrix(1, 4, 3)],
                definition: &|inputs| definition(inputs, sizes, function),
                fused: &|tape, t| fused(tape, Traced(&t[0]), &t[1], &t[2], activation),
                composed: &|tape, t| composed(tape, Traced(&t[0]), &t[1], &t[2], activation),
            });
        }
    }

    #[test]
    fn a_layer_large_enough_for_threads_agrees_with_the_definition() {
        let sizes = (150, 120, 130);
        check(Case {
            inputs: vec![matrix(150, 120, 4), matrix(130, 120, 5), matrix(1, 130, 6)],
            definition: &|inputs| definition(inputs, sizes, f64::tanh),
            fused: &|tape, t| fused(tape, Traced(&t[0]), &t[1], &t[2], Activation::Tanh),
            composed: &|tape, t| composed(tape, Traced(&t[0]), &t[1], &t[2], Activation::Tanh),
        });
    }

    #[test]
    fn fixed_inputs_get_no_gradient() {
        let (x, w, b) = (matrix(3, 2, 7), matrix(4, 2, 8), matrix(1, 4, 9));
        let mut tape = dfdx::tensor::OwnedTape::default();
        let y = fused(&mut tape, Fixed(&x), &w, &b, Activation::Relu).unwrap();
        let loss = crate::ops::testing::weighted(&y, tape);
        let mut gradients = dfdx::tensor_ops::Backward::backward(loss);
        let untouched = gradients.get_or_alloc_mut(&x).unwrap();
        assert!(untouched.iter().all(|value| *value == 0.0));
        assert!(gradients.get(&w).as_vec().iter().any(|value| *value != 0.0));
    }
}
