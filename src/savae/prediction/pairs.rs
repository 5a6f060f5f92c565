//! log p(x|z) of every patient at every draw: one matrix product.
//!
//! All families of covariates are exponential: log p(x|z) = Σ T(x)·η(z) − A(z). The statistics T of
//! a patient stand in one matrix, with a 1 for the normaliser of each observed covariate, what
//! belongs to a draw in the other.

use ndarray::{Array2, ArrayView2, s};

use crate::{
    ops::{Destination, Factor, HALF_LN_TWO_PI, MixedLayout, exp, product, softplus},
    savae::configuration::Configuration,
};

/// (n, ·) rows and (draws, parameters) of p(x|z) → (n, draws), in nats, of the cells.
pub(in crate::savae) fn log_prob_of_pairs(
    configuration: &Configuration,
    rows: ArrayView2<f32>,
    parameters: ArrayView2<f32>,
) -> Array2<f32> {
    let (layout, blocks) = (configuration.layout(), configuration.columns.blocks());
    let cells = rows.slice(s![.., blocks.cells]);
    let observed = rows.slice(s![.., blocks.observed]);
    let statistics = statistics(&layout, cells, observed);
    let natural = natural(&layout, parameters);
    let (patients, draws, width) = (rows.nrows(), parameters.nrows(), statistics.ncols());
    let mut out = vec![0.0; patients * draws];
    if let (Some(left), Some(right)) = (statistics.as_slice(), natural.as_slice()) {
        let left = Factor::new(left, patients, width);
        let right = Factor::new(right, draws, width).transposed();
        product(&mut out, Destination::Overwrite, left, right);
    }
    // As many values as the shape says.
    Array2::from_shape_vec((patients, draws), out).unwrap_or_default()
}

/// For every cell x and whether it is there, and x² of the normals.
fn statistics(
    layout: &MixedLayout,
    cells: ArrayView2<f32>,
    observed: ArrayView2<f32>,
) -> Array2<f32> {
    let (count, normals) = (layout.cells(), layout.normals);
    let mut out = Array2::zeros((cells.nrows(), 2 * count + normals));
    out.slice_mut(s![.., ..count]).assign(&(&cells * &observed));
    out.slice_mut(s![.., count..2 * count]).assign(&observed);
    let squares = &cells.slice(s![.., ..normals]) * &cells.slice(s![.., ..normals]);
    let seen = &observed.slice(s![.., ..normals]);
    out.slice_mut(s![.., 2 * count..]).assign(&(squares * seen));
    out
}

/// The factors of these.
fn natural(layout: &MixedLayout, parameters: ArrayView2<f32>) -> Array2<f32> {
    let (count, normals) = (layout.cells(), layout.normals);
    let mut out = Array2::zeros((parameters.nrows(), 2 * count + normals));
    for (from, mut to) in parameters.rows().into_iter().zip(out.rows_mut()) {
        for i in 0..normals {
            let (mean, log_std) = (from[i], layout.log_std(from[normals + i]));
            let precision = exp(-2.0 * log_std);
            to[i] = mean * precision;
            to[count + i] = -0.5 * mean * mean * precision - log_std - HALF_LN_TWO_PI;
            to[2 * count + i] = -0.5 * precision;
        }
        let singles = normals..normals + layout.counts + layout.binaries;
        for i in singles.clone() {
            let eta = from[normals + i];
            let is_count = i < normals + layout.counts;
            to[i] = eta;
            to[count + i] = match is_count {
                true => -exp(eta),
                false => -softplus(eta),
            };
        }
        let mut first = singles.end;
        for &levels in &layout.levels {
            let logits = from.slice(s![normals + first..normals + first + levels]);
            let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let total: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
            let normaliser = largest + total.ln();
            for (level, logit) in logits.iter().enumerate() {
                to[first + level] = logit - normaliser;
            }
            first += levels;
        }
    }
    out
}
