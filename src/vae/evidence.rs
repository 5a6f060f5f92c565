//! log p(x), estimated by importance sampling.

use ndarray::Array1;

use crate::{
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::Result,
};

/// Estimates of log p(x), in nats, one a row; made by [`super::Vae::evidence`].
///
/// log (1/k) Σ p(x, zⱼ)/q(zⱼ|x) with zⱼ ~ q(z|x) is a lower bound of log p(x) in expectation that
/// rises with k (Burda, Grosse and Salakhutdinov 2016, theorem 1); at k = 1 it is the ELBO.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The estimate of every row.
    pub log_prob: Array1<f64>,
    /// The number k of draws a row.
    pub draws: usize,
}

impl Evidence {
    /// The mean over the rows.
    pub fn mean(&self) -> f64 {
        self.log_prob.mean().unwrap_or(f64::NAN)
    }

    /// The standard error of the mean: how far it would move with other rows. Zero for one row.
    pub fn standard_error(&self) -> f64 {
        let rows = self.log_prob.len();
        if rows < 2 { 0.0 } else { self.log_prob.std(1.0) / (rows as f64).sqrt() }
    }
}

impl RichDisplay for Evidence {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        Ok(MimeBundle::new(format!(
            "log p(x) ≈ {:.2} ± {:.2} nats a row ({} rows, {} draws each)",
            self.mean(),
            self.standard_error(),
            self.log_prob.len(),
            self.draws
        )))
    }
}

impl_evcxr_display!(Evidence);

/// log of the mean of exponentials, without overflow.
pub(super) fn log_mean_exp(logs: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let count = logs.len() as f64;
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    largest + (logs.map(|log| (log - largest).exp()).sum::<f64>() / count).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_mean_exp_is_stable_and_exact() {
        let close = |got: f64, want: f64| assert!((got - want).abs() <= 1e-12 * want.abs());
        close(log_mean_exp([-1000.0, -1000.0].into_iter()), -1000.0);
        close(log_mean_exp([3f64.ln(), 5f64.ln()].into_iter()), 4f64.ln());
        assert_eq!(log_mean_exp([f64::NEG_INFINITY].into_iter()), f64::NEG_INFINITY);
    }
}
