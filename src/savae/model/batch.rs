//! Rows as the networks take them.

use std::ops::Range;

use ndarray::{ArrayView2, s};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Model, Outcomes};
use crate::{
    nn::gather,
    ops::{Backend, Matrix, OpResult},
    savae::{columns::Blocks, network::OUTCOME_INPUTS},
};

/// Rows on the device.
pub(super) struct Batch<B: Backend> {
    /// Of the encoder.
    pub encoder: Matrix<B>,
    /// Of p(t|x).
    pub inputs: Matrix<B>,
    pub cells: Matrix<B>,
    pub observed: Matrix<B>,
    pub treatments: Matrix<B>,
    pub outcome: Matrix<B>,
    /// Of every row.
    pub constants: Vec<f32>,
    /// Which rows hide their outcome from the encoder.
    pub hidden: Vec<bool>,
}

impl<B: Backend> Model<B> {
    pub(super) fn batch(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Batch<B>> {
        let Blocks { inputs, cells, observed, treatments, outcome, constant } = &self.blocks;
        let hidden: Vec<bool> = rows.iter().map(|_| outcomes.hides(rng)).collect();
        let part =
            |block: &Range<usize>| gather(&self.device, data.slice(s![.., block.clone()]), rows);
        Ok(Batch {
            encoder: self.encoder_inputs(data, rows, &hidden)?,
            inputs: part(inputs)?,
            cells: part(cells)?,
            observed: part(observed)?,
            treatments: part(treatments)?,
            outcome: part(outcome)?,
            constants: rows.iter().map(|&row| data[[row, *constant]]).collect(),
            hidden,
        })
    }

    /// The covariates, and of the outcome what the encoder may know. A censored time says that the
    /// event came later and an observed one that it came then, so the event is told with the time.
    pub(super) fn encoder_inputs(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        hidden: &[bool],
    ) -> OpResult<B, Matrix<B>> {
        let (inputs, outcome) = (self.blocks.inputs.clone(), self.blocks.outcome.start);
        let width = inputs.len() + OUTCOME_INPUTS;
        self.device.upload((rows.len(), width), |values| {
            let targets = values.chunks_exact_mut(width);
            for ((target, &row), &hidden) in targets.zip(rows).zip(hidden) {
                let source = data.row(row);
                let (covariates, told) = target.split_at_mut(inputs.len());
                let from = source.slice(s![inputs.clone()]);
                covariates.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                told.copy_from_slice(&match hidden {
                    true => [0.0, 0.0, 1.0],
                    false => [source[outcome], source[outcome + 1], 0.0],
                });
            }
        })
    }

    /// Standard normal noise for `rows` draws of z.
    pub(super) fn noise(&self, rows: usize, rng: &mut ChaCha8Rng) -> OpResult<B, Matrix<B>> {
        self.device.upload((rows, self.configuration.settings.latent), |values| {
            values.fill_with(|| StandardNormal.sample(rng));
        })
    }

    pub(super) fn block(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        block: &Range<usize>,
    ) -> OpResult<B, Matrix<B>> {
        gather(&self.device, data.slice(s![.., block.clone()]), rows)
    }
}
