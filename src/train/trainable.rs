//! What the training loop needs of a model.

use ndarray::ArrayView2;
use rand_chacha::ChaCha8Rng;

use super::{
    history::{Criterion, Terms},
    objective::Objective,
};
use crate::error::Result;

/// Copies of all parameters.
pub(crate) type Snapshot = Vec<Vec<f32>>;

/// A parameter's name, its rows and columns, and its values.
pub(crate) type NamedTensor = (String, [usize; 2], Vec<f32>);

/// The optimiser's memory: its steps, and both moments of every parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moments {
    pub steps: u64,
    pub first: Snapshot,
    pub second: Snapshot,
}

/// What a training changes: a model's parameters and its optimiser's memory.
pub(crate) trait Learnable {
    /// The weight decay of the steps to come.
    fn set_weight_decay(&mut self, decay: f64);

    /// Names, shapes and values of all parameters.
    fn tensors(&self) -> Result<Vec<NamedTensor>>;

    /// The parameters as they are.
    fn snapshot(&self) -> Result<Snapshot> {
        Ok(self.tensors()?.into_iter().map(|(_, _, values)| values).collect())
    }

    /// Returns to earlier parameters.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<()>;

    /// The optimiser's memory.
    fn moments(&self) -> Result<Moments>;

    /// Gives the optimiser this memory, or none.
    fn set_moments(&mut self, moments: Option<&Moments>) -> Result<()>;
}

/// A model that learns by steps on batches of rows.
pub(crate) trait Trainable: Learnable {
    /// What the terms are.
    fn criterion(&self) -> Criterion {
        Criterion::Elbo
    }

    /// A digest of the data that the model learns from beside the rows it is given: other data make
    /// another training.
    fn other_data(&self) -> u64 {
        0
    }

    /// Called before the first step: the training will use the rows of `data` numbered `rows`.
    ///
    /// # Errors
    /// [`Error::Setting`] for an objective that the model does not know; unless a model says
    /// otherwise, it knows the bound only.
    fn begin(
        &mut self,
        _data: ArrayView2<f32>,
        _rows: &[usize],
        objective: &Objective,
    ) -> Result<()> {
        objective.require_elbo()
    }

    /// Called before every epoch: the weight of the divergence in its steps.
    fn set_beta(&mut self, _beta: f64) {}

    /// One step on the rows of `data` numbered `batch`; returns their mean terms. When these are
    /// not finite, the parameters stay as they are.
    fn step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms>;

    /// The mean terms of the rows of `data` numbered `rows`.
    fn validate(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms>;
}
