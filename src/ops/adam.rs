//! Adam (Kingma and Ba 2015, algorithm 1): one fused pass over a parameter and its moments.

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Gradients},
    tensor_ops::{TryAdd, TryDiv, TryMul, TrySub},
};
use pulp::Arch;
use rayon::prelude::*;

use super::{
    Backend, Matrix, OpResult,
    operand::{return_gradient, take_gradient},
    storage::values_mut,
};

/// The constants of one step. β₁ = 0.9, β₂ = 0.999 and ε = 1e-8 as in the paper.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamStep {
    /// α/(1 − β₁ᵗ): the learning rate with the first moment's bias correction.
    rate: f32,
    /// 1/√(1 − β₂ᵗ): the second moment's bias correction.
    root_correction: f32,
    /// What a step leaves of a parameter before it moves.
    kept: f32,
}

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

impl AdamStep {
    /// Step number `step`, counted from 1.
    pub fn new(learning_rate: f64, step: u64) -> Self {
        let t = step as f64;
        let correction = |beta: f32| 1.0 - f64::from(beta).powf(t);
        Self {
            rate: (learning_rate / correction(BETA_1)) as f32,
            root_correction: correction(BETA_2).sqrt().recip() as f32,
            kept: 1.0,
        }
    }

    /// The same step with decoupled weight decay: the parameter first shrinks by the learning rate
    /// times `decay` (Loshchilov and Hutter 2019, algorithm 2).
    pub fn decayed(self, learning_rate: f64, decay: f64) -> Self {
        Self { kept: (1.0 - learning_rate * decay) as f32, ..self }
    }

    #[inline(always)]
    fn update(self, gradient: &[f32], parameter: &mut [f32], m: &mut [f32], v: &mut [f32]) {
        let cells = parameter.iter_mut().zip(gradient).zip(m.iter_mut().zip(v));
        for ((parameter, gradient), (m, v)) in cells {
            *m = BETA_1 * *m + (1.0 - BETA_1) * gradient;
            *v = BETA_2 * *v + (1.0 - BETA_2) * gradient * gradient;
            *parameter = self.kept * *parameter
                - self.rate * *m / (v.sqrt() * self.root_correction + EPSILON);
        }
    }
}

/// Values a thread takes at once; fewer are not worth a second thread.
const BLOCK: usize = 1 << 14;

pub(super) fn fused(
    step: AdamStep,
    gradients: &mut Gradients<f32, Cpu>,
    parameter: &mut Matrix<Cpu>,
    (first, second): &mut (Matrix<Cpu>, Matrix<Cpu>),
) -> OpResult<Cpu, ()> {
    let gradient = take_gradient(gradients, parameter)?;
    if gradient.0.len() <= BLOCK {
        // Even asking the thread pool costs more than the whole update.
        let (parameter, m, v) = (values_mut(parameter), values_mut(first), values_mut(second));
        Arch::new().dispatch(|| step.update(&gradient.0, parameter, m, v));
    } else {
        gradient
            .0
            .par_chunks(BLOCK)
            .zip(values_mut(parameter).par_chunks_mut(BLOCK))
            .zip(values_mut(first).par_chunks_mut(BLOCK))
            .zip(values_mut(second).par_chunks_mut(BLOCK))
            .for_each(|(((gradient, parameter), m), v)| {
                Arch::new().dispatch(|| step.update(gradient, parameter, m, v));
            });
    }
    return_gradient(gradients, parameter, gradient)
}

pub(super) fn composed<B: Backend>(
    step: AdamStep,
    gradients: &mut Gradients<f32, B>,
    parameter: &mut Matrix<B>,
    (first, second): &mut (Matrix<B>, Matrix<B>),
) -> OpResult<B, ()> {
    gradients.get_or_alloc_mut(parameter)?;
    let gradient = gradients.get(parameter);
    let shape = *parameter.shape();
    let m = first.clone().try_mul(BETA_1)?.try_add(gradient.clone().try_mul(1.0 - BETA_1)?)?;
    let squares = gradient.try_square()?.try_mul(1.0 - BETA_2)?;
    let v = second.clone().try_mul(BETA_2)?.try_add(squares)?;
    let root = v.clone().try_sqrt()?.try_mul(step.root_correction)?.try_add(EPSILON)?;
    let change = m.clone().try_mul(step.rate)?.try_div(root)?;
    *parameter = parameter.clone().try_mul(step.kept)?.try_sub(change)?;
    (*first, *second) = (m, v);
    debug_assert_eq!(*parameter.shape(), shape);
    Ok(())
}

#[cfg(test)]
mod tests {
    use dfdx::tensor_ops::Backward;

    use super::*;
    use crate::ops::testing::{matrix, weighted};

    /// Three steps of the algorithm as printed, in f64, with a constant gradient.
    fn definition(mut parameter: f64, gradient: f64, learning_rate: f64, decay: f64) -> f64 {
        let (mut m, mut v) = (0.0, 0.0);
        for t in 1..=3 {
            m = 0.9 * m + 0.1 * gradient;
            v = 0.999 * v + 0.001 * gradient * gradient;
            let (m_hat, v_hat) = (m / (1.0 - 0.9f64.powi(t)), v / (1.0 - 0.999f64.powi(t)));
            parameter -= learning_rate * (m_hat / (v_hat.sqrt() + 1e-8) + decay * parameter);
        }
        parameter
    }

    #[test]
    fn three_steps_agree_with_the_algorithm_as_printed() {
        type Update = fn(
            AdamStep,
            &mut Gradients<f32, Cpu>,
            &mut Matrix<Cpu>,
            &mut (Matrix<Cpu>, Matrix<Cpu>),
        ) -> OpResult<Cpu, ()>;
        let start = matrix(130, 140, 1);
        let forms = [fused as Update, composed::<Cpu>];
        for (update, decay) in forms.into_iter().flat_map(|form| [(form, 0.0), (form, 0.8)]) {
            let (mut parameter, zeros) = (start.clone(), matrix(130, 140, 2) * 0.0);
            let mut moments = (zeros.clone(), zeros);
            let mut gradient = Vec::new();
            for step in 1..=3 {
                let mut gradients = weighted(&parameter, Default::default()).backward();
                gradient = gradients.get(&parameter).as_vec();
                let step = AdamStep::new(0.01, step).decayed(0.01, decay);
                update(step, &mut gradients, &mut parameter, &mut moments).unwrap();
            }
            let cells = start.as_vec().into_iter().zip(gradient).zip(parameter.as_vec());
            for ((start, gradient), got) in cells {
                let want = definition(f64::from(start), f64::from(gradient), 0.01, decay);
                // Values near 1 in f32, three roundings.
                assert!((f64::from(got) - want).abs() < 4e-7, "got {got}, want {want}");
            }
        }
    }
}
