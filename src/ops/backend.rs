//! The seam between devices: what the models ask of one, composed of dfdx's own operations.

use dfdx::{tensor::Tape, tensor_ops::Device};
use ndarray::ArrayView2;

use super::*;

/// A dfdx device together with how the models' operations run on it.
///
/// Rows are observations throughout: `x` is batch × features.
pub(crate) trait Backend: Device<f32> {
    /// A matrix whose values, in row-major order, are written by `fill` in the host's memory.
    fn upload(
        &self,
        shape: (usize, usize),
        fill: impl FnOnce(&mut [f32]),
    ) -> OpResult<Self, Matrix<Self>> {
        let mut values = vec![0.0; shape.0 * shape.1];
        fill(&mut values);
        self.try_tensor_from_vec(values, shape)
    }

    /// activation(x·Wᵀ + b): x (n, inputs), W (outputs, inputs), b (1, outputs) → (n, outputs).
    fn linear<T: Tape<f32, Self>>(
        tape: &mut T,
        x: Operand<Self>,
        weight: &Matrix<Self>,
        bias: &Matrix<Self>,
        activation: Activation,
    ) -> OpResult<Self, Matrix<Self>> {
        linear::composed(tape, x, weight, bias, activation)
    }

    /// activation(x ∗ W + b), with 2×2 max pooling before the activation if the geometry says so: x
    /// (n, C·H·W), W (outputs, C·k·k), b (1, outputs) → (n, outputs·H'·W').
    ///
    /// A convolution as in networks: the kernel is not turned. Source: LeCun et al. 1998.
    fn convolution<T: Tape<f32, Self>>(
        tape: &mut T,
        geometry: Geometry,
        x: Operand<Self>,
        weight: &Matrix<Self>,
        bias: &Matrix<Self>,
        activation: Activation,
    ) -> OpResult<Self, Matrix<Self>> {
        convolution::composed(tape, geometry, x, weight, bias, activation)
    }

    /// activation(Σ of one row of each summand) → (rows, outputs); all summands have as many columns.
    ///
    /// The first layer of a network that takes classes beside other inputs: see
    /// [`Summand::in_turn`] and [`Summand::chosen`].
    fn gathered_sum<T: Tape<f32, Self>>(
        tape: &mut T,
        rows: usize,
        summands: &[Summand<Self>],
        activation: Activation,
    ) -> OpResult<Self, Matrix<Self>> {
        gathered_sum::composed(tape, rows, summands, activation)
    }

    /// μ + σ·ε with σ = exp(log σ), element by element, all (n, d).
    fn reparameterise<T: Tape<f32, Self>>(
        tape: &mut T,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
        noise: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        reparameterise::composed(tape, mean, log_std, noise)
    }

    /// log N(x; μ, diag σ²) of every row, in nats: three (n, d) → (n).
    ///
    /// Here and in the other log-densities x may have fewer rows: each then belongs to as many rows
    /// in turn as μ has more.
    fn normal_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        x: Operand<Self>,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        normal::composed(tape, x, mean, log_std)
    }

    /// log N(x; μ, σ²I) of every row, in nats, with one σ for all: (n, d), (n, d), (1, 1) → (n).
    fn normal_shared_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        x: &Matrix<Self>,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        normal_shared::composed(tape, x, mean, log_std)
    }

    /// log Bernoulli(x; logistic(logits)) of every row, in nats: two (n, d) → (n).
    ///
    /// A gray x in (0, 1) counts as a probability: x·log p + (1 − x)·log(1 − p).
    fn bernoulli_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        x: &Matrix<Self>,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        bernoulli::composed(tape, x, logits)
    }

    /// log p_k = l_k − ln Σⱼ exp(lⱼ), log-probabilities of K classes from logits: (n, K) → (n, K).
    fn log_softmax<T: Tape<f32, Self>>(
        tape: &mut T,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        log_softmax::composed(tape, logits)
    }

    /// log p(y) = Σ_k y_k log p_k of every row, in nats, with p the softmax of the logits: two
    /// (n, K) → (n).
    ///
    /// y is one-hot, or probabilities of the classes: the expectation over them. Log-probabilities
    /// are logits too.
    fn categorical_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        y: &Matrix<Self>,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        categorical::composed(tape, y, logits)
    }

    /// ‖x − x̃‖² of every row: two (n, d) → (n).
    fn squared_error<T: Tape<f32, Self>>(
        tape: &mut T,
        x: &Matrix<Self>,
        mean: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        squared_error::composed(tape, x, mean)
    }

    /// KL(N(μ, diag σ²) ‖ N(μ₀, diag σ₀²)) of every row, in nats: (n, d) each → (n).
    ///
    /// Without a `prior` it is the standard normal.
    fn kl_normal<T: Tape<f32, Self>>(
        tape: &mut T,
        mean: &Matrix<Self>,
        log_std: &Matrix<Self>,
        prior: Option<(&Matrix<Self>, &Matrix<Self>)>,
    ) -> OpResult<Self, Vector<Self>> {
        kl_normal::composed(tape, mean, log_std, prior)
    }

    /// \[x | fixed\]: (n, a) and (n, b) → (n, a + b), with a gradient of `x` alone.
    fn append<T: Tape<f32, Self>>(
        tape: &mut T,
        x: Operand<Self>,
        fixed: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        append::composed(tape, x, fixed)
    }

    /// The log-likelihood of every row, in nats, whose columns have families of their own: cells
    /// and which of them were observed, (n, cells) both, and parameters (n, parameters) → (n).
    ///
    /// Without ln x! of the counts, which has no parameters.
    fn mixed_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        layout: &MixedLayout,
        cells: (&Matrix<Self>, &Matrix<Self>),
        parameters: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        mixed::composed(tape, layout, cells, parameters)
    }

    /// δ log f(u) + (1 − δ) log S(u) of every row, in nats: (u, δ), (n, 2), and parameters
    /// (n, parameters) → (n).
    fn censored_log_prob<T: Tape<f32, Self>>(
        tape: &mut T,
        layout: TimeLayout,
        outcome: &Matrix<Self>,
        parameters: &Matrix<Self>,
    ) -> OpResult<Self, Vector<Self>> {
        censored::composed(tape, layout, outcome, parameters)
    }

    /// p and p(1 − p), mean and variance of a Bernoulli with logits: (n, d) → two (n, d).
    fn bernoulli_moments<T: Tape<f32, Self>>(
        tape: &mut T,
        logits: &Matrix<Self>,
    ) -> OpResult<Self, (Matrix<Self>, Matrix<Self>)> {
        moments::composed_bernoulli(tape, logits)
    }

    /// σ² = exp(2 log σ), of any shape.
    fn variance<T: Tape<f32, Self>>(
        tape: &mut T,
        log_std: &Matrix<Self>,
    ) -> OpResult<Self, Matrix<Self>> {
        moments::composed_variance(tape, log_std)
    }

    /// What the rows of `data` numbered `rows`, at least two, say about the moments of x.
    fn observe(&self, data: ArrayView2<f32>, rows: &[usize]) -> OpResult<Self, Observed<Self>> {
        Ok(Observed::Device(ObservedMoments::new(data, rows).upload(self)?))
    }

    /// 1MEGA-F and 2MEGA-F (lecture, eq. 26 to 30) of E(x|z), (m, d), and Var(x|z), (m, d) or one
    /// row for all draws of z.
    fn moment_gap<T: Tape<f32, Self>>(
        tape: &mut T,
        mean: &Matrix<Self>,
        variance: &Matrix<Self>,
        observed: &Observed<Self>,
    ) -> OpResult<Self, Norms<Self>> {
        match observed {
            Observed::Device(observed) => moment_gap::composed(tape, mean, variance, observed),
            Observed::Host(observed) => {
                let observed = observed.upload(mean.device())?;
                moment_gap::composed(tape, mean, variance, &observed)
            }
        }
    }

    /// One step of Adam (Kingma and Ba 2015, algorithm 1) on one parameter and its moments.
    fn adam(
        step: AdamStep,
        gradients: &mut dfdx::tensor::Gradients<f32, Self>,
        parameter: &mut Matrix<Self>,
        moments: &mut (Matrix<Self>, Matrix<Self>),
    ) -> OpResult<Self, ()> {
        adam::composed(step, gradients, parameter, moments)
    }
}

#[cfg(feature = "cuda")]
impl Backend for dfdx::tensor::Cuda {}
