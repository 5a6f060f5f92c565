//! The optimiser: Adam over all parameters of a model.

use dfdx::tensor::Gradients;

use super::Parameters;
use crate::ops::{AdamStep, Backend, Matrix, OpResult};

/// Adam's state: the number of steps and both moments of every parameter.
#[derive(Clone, Debug)]
pub(crate) struct Adam<B: Backend> {
    steps: u64,
    moments: Vec<(Matrix<B>, Matrix<B>)>,
}

impl<B: Backend> Adam<B> {
    /// No steps yet, moments of zero.
    pub fn new(device: &B, model: &impl Parameters<B>) -> OpResult<B, Self> {
        let moments = model
            .parameters()
            .into_iter()
            .map(|(_, value)| Ok((device.try_zeros_like(value)?, device.try_zeros_like(value)?)))
            .collect::<OpResult<B, _>>()?;
        Ok(Self { steps: 0, moments })
    }

    /// Moves every parameter against its gradient.
    pub fn update(
        &mut self,
        learning_rate: f64,
        model: &mut impl Parameters<B>,
        gradients: &mut Gradients<f32, B>,
    ) -> OpResult<B, ()> {
        self.steps += 1;
        let step = AdamStep::new(learning_rate, self.steps);
        for (parameter, moments) in model.parameters_mut().into_iter().zip(&mut self.moments) {
            B::adam(step, gradients, parameter, moments)?;
        }
        Ok(())
    }
}
