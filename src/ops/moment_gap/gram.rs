//! The gap of wide rows: with fewer rows and draws than columns it needs no D × D matrix.

use super::super::storage::{Destination, Factor, product};
use super::{Model, ObservedMoments};

/// DE − FME = AᵀWA − diag(v̄), where A stacks x − x̄, u = E(x|z) − x̄, x̄ and δ, and W weighs them:
/// 1/(n − 1), −1/m, and −1 between x̄ and δ. Then ‖AᵀWA‖² = tr(WKWK) with K = AAᵀ, which is square
/// with n + m + 2 rows.
pub(super) struct GramGap {
    width: usize,
    /// n and m.
    sizes: (usize, usize),
    /// A, row-major.
    stacked: Vec<f32>,
    /// K, row-major.
    gram: Vec<f32>,
    /// v̄, (D).
    variance: Vec<f32>,
}

impl GramGap {
    /// `stacked` holds the rows of x − x̄ and of u.
    pub fn new(observed: &ObservedMoments, mut stacked: Vec<f32>, model: &Model) -> Self {
        let width = observed.width();
        stacked.extend_from_slice(&observed.mean);
        stacked.extend_from_slice(&model.mean_gap);
        let rows = stacked.len() / width;
        let factor = Factor::new(&stacked, rows, width);
        let mut gram = vec![0.0; rows * rows];
        product(&mut gram, Destination::Overwrite, factor, factor.transposed());
        let sizes = (observed.rows, model.draws);
        Self { width, sizes, variance: model.variance.clone(), stacked, gram }
    }

    /// n + m + 2
    fn rows(&self) -> usize {
        self.sizes.0 + self.sizes.1 + 2
    }

    /// `rows` · W, for rows as long as A is high.
    fn weigh(&self, rows: &mut [f32]) {
        let (n, m) = self.sizes;
        let (data, draws) = (1.0 / (n as f32 - 1.0), -1.0 / m as f32);
        for row in rows.chunks_exact_mut(self.rows()) {
            row[..n].iter_mut().for_each(|value| *value *= data);
            row[n..n + m].iter_mut().for_each(|value| *value *= draws);
            (row[n + m], row[n + m + 1]) = (-row[n + m + 1], -row[n + m]);
        }
    }

    /// The diagonal of AᵀWA, (D).
    fn outer_diagonal(&self) -> Vec<f64> {
        let (n, m) = self.sizes;
        let row = |i: usize| &self.stacked[i * self.width..][..self.width];
        let mut sums = vec![0.0; self.width];
        for (rows, weight) in [(0..n, 1.0 / (n as f64 - 1.0)), (n..n + m, -1.0 / m as f64)] {
            for i in rows {
                for (sum, value) in sums.iter_mut().zip(row(i)) {
                    *sum += weight * f64::from(*value).powi(2);
                }
            }
        }
        for (sum, (centre, shift)) in sums.iter_mut().zip(row(n + m).iter().zip(row(n + m + 1))) {
            *sum -= 2.0 * f64::from(*centre) * f64::from(*shift);
        }
        sums
    }

    /// ‖DE − FME‖
    pub fn norm(&self) -> f64 {
        let rows = self.rows();
        // KW, whose product with itself has the trace of WKWK.
        let mut weighed = self.gram.clone();
        self.weigh(&mut weighed);
        let trace: f64 = (0..rows)
            .flat_map(|i| (0..rows).map(move |j| (i * rows + j, j * rows + i)))
            .map(|(here, there)| f64::from(weighed[here]) * f64::from(weighed[there]))
            .sum();
        let variances = self.variance.iter().map(|value| f64::from(*value));
        let diagonal: f64 =
            self.outer_diagonal().iter().zip(variances).map(|(d, v)| v * (v - 2.0 * d)).sum();
        // Rounding can leave a gap of almost nothing a little below it.
        (trace + diagonal).max(0.0).sqrt()
    }

    /// (D)
    pub fn diagonal(&self) -> Vec<f32> {
        let outer = self.outer_diagonal();
        outer.iter().zip(&self.variance).map(|(d, v)| (d - f64::from(*v)) as f32).collect()
    }

    /// target += scale · means · (DE − FME), both row-major (m, D). The means are u + x̄, so that
    /// means · Aᵀ are rows of K, each plus that of x̄.
    pub fn add_product(&self, target: &mut [f32], means: &[f32], scale: f32) {
        let ((n, m), rows) = (self.sizes, self.rows());
        let mut turned = self.gram[n * rows..(n + m) * rows].to_vec();
        let centre = &self.gram[(n + m) * rows..][..rows];
        for row in turned.chunks_exact_mut(rows) {
            row.iter_mut().zip(centre).for_each(|(value, centre)| *value += centre);
        }
        self.weigh(&mut turned);
        turned.iter_mut().for_each(|value| *value *= scale);
        let (turned, stacked) =
            (Factor::new(&turned, m, rows), Factor::new(&self.stacked, rows, self.width));
        product(target, Destination::Add, turned, stacked);
        let rows = target.chunks_exact_mut(self.width).zip(means.chunks_exact(self.width));
        for (target, mean) in rows {
            for ((target, mean), variance) in target.iter_mut().zip(mean).zip(&self.variance) {
                *target -= scale * mean * variance;
            }
        }
    }
}
