//! p(y|t, x) of many patients: mixtures over draws of z, each with its weights (lecture, eq. 15).

use std::sync::Arc;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, Axis, s};
use rayon::prelude::*;

use super::{distribution::SurvivalDistribution, sum::survival_sum};
use crate::{
    ops::{LocationScale, TimeLayout, exp},
    savae::columns::TimeScale,
};

/// The mixtures of some patients.
#[derive(Clone, Debug)]
pub(in crate::savae) struct Mixtures {
    family: LocationScale,
    pub scale: TimeScale,
    /// Components of a draw.
    pub per_draw: usize,
    /// Of every block, (blocks, draws · components).
    locations: Array2<f32>,
    inverse_scales: Array2<f32>,
    /// The shares of the components of each draw, or no columns where there is one.
    shares: Array2<f32>,
    /// The block of every patient: patients may share draws.
    block: Vec<usize>,
    /// The weights of the draws, (patients, draws): rows sum to 1.
    pub weights: Arc<Array2<f64>>,
}

impl Mixtures {
    /// From the parameters of p(y|t, z), (blocks · draws, parameters).
    pub fn new(
        layout: TimeLayout,
        scale: TimeScale,
        parameters: ArrayView2<f32>,
        block: Vec<usize>,
        weights: Arc<Array2<f64>>,
    ) -> Self {
        let (draws, per_draw) = (weights.ncols(), layout.components());
        let shape = (parameters.nrows() / draws.max(1), draws * per_draw);
        let each = |of: &dyn Fn(ArrayView1<f32>, usize) -> f32| {
            let rows = parameters.rows().into_iter();
            let values = rows.flat_map(|row| (0..per_draw).map(move |i| of(row, i)));
            // As many values as there are components of all draws.
            Array2::from_shape_vec(shape, values.collect()).unwrap_or_default()
        };
        let locations = each(&|row, i| row[i]);
        let inverse_scales = each(&|row, i| exp(-layout.log_scale(row.get(per_draw + i).copied())));
        let shares = match per_draw {
            1 => Array2::zeros((shape.0, 0)),
            _ => each(&|row, i| share(row.slice(s![2 * per_draw..]), i)),
        };
        let family = layout.family();
        Self { family, scale, per_draw, locations, inverse_scales, shares, block, weights }
    }

    /// Mixtures of all patients from those of parts of them.
    pub fn joined(parts: Vec<Self>) -> Option<Self> {
        let first = parts.first()?.clone();
        if parts.len() == 1 {
            return Some(first);
        }
        let all = |of: fn(&Self) -> &Array2<f32>| {
            // Parts of one prediction have the same number of draws.
            let views: Vec<_> = parts.iter().map(|part| of(part).view()).collect();
            ndarray::concatenate(Axis(0), &views).unwrap_or_default()
        };
        let weights: Vec<_> = parts.iter().map(|part| part.weights.view()).collect();
        let weights = ndarray::concatenate(Axis(0), &weights).unwrap_or_default();
        let mut block = Vec::with_capacity(weights.nrows());
        let mut before = 0;
        for part in &parts {
            block.extend(part.block.iter().map(|block| before + block));
            before += part.locations.nrows();
        }
        Some(Self {
            locations: all(|part| &part.locations),
            inverse_scales: all(|part| &part.inverse_scales),
            shares: all(|part| &part.shares),
            block,
            weights: Arc::new(weights),
            ..first
        })
    }

    /// Patients.
    pub fn len(&self) -> usize {
        self.block.len()
    }

    /// The mixture of one patient.
    pub fn distribution(&self, patient: usize) -> SurvivalDistribution {
        let block = self.block[patient];
        let wide = |values: &Array2<f32>| values.row(block).mapv(f64::from).to_vec();
        SurvivalDistribution {
            family: self.family,
            scale: self.scale,
            per_draw: self.per_draw,
            locations: wide(&self.locations),
            inverse_scales: wide(&self.inverse_scales),
            weights: self.component_weights(patient),
        }
    }

    /// The weights of all components of a patient.
    fn component_weights(&self, patient: usize) -> Vec<f64> {
        let weights = self.weights.row(patient);
        if self.per_draw == 1 {
            return weights.to_vec();
        }
        let shares = self.shares.row(self.block[patient]);
        let weight = |(i, share): (usize, &f32)| weights[i / self.per_draw] * f64::from(*share);
        shares.iter().enumerate().map(weight).collect()
    }

    /// S of every patient at every time, (patients, times).
    pub fn survival(&self, times: &[f64]) -> Array2<f64> {
        let u: Vec<f64> = times.iter().map(|&time| self.scale.exact(time)).collect();
        self.by_patient(times.len(), |patient, to| self.survival_at(patient, &u, to))
    }

    /// S of every patient at a time of the patient's own, (patients).
    pub fn survival_at_own(&self, times: &[f64]) -> Array1<f64> {
        let own = self.by_patient(1, |patient, to| {
            self.survival_at(patient, &[self.scale.exact(times[patient])], to);
        });
        own.index_axis_move(Axis(1), 0)
    }

    /// A number for every patient.
    pub fn each(&self, of: impl Fn(&SurvivalDistribution) -> f64 + Sync) -> Array1<f64> {
        let values: Vec<f64> = (0..self.len())
            .into_par_iter()
            .map(|patient| of(&self.distribution(patient)))
            .collect();
        values.into()
    }

    fn by_patient(
        &self,
        width: usize,
        body: impl Fn(usize, ArrayViewMut1<f64>) + Sync,
    ) -> Array2<f64> {
        let mut out = Array2::zeros((self.len(), width));
        let rows: Vec<_> = out.rows_mut().into_iter().enumerate().collect();
        rows.into_par_iter().for_each(|(patient, row)| body(patient, row));
        out
    }

    fn survival_at(&self, patient: usize, u: &[f64], mut to: ArrayViewMut1<f64>) {
        let weights = self.component_weights(patient);
        let block = self.block[patient];
        let (locations, inverse_scales) =
            (self.locations.row(block), self.inverse_scales.row(block));
        let (Some(locations), Some(inverse_scales)) =
            (locations.as_slice(), inverse_scales.as_slice())
        else {
            return;
        };
        for (to, &u) in to.iter_mut().zip(u) {
            *to = match u == f64::NEG_INFINITY {
                true => 1.0,
                false => survival_sum(self.family, u, locations, inverse_scales, &weights),
            };
        }
    }
}

/// The share of a component among all, from their logits.
fn share(logits: ArrayView1<f32>, component: usize) -> f32 {
    let total: f32 = logits.iter().map(|logit| (logit - logits[component]).exp()).sum();
    total.recip()
}
