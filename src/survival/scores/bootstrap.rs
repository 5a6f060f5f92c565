//! How far scores vary from one sample of patients to the next.

use ndarray::{Array2, ArrayView1};
use rand::RngExt;

use crate::{
    survival::{FollowUp, statistics::quantile},
    train::stream,
};

/// How often each patient is in each resample, (n, resamples + 1). The first column is the sample
/// itself. A patient with a weight counts so often every time. The same seed gives the same
/// resamples.
pub(super) fn frequencies(follow_up: &FollowUp, resamples: usize, seed: u64) -> Array2<f64> {
    let (patients, weights) = (follow_up.len(), follow_up.frequencies());
    let mut out = Array2::zeros((patients, resamples + 1));
    out.column_mut(0).assign(&ArrayView1::from(&weights));
    for resample in 1..=resamples {
        let mut rng = stream(seed, resample as u64);
        for _ in 0..patients {
            let patient = rng.random_range(0..patients);
            out[[patient, resample]] += weights[patient];
        }
    }
    out
}

/// A score with its percentile interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// On the cohort itself.
    pub value: f64,
    /// Quantiles over the resamples; NaN without any.
    pub interval: (f64, f64),
}

impl Score {
    /// The first value is that of the sample itself. Resamples without a value are left out.
    pub(super) fn of(values: &[f64], confidence: f64) -> Self {
        let (value, resampled) = values.split_first().map_or((f64::NAN, &[][..]), |(v, r)| (*v, r));
        let mut sorted: Vec<f64> = resampled.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let tail = (1.0 - confidence) / 2.0;
        Self { value, interval: (quantile(&sorted, tail), quantile(&sorted, 1.0 - tail)) }
    }
}
