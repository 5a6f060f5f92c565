//! The norms of the gap between data and a model, and their gradients by what the decoder says.

use rayon::prelude::*;

use super::{
    super::{
        parallel::for_each_row,
        storage::{Factor, add_lower_gram},
    },
    gram::GramGap,
    observed::ObservedMoments,
    square::SquareGap,
};

/// Rows that are centred at once, to be used while they are near the processor.
const BLOCK: usize = 512;
/// Rows whose sums are taken at once: the same on any number of threads.
const PART: usize = 128;

/// The model's side: what E(x|z) and Var(x|z) at m draws of z are on average.
pub(super) struct Model {
    /// m
    pub draws: usize,
    /// δ, the mean of E(x|z) less x̄: 1MEGA, (D).
    pub mean_gap: Vec<f32>,
    /// v̄, the mean of Var(x|z), (D).
    pub variance: Vec<f32>,
}

impl Model {
    /// Means (m, D) and variances (any number of rows, D), row-major. `visit` gets all rows of
    /// u = E(x|z) − c with the rounded mean c of the data, in blocks.
    fn new(
        observed: &ObservedMoments,
        means: &[f32],
        variances: &[f32],
        mut visit: impl FnMut(&[f32]),
    ) -> Self {
        let (centre, width) = (&observed.mean, observed.width());
        let mut centred = vec![0.0; (BLOCK * width).min(means.len())];
        let mut sums = Vec::new();
        for means in means.chunks(BLOCK * width) {
            let centred = &mut centred[..means.len()];
            let parts = centred.par_chunks_mut(PART * width).zip(means.par_chunks(PART * width));
            sums.par_extend(parts.map(|(to, from)| centre_rows(to, from, centre)));
            visit(centred);
        }
        let draws = means.len() / width;
        let mut mean_gap = mean_of(&sums, draws);
        mean_gap.iter_mut().zip(&observed.rounding).for_each(|(gap, rounding)| *gap -= rounding);
        Self { draws, mean_gap, variance: column_means(variances, width) }
    }
}

/// Writes the rows less the centre, and returns the sums of their columns.
fn centre_rows(to: &mut [f32], from: &[f32], centre: &[f32]) -> Vec<f32> {
    let width = centre.len();
    let mut sums = vec![0.0; width];
    for (to, from) in to.chunks_exact_mut(width).zip(from.chunks_exact(width)) {
        let cells = to.iter_mut().zip(from).zip(centre).zip(&mut sums);
        for (((to, from), centre), sum) in cells {
            *to = from - centre;
            *sum += *to;
        }
    }
    sums
}

fn column_means(values: &[f32], width: usize) -> Vec<f32> {
    let sums: Vec<Vec<f32>> = values
        .par_chunks(PART * width)
        .map(|block| {
            let mut sums = vec![0.0; width];
            for row in block.chunks_exact(width) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            }
            sums
        })
        .collect();
    mean_of(&sums, values.len() / width)
}

/// The mean over `count` rows from the sums of blocks.
fn mean_of(sums: &[Vec<f32>], count: usize) -> Vec<f32> {
    let width = sums.first().map_or(0, Vec::len);
    let column = |i: usize| sums.iter().map(|sums| f64::from(sums[i])).sum::<f64>();
    (0..width).map(|i| (column(i) / count as f64) as f32).collect()
}

/// How the second-moment gap is held.
enum Form {
    Square(SquareGap),
    Gram(GramGap),
}

/// The gap between data and a model (lecture, eq. 30).
pub(crate) struct Gap {
    form: Form,
    mean_gap: Vec<f32>,
    draws: usize,
    variance_rows: usize,
    /// 1MEGA-F
    pub first: f64,
    /// 2MEGA-F
    pub second: f64,
}

/// How much each norm counts in a gradient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    pub first: f64,
    pub second: f64,
}

impl Gap {
    /// Of means (m, D) and variances, row-major: a row of variances for each draw, or one for all.
    pub fn new(observed: &ObservedMoments, means: &[f32], variances: &[f32]) -> Self {
        let (width, draws) = (observed.width(), means.len() / observed.width());
        let (form, model) = match observed.centred.as_ref().and_then(|rows| rows.as_slice()) {
            Some(data) if observed.rows + draws < width => {
                let mut stacked = data.to_vec();
                let model = Model::new(observed, means, variances, |block| {
                    stacked.extend_from_slice(block);
                });
                (Form::Gram(GramGap::new(observed, stacked, &model)), model)
            }
            _ => {
                let mut gram = vec![0.0; width * width];
                let model = Model::new(observed, means, variances, |block| {
                    add_lower_gram(&mut gram, Factor::new(block, block.len() / width, width));
                });
                (Form::Square(SquareGap::new(observed, gram, &model)), model)
            }
        };
        let second = match &form {
            Form::Square(gap) => gap.norm(),
            Form::Gram(gap) => gap.norm(),
        };
        let squares = model.mean_gap.iter().map(|value| f64::from(*value).powi(2));
        Self {
            first: squares.sum::<f64>().sqrt(),
            second,
            form,
            draws: model.draws,
            variance_rows: variances.len() / observed.width(),
            mean_gap: model.mean_gap,
        }
    }

    /// Adds the gradient by the means, row-major (m, D), of the weighted sum of the norms:
    /// δ/(m‖δ‖) in every row, and −2/(m‖G‖)·means·G with the second-moment gap G. A norm of zero
    /// has none.
    pub fn add_mean_gradient(&self, target: &mut [f32], means: &[f32], weights: Weights) {
        let draws = self.draws as f64;
        if weights.second != 0.0 && self.second > 0.0 {
            let scale = (-2.0 * weights.second / (draws * self.second)) as f32;
            match &self.form {
                Form::Square(gap) => gap.add_product(target, means, scale),
                Form::Gram(gap) => gap.add_product(target, means, scale),
            }
        }
        if weights.first != 0.0 && self.first > 0.0 {
            let scale = (weights.first / (draws * self.first)) as f32;
            add_to_rows(target, &self.mean_gap, scale);
        }
    }

    /// The gradient by the variances, the same for every draw: −diag(G)/(rows·‖G‖), (D).
    pub fn variance_gradient(&self, weights: Weights) -> Vec<f32> {
        let mut diagonal = match &self.form {
            Form::Square(gap) => gap.diagonal(),
            Form::Gram(gap) => gap.diagonal(),
        };
        let norm = self.variance_rows as f64 * self.second;
        let scale = if norm > 0.0 { (-weights.second / norm) as f32 } else { 0.0 };
        diagonal.iter_mut().for_each(|value| *value *= scale);
        diagonal
    }
}

/// Every row of `target` += scale · row.
pub(super) fn add_to_rows(target: &mut [f32], row: &[f32], scale: f32) {
    let width = row.len();
    for_each_row(target, width, width, |_, target| {
        target.iter_mut().zip(row).for_each(|(target, value)| *target += scale * value);
    });
}
