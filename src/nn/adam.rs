//! The optimiser: Adam over all parameters of a model.

use dfdx::tensor::Gradients;

use super::Parameters;
use crate::{
    ops::{AdamStep, Backend, Matrix, OpResult},
    train::Moments,
};

/// Adam's state: the number of steps and both moments of every parameter.
#[derive(Clone, Debug)]
pub(crate) struct Adam<B: Backend> {
    steps: u64,
    moments: Vec<(Matrix<B>, Matrix<B>)>,
    /// Weight decay.
    decay: f64,
    /// Which parameters decay: weights do, biases do not.
    decays: Vec<bool>,
}

impl<B: Backend> Adam<B> {
    /// No steps yet, moments of zero.
    pub fn new(device: &B, model: &impl Parameters<B>) -> OpResult<B, Self> {
        let moments = model
            .parameters()
            .into_iter()
            .map(|(_, value)| Ok((device.try_zeros_like(value)?, device.try_zeros_like(value)?)))
            .collect::<OpResult<B, _>>()?;
        let is_weight = |(name, _): (String, _)| name.ends_with("weight");
        let decays = model.parameters().into_iter().map(is_weight).collect();
        Ok(Self { steps: 0, moments, decay: 0.0, decays })
    }

    /// The weight decay of the steps to come.
    pub fn set_decay(&mut self, decay: f64) {
        self.decay = decay;
    }

    /// Its memory, in the host's memory.
    pub fn memory(&self) -> Moments {
        let values = |first: bool| {
            let one = |(m, v): &(Matrix<B>, Matrix<B>)| if first { m.as_vec() } else { v.as_vec() };
            self.moments.iter().map(one).collect()
        };
        Moments { steps: self.steps, first: values(true), second: values(false) }
    }

    /// Gives it a memory of the same shapes, or none.
    pub fn set_memory(&mut self, memory: Option<&Moments>) {
        let Some(Moments { steps, first, second }) = memory else {
            self.steps = 0;
            for (first, second) in &mut self.moments {
                first.fill_with_zeros();
                second.fill_with_zeros();
            }
            return;
        };
        self.steps = *steps;
        for ((to_first, to_second), (first, second)) in
            self.moments.iter_mut().zip(first.iter().zip(second))
        {
            to_first.copy_from(first);
            to_second.copy_from(second);
        }
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
        let decayed = step.decayed(learning_rate, self.decay);
        let parameters = model.parameters_mut().into_iter().zip(&mut self.moments);
        for ((parameter, moments), decays) in parameters.zip(&self.decays) {
            let step = if *decays { decayed } else { step };
            B::adam(step, gradients, parameter, moments)?;
        }
        Ok(())
    }
}
