//! The CPU's side of the seam: every operation is one fused kernel.

use dfdx::tensor::{Cpu, Tape, ZerosTensor};
use ndarray::ArrayView2;

use super::*;

impl Backend for Cpu {
    /// Writes into memory from the device's cache, without a copy.
    fn upload(
        &self,
        shape: (usize, usize),
        fill: impl FnOnce(&mut [f32]),
    ) -> OpResult<Self, Matrix<Self>> {
        let mut matrix = self.try_zeros_like(&shape)?;
        fill(storage::values_mut(&mut matrix));
        Ok(matrix)
    }

    fn linear<T: Tape<f32, Self>>(
        tape: &mut T,
        x: Operand<Self>,
        weight: &Matrix<Self>,
        bias: &Matrix<Self>,
        activation: Activation,
    ) -> OpResult<Self, Matrix<Self>> {
        linear::fused(tape, x, weight, bias, activation)
    }

    fn convolution<T: Tape<f32, Self>>(
        tape: &mut T,
        geometry: Geometry,
        x: Operand<Self>,
        weight: &Matrix<Self>,
        bias: &Matrix<Self>,
        activation: Activation,
    ) -> OpResult<Self, Matrix<Self>> {
        convolution::fused(tape, geometry, x, weight, bias, activation)
    }

    fn gathered_sum<T: Tape<f32, Self>>(
        tape: &mut T,
        rows: usize,
        summands: &[Summand<Self>],
        activation: Activation,
    ) -> OpResult<Self, Matrix<Self>> {
        gathered_sum::fused(tape, rows, summands, activation)
    }

    fn reparameterise<T: Tape<f32, Self>>(
        tape: &mut T,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
        noise: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        reparameterise::fused(tape, mean, log_std, noise)
    }

    fn normal_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        x: Operand<Self>,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        normal::fused(tape, x, mean, log_std)
    }

    fn normal_shared_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        x: &Matrix<Self>,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        normal_shared::fused(tape, x, mean, log_std)
    }

    fn bernoulli_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        x: &Matrix<Self>,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        bernoulli::fused(tape, x, logits)
    }

    fn log_softmax<T: Tape<f32, Self>>(
        tape: &mut T,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        log_softmax::fused(tape, logits)
    }

    fn categorical_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        y: &Matrix<Self>,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        categorical::fused(tape, y, logits)
    }

    fn squared_error<T: Tape<f32, Self>>(
        tape: &mut T,
        x: &Matrix<Self>,
        mean: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        squared_error::fused(tape, x, mean)
    }

    fn kl_normal<T: Tape<f32, Self>>(
        tape: &mut T,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
        prior: Option<(&Matrix<Self>, &Matrix<Self>)>,
    ) -> OpResult<Self, Vector<Self>> {
        kl_normal::fused(tape, mean, log_std, prior)
    }

    fn append<T: Tape<f32, Self>>(
        tape: &mut T,
        x: Operand<Self>,
        fixed: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        append::fused(tape, x, fixed)
    }

    fn mixed_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        layout: &MixedLayout,
        cells: (&Matrix<Self>, &Matrix<Self>),
        parameters: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        mixed::fused(tape, layout, cells, parameters)
    }

    fn censored_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        layout: TimeLayout,
        outcome: &Matrix<Self>,
        parameters: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        censored::fused(tape, layout, outcome, parameters)
    }

    fn bernoulli_moments<T: Tape<f32, Self>>(
        tape: &mut T,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, (Matrix<Self>, Matrix<Self>)> {
        moments::fused_bernoulli(tape, logits)
    }

    fn variance<T: Tape<f32, Self>>(
        tape: &mut T,
        log_std: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        moments::fused_variance(tape, log_std)
    }

    fn observe(&self, data: ArrayView2<f32>, rows: &[usize]) -> OpResult<Self, Observed<Self>> {
        Ok(Observed::Host(ObservedMoments::new(data, rows)))
    }

    fn moment_gap<T: Tape<f32, Self>>(
        tape: &mut T,
        mean: &Matrix<Self>,
        variance: &Matrix<Self>,
        observed: &Observed<Self>,
    ) -> OpResult<Self, Norms<Self>> {
        match observed {
            Observed::Host(observed) => moment_gap::fused(tape, mean, variance, observed),
            Observed::Device(observed) => moment_gap::composed(tape, mean, variance, observed),
        }
    }

    fn adam(
        step: AdamStep,
        gradients: &mut dfdx::tensor::Gradients<f32, Self>,
        parameter: &mut Matrix<Self>,
        moments: &mut (Matrix<Self>, Matrix<Self>),
    ) -> OpResult<Self, ()> {
        adam::fused(step, gradients, parameter, moments)
    }
}
