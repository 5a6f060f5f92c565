//! log p(x), estimated by importance sampling.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    latent::{log_sum_exp_of, standard_error},
};

/// Estimates of log p(x), in nats, one a row; made by [`super::Vae::evidence`].
///
/// log (1/k) Σ p(x, zⱼ)/q(zⱼ|x) with zⱼ ~ q(z|x) is a lower bound of log p(x) in expectation that
/// rises with k (Burda, Grosse and Salakhutdinov 2016, theorem 1); at k = 1 it is the ELBO. From the
/// same draws come the ELBO in the form of the lecture's eq. (4) and, as the difference of the two,
/// the gap KL(q(z|x) ‖ p(z|x)) of eq. (3).
///
/// ```
/// use elbo::{Emission, Vae};
///
/// let vae = Vae::<2, 1>::params().hidden([4]).emission(Emission::NormalSharedStd).build()?;
/// let evidence = vae.evidence(&[[0.3, -0.1], [1.0, 0.5]], 500)?;
/// assert!(evidence.mean_gap() > 0.0);
/// assert!(evidence.monte_carlo_error() < evidence.standard_error());
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The estimate of every row.
    pub log_prob: Array1<f64>,
    /// The Monte Carlo standard error of every row's estimate: how far it would move with other
    /// draws of z (delta method). NaN with a single draw.
    pub log_prob_error: Array1<f64>,
    /// The ELBO of every row: the mean of log p(x, z) − log q(z|x).
    pub elbo: Array1<f64>,
    /// The Monte Carlo standard error of every row's ELBO. NaN with a single draw.
    pub elbo_error: Array1<f64>,
    /// The Monte Carlo standard error of every row's gap (delta method). NaN with a single draw.
    pub gap_error: Array1<f64>,
    /// The effective number of draws of every row, (Σw)²/Σw²: near 1 when a single draw decides the
    /// estimate, which then is too low and its standard error, too.
    pub effective_draws: Array1<f64>,
    /// The number k of draws a row.
    pub draws: usize,
}

impl Evidence {
    /// From log p(x, z) − log q(z|x) at the draws: (rows, draws).
    pub(crate) fn new(log_weights: ArrayView2<f64>) -> Self {
        let rows: Vec<Row> = log_weights.axis_iter(Axis(0)).map(Row::new).collect();
        let column = |of: fn(&Row) -> f64| rows.iter().map(of).collect();
        Self {
            log_prob: column(|row| row.log_prob),
            log_prob_error: column(|row| row.log_prob_error),
            elbo: column(|row| row.elbo),
            elbo_error: column(|row| row.elbo_error),
            gap_error: column(|row| row.gap_error),
            effective_draws: column(|row| row.effective_draws),
            draws: log_weights.ncols(),
        }
    }

    /// The rows of all parts, in their order.
    pub(crate) fn joined(parts: &[Self], draws: usize) -> Self {
        let column = |of: fn(&Self) -> &Array1<f64>| {
            parts.iter().flat_map(|part| of(part).iter().copied()).collect()
        };
        Self {
            log_prob: column(|part| &part.log_prob),
            log_prob_error: column(|part| &part.log_prob_error),
            elbo: column(|part| &part.elbo),
            elbo_error: column(|part| &part.elbo_error),
            gap_error: column(|part| &part.gap_error),
            effective_draws: column(|part| &part.effective_draws),
            draws,
        }
    }

    /// The mean of the estimates over the rows.
    pub fn mean(&self) -> f64 {
        self.log_prob.mean().unwrap_or(f64::NAN)
    }

    /// The standard error of the mean as an estimate for all rows that there could be: how far it
    /// would move with other rows. Zero for one row.
    pub fn standard_error(&self) -> f64 {
        standard_error(&self.log_prob)
    }

    /// The Monte Carlo standard error of the mean over these very rows: how far it would move with
    /// other draws of z.
    pub fn monte_carlo_error(&self) -> f64 {
        error_of_mean(&self.log_prob_error)
    }

    /// KL(q(z|x) ‖ p(z|x)) of every row, estimated as log p(x) − ELBO.
    pub fn gap(&self) -> Array1<f64> {
        &self.log_prob - &self.elbo
    }

    /// The mean of the gaps over the rows.
    pub fn mean_gap(&self) -> f64 {
        self.gap().mean().unwrap_or(f64::NAN)
    }

    /// The Monte Carlo standard error of the mean gap over these very rows.
    pub fn mean_gap_error(&self) -> f64 {
        error_of_mean(&self.gap_error)
    }
}

/// The standard error of a mean of independent estimates.
fn error_of_mean(errors: &Array1<f64>) -> f64 {
    errors.dot(errors).sqrt() / errors.len() as f64
}

/// What the draws of one row come to.
struct Row {
    log_prob: f64,
    log_prob_error: f64,
    elbo: f64,
    elbo_error: f64,
    gap_error: f64,
    effective_draws: f64,
}

impl Row {
    /// With r = w/w̄ the delta method gives log w̄ the variance Var(r)/k, and log w̄ − mean(log w)
    /// the variance Var(r − log r)/k.
    fn new(logs: ArrayView1<f64>) -> Self {
        let log_prob = log_mean_exp(logs.iter().copied());
        let ratios = logs.mapv(|log| (log - log_prob).exp());
        let differences = &ratios - &logs;
        Self {
            log_prob,
            log_prob_error: error(&ratios),
            elbo: logs.mean().unwrap_or(f64::NAN),
            elbo_error: error(&logs.to_owned()),
            gap_error: error(&differences),
            effective_draws: ratios.sum().powi(2) / ratios.dot(&ratios),
        }
    }
}

/// The standard error of the mean of draws; NaN for a single one.
fn error(values: &Array1<f64>) -> f64 {
    let count = values.len();
    if count < 2 { f64::NAN } else { values.std(1.0) / (count as f64).sqrt() }
}

impl RichDisplay for Evidence {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (rows, draws) = (self.log_prob.len(), self.draws);
        let title = format!("Evidence of {rows} rows, {draws} draws each, in nats a row");
        let columns = ["", "mean", "± other draws", "± other rows"];
        let row = |name: &str, mean: f64, draws: f64, rows: f64| {
            let numbers = [mean, draws, rows].map(|value| Cell::decimals(value, 3));
            std::iter::once(name.into()).chain(numbers)
        };
        let elbo = self.elbo.mean().unwrap_or(f64::NAN);
        Table::new(title, columns)
            .row(row("log p(x)", self.mean(), self.monte_carlo_error(), self.standard_error()))
            .row(row("ELBO", elbo, error_of_mean(&self.elbo_error), standard_error(&self.elbo)))
            .row(row(
                "gap, KL(q‖p(z|x))",
                self.mean_gap(),
                self.mean_gap_error(),
                standard_error(&self.gap()),
            ))
            .mime_bundle()
    }
}

impl_evcxr_display!(Evidence);

/// log of the mean of exponentials, without overflow.
pub(super) fn log_mean_exp(logs: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let count = logs.len() as f64;
    log_sum_exp_of(logs) - count.ln()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    #[test]
    fn log_mean_exp_is_stable_and_exact() {
        let close = |got: f64, want: f64| assert!((got - want).abs() <= 1e-12 * want.abs());
        close(log_mean_exp([-1000.0, -1000.0].into_iter()), -1000.0);
        close(log_mean_exp([3f64.ln(), 5f64.ln()].into_iter()), 4f64.ln());
        assert_eq!(log_mean_exp([f64::NEG_INFINITY].into_iter()), f64::NEG_INFINITY);
    }

    /// Log-normal weights with logarithms N(m − s²/2, s²) have the mean eᵐ and the divergence s²/2.
    fn log_normal(rows: usize, draws: usize, (m, s): (f64, f64)) -> Array2<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        Array2::from_shape_simple_fn((rows, draws), || {
            let noise: f64 = StandardNormal.sample(&mut rng);
            m - s * s / 2.0 + s * noise
        })
    }

    #[test]
    fn standard_errors_are_the_spread_of_repeated_estimates() {
        // Each row is a repetition of the same estimate.
        let (repetitions, m, s) = (4000, -700.0, 0.5);
        let evidence = Evidence::new(log_normal(repetitions, 400, (m, s)).view());
        let spread = |values: &Array1<f64>| values.std(1.0);
        let ratio = |errors: &Array1<f64>, values: &Array1<f64>| {
            errors.mapv(|e| e * e).mean().unwrap().sqrt() / spread(values)
        };
        // The spread of 4,000 values is known to 1/√8,000 = 1.1%; the delta method's own bias at
        // 400 draws is below 2%.
        for ratio in [
            ratio(&evidence.log_prob_error, &evidence.log_prob),
            ratio(&evidence.gap_error, &evidence.gap()),
        ] {
            assert!((ratio - 1.0).abs() < 0.06, "{ratio}");
        }
        // Known values: the estimate's bias is Var(w)/(2k) = 0.00036 here.
        let error = spread(&evidence.log_prob) / (repetitions as f64).sqrt();
        assert!((evidence.mean() - m).abs() < 4.0 * error + 0.0004);
        assert!(
            (evidence.mean_gap() - s * s / 2.0).abs() < 4.0 * evidence.mean_gap_error() + 0.0004
        );
        let mean_error = evidence.monte_carlo_error();
        assert!((mean_error / error - 1.0).abs() < 0.06, "{mean_error} {error}");
    }

    #[test]
    fn equal_weights_are_exact_and_a_single_draw_knows_no_error() {
        let equal = Evidence::new(Array2::from_elem((2, 7), -1e5).view());
        // The rounding of 1e5.
        assert!(equal.log_prob.iter().all(|value| (value + 1e5).abs() < 1e-10));
        assert!(equal.monte_carlo_error() < 1e-10 && equal.mean_gap().abs() < 1e-10);
        assert!(equal.effective_draws.iter().all(|draws| (draws - 7.0).abs() < 1e-9));
        let single = Evidence::new(log_normal(3, 1, (0.0, 1.0)).view());
        assert!(single.monte_carlo_error().is_nan() && single.mean_gap() == 0.0);
        assert_eq!(single.log_prob, single.elbo);
        let text = single.mime_bundle().unwrap().text().to_owned();
        assert!(text.contains("not finite") && text.contains("KL(q‖p(z|x))"), "{text}");
    }
}
