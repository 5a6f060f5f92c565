//! The gap as the D × D matrix that it is.

use super::super::storage::{Destination, Factor, product};
use super::{Model, ObservedMoments};

/// DE − FME = S − mean(uuᵀ) − diag(v̄) − x̄δᵀ − δx̄ᵀ, row-major.
pub(super) struct SquareGap {
    width: usize,
    gap: Vec<f32>,
}

impl SquareGap {
    /// `gap` holds the lower triangle of Σuuᵀ.
    pub fn new(observed: &ObservedMoments, mut gap: Vec<f32>, model: &Model) -> Self {
        let width = observed.width();
        let (centre, shift) = (&observed.mean, &model.mean_gap);
        let (covariance, scale) = (observed.covariance(), 1.0 / model.draws as f32);
        for i in 0..width {
            let (c, d) = (centre[i], shift[i]);
            let row = &mut gap[i * width..][..=i];
            let others = centre.iter().zip(shift).zip(&covariance[i * width..][..=i]);
            for (value, ((centre, shift), covariance)) in row.iter_mut().zip(others) {
                *value = covariance - *value * scale - c * shift - d * centre;
            }
            row[i] -= model.variance[i];
        }
        for i in 0..width {
            let (above, row) = gap.split_at_mut(i * width);
            for (j, value) in row[..i].iter().enumerate() {
                above[j * width + i] = *value;
            }
        }
        Self { width, gap }
    }

    /// ‖DE − FME‖
    pub fn norm(&self) -> f64 {
        let squares = |row: &[f32]| row.iter().map(|value| value * value).sum::<f32>();
        self.gap.chunks_exact(self.width).map(|row| f64::from(squares(row))).sum::<f64>().sqrt()
    }

    /// (D)
    pub fn diagonal(&self) -> Vec<f32> {
        self.gap.iter().copied().step_by(self.width + 1).collect()
    }

    /// target += scale · means · (DE − FME), both row-major (m, D).
    pub fn add_product(&self, target: &mut [f32], means: &[f32], scale: f32) {
        let scaled: Vec<f32> = self.gap.iter().map(|value| value * scale).collect();
        let means = Factor::new(means, means.len() / self.width, self.width);
        product(target, Destination::Add, means, Factor::new(&scaled, self.width, self.width));
    }
}
