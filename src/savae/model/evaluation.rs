//! The answers of the networks, so many rows at a time that they fit into memory.

use dfdx::{shapes::HasShape, tensor::NoneTape};
use ndarray::{Array2, ArrayView2, s};
use rand_chacha::ChaCha8Rng;

use super::{Engine, Model, Outcomes};
use crate::{
    device::device_error,
    error::Result,
    nn::{CHUNK, chunks, gather, in_chunks},
    ops::{Backend, Fixed, Matrix, OpResult},
    savae::bound::BoundTerms,
};

/// Draws of z computed at once: bounds the memory.
const MANY: usize = 8 * CHUNK;

impl<B: Backend> Model<B> {
    /// Runs `compute` on the z of some rows at a time and joins the results, (n, draws).
    fn at_own_draws(
        &self,
        (rows, z): (ArrayView2<f32>, ArrayView2<f32>),
        op: &'static str,
        compute: impl Fn(&Matrix<B>, &[usize]) -> OpResult<B, Vec<f32>>,
    ) -> Result<Array2<f32>> {
        let draws = z.nrows() / rows.nrows().max(1);
        let mut joined = Vec::with_capacity(z.nrows());
        for first in (0..z.nrows()).step_by(MANY) {
            let numbers: Vec<usize> = (first..z.nrows().min(first + MANY)).collect();
            let owners: Vec<usize> = numbers.iter().map(|number| number / draws).collect();
            let part = || compute(&gather(&self.device, z, &numbers)?, &owners);
            joined.extend(part().map_err(device_error(op))?);
        }
        Array2::from_shape_vec((rows.nrows(), draws), joined).map_err(device_error(op))
    }
}

impl<B: Backend> Engine for Model<B> {
    fn encode(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
    ) -> Result<(Array2<f32>, Array2<f32>)> {
        let op = "encoding";
        let (mut means, mut stds) = (Vec::new(), Vec::new());
        for chunk in chunks(rows.nrows()) {
            let hidden = vec![outcomes == Outcomes::Hidden; chunk.len()];
            let part = || {
                let inputs = self.encoder_inputs(rows, &chunk, &hidden)?;
                self.network.encoder.forward(&mut NoneTape, Fixed(&inputs), None)
            };
            let [mean, log_std] = part().map_err(device_error(op))?;
            means.extend(mean.as_vec());
            stds.extend(log_std.as_vec().into_iter().map(f32::exp));
        }
        let shape = (rows.nrows(), self.configuration.settings.latent);
        let array = |values| Array2::from_shape_vec(shape, values).map_err(device_error(op));
        Ok((array(means)?, array(stds)?))
    }

    fn bound(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<BoundTerms>> {
        let mut all = Vec::with_capacity(rows.nrows());
        for chunk in chunks(rows.nrows()) {
            let part = self.try_bound(rows, &chunk, outcomes, rng);
            all.extend(part.map_err(device_error("the bound"))?);
        }
        Ok(all)
    }

    fn covariate_parameters(&self, z: ArrayView2<f32>) -> Result<Array2<f32>> {
        let width = self.layout.parameters();
        in_chunks(&self.device, z, width, "p(x|z)", |z| {
            let [parameters] = self.network.covariates.forward(&mut NoneTape, Fixed(z), None)?;
            Ok(parameters.as_vec())
        })
    }

    fn covariate_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>> {
        self.at_own_draws((rows, z), "p(x|z)", |z, owners| {
            let tape = &mut NoneTape;
            let [parameters] = self.network.covariates.forward(tape, Fixed(z), None)?;
            let cells = self.block(rows, owners, &self.blocks.cells)?;
            let observed = self.block(rows, owners, &self.blocks.observed)?;
            Ok(B::mixed_log_prob(tape, &self.layout, (&cells, &observed), &parameters)?.as_vec())
        })
    }

    fn time_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>> {
        self.at_own_draws((rows, z), "p(y|t, z)", |z, owners| {
            let tape = &mut NoneTape;
            let treatments = self.block(rows, owners, &self.blocks.treatments)?;
            let parameters = self.network.time(tape, Fixed(z), &treatments, None)?;
            let outcome = self.block(rows, owners, &self.blocks.outcome)?;
            Ok(B::censored_log_prob(tape, self.time, &outcome, &parameters)?.as_vec())
        })
    }

    fn time_parameters(
        &self,
        z: ArrayView2<f32>,
        treatments: ArrayView2<f32>,
    ) -> Result<Array2<f32>> {
        let (op, width) = ("p(y|t, z)", self.time.parameters());
        let mut joined = Vec::with_capacity(z.nrows() * width);
        for first in (0..z.nrows()).step_by(MANY) {
            let numbers: Vec<usize> = (first..z.nrows().min(first + MANY)).collect();
            let part = || {
                let treatments = gather(&self.device, treatments, &numbers)?;
                let z = gather(&self.device, z, &numbers)?;
                self.network.time(&mut NoneTape, Fixed(&z), &treatments, None)
            };
            let parameters: Matrix<B> = part().map_err(device_error(op))?;
            debug_assert_eq!(*parameters.shape(), (numbers.len(), width));
            joined.extend(parameters.as_vec());
        }
        Array2::from_shape_vec((z.nrows(), width), joined).map_err(device_error(op))
    }

    fn treatment_logits(&self, rows: ArrayView2<f32>) -> Result<Array2<f32>> {
        let Some(edge) = &self.network.treatments else {
            return Ok(Array2::zeros((rows.nrows(), 0)));
        };
        let inputs = rows.slice(s![.., self.blocks.inputs.clone()]);
        let width = self.blocks.treatments.len();
        in_chunks(&self.device, inputs, width, "p(t|x)", |inputs| {
            let [logits] = edge.forward(&mut NoneTape, Fixed(inputs), None)?;
            Ok(logits.as_vec())
        })
    }
}
