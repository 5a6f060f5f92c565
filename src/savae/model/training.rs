//! Steps of the training, and what it is judged by.

use dfdx::{
    tensor::{NoneTape, OwnedTape, PutTape},
    tensor_ops::Backward,
};
use ndarray::ArrayView2;
use rand_chacha::ChaCha8Rng;

use super::{
    Model, Outcomes,
    objective::{mean_terms, row_terms},
};
use crate::{
    device::device_error,
    error::{Error, Result},
    nn::{Adam, CHUNK, Optimised},
    ops::{Backend, OpResult},
    savae::{
        bound::BoundTerms,
        network::{Dropout, Network},
    },
    train::{self, Terms, Trainable},
};

/// Draws of z a row of a validation. Early stopping compares bounds of few rows: with one draw chance
/// would often decide.
const VALIDATION_DRAWS: usize = 4;

impl<B: Backend> Model<B> {
    /// One step of Adam on a batch.
    fn try_step(
        &mut self,
        data: ArrayView2<f32>,
        rows: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Terms> {
        let settings = &self.configuration.settings;
        let hidden_units = settings.hidden;
        let batch = self.batch(data, rows, Outcomes::Some(settings.hidden_outcomes), rng)?;
        let noise = (0..settings.draws)
            .map(|_| self.noise(rows.len(), rng))
            .collect::<OpResult<B, Vec<_>>>()?;
        let dropout = match settings.dropout > 0.0 {
            false => None,
            true => {
                let shape = (rows.len(), hidden_units);
                Some(Dropout::draw(&self.device, shape, settings.dropout, rng)?)
            }
        };
        let mut tape = OwnedTape::default();
        let parts = self.parts(&mut tape, &batch, &noise, dropout.as_ref())?;
        let terms = mean_terms(&row_terms(&parts, &batch.constants));
        if !terms.is_finite() {
            return Ok(terms);
        }
        let loss = self.loss(&mut tape, &parts, &batch.hidden)?;
        let mut gradients = loss.put_tape(tape).try_backward()?;
        self.adam.update(learning_rate, &mut self.network, &mut gradients)?;
        Ok(terms)
    }

    /// The bound of some rows with one draw of z each.
    pub(super) fn try_bound(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Vec<BoundTerms>> {
        let batch = self.batch(data, rows, outcomes, rng)?;
        let noise = [self.noise(rows.len(), rng)?];
        let parts = self.parts(&mut NoneTape, &batch, &noise, None)?;
        Ok(row_terms(&parts, &batch.constants))
    }
}

impl<B: Backend> Optimised for Model<B> {
    type Device = B;
    type Network = Network<B>;

    fn optimised(&self) -> (&Network<B>, &Adam<B>) {
        (&self.network, &self.adam)
    }

    fn optimised_mut(&mut self) -> (&mut Network<B>, &mut Adam<B>) {
        (&mut self.network, &mut self.adam)
    }
}

impl<B: Backend> Trainable for Model<B> {
    fn begin(
        &mut self,
        _: ArrayView2<f32>,
        _: &[usize],
        objective: &train::Objective,
    ) -> Result<()> {
        if objective.mega.is_some() {
            let requirement = "covariates of several families have no such moments: leave it out";
            return Err(Error::setting("mega", "set", requirement));
        }
        Ok(())
    }

    fn set_beta(&mut self, beta: f64) {
        self.beta = beta as f32;
    }

    fn step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms> {
        self.try_step(data, batch, learning_rate, rng).map_err(device_error("a training step"))
    }

    fn validate(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms> {
        let outcomes = Outcomes::Some(self.configuration.settings.hidden_outcomes);
        let mut all = Vec::with_capacity(VALIDATION_DRAWS * rows.len());
        for chunk in rows.chunks(CHUNK).cycle().take(VALIDATION_DRAWS * rows.len().div_ceil(CHUNK))
        {
            let part = self.try_bound(data, chunk, outcomes, rng);
            all.extend(part.map_err(device_error("validation"))?);
        }
        Ok(mean_terms(&all))
    }
}
