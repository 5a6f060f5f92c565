//! Proportional hazards (Cox 1972): h(t | x) = h₀(t) exp(x β), with any h₀.
//!
//! - `rows`: risk sets by one pass over sorted rows
//! - `partial_likelihood`: ℓ(β) and its derivatives
//! - `newton`: its maximum
//! - `baseline`: h₀, and with it survival functions
//! - `residuals`, `proportionality`: robust errors, and whether hazards are proportional
//! - `summary`: coefficients and tests

mod baseline;
mod newton;
mod params;
mod partial_likelihood;
mod proportionality;
mod residuals;
mod rows;
mod strata;
mod summary;
#[cfg(test)]
mod tests;

use std::fmt;

use ndarray::{Array1, Array2};

pub use params::CoxParams;
pub(crate) use params::check_columns;
pub use partial_likelihood::Ties;
pub use proportionality::{Proportionality, ProportionalityRow, TimeTransform};
pub(crate) use rows::location_and_scale;
pub(super) use strata::Strata;
pub use summary::{Coefficient, ModelTest};

use super::{Cohort, Design, Steps, TimeUnit};
use crate::error::Result;

/// Why a fit is to be doubted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CoxWarning {
    /// The likelihood was still rising when the iterations were used up.
    NotConverged {
        /// Steps that were made.
        iterations: usize,
        /// The largest entry of the gradient, with columns of standard deviation 1.
        gradient: f64,
    },
    /// A column, or a combination with it, orders the events so well that its hazard ratio is
    /// infinite. Its coefficient is where the likelihood stopped rising, its standard error means
    /// nothing.
    Separation {
        /// The column.
        column: String,
    },
}

impl fmt::Display for CoxWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CoxWarning::NotConverged { iterations, gradient } => write!(
                f,
                "not converged after {iterations} iterations (gradient {gradient:.1e}): allow more \
                 of them, or set a ridge"
            ),
            CoxWarning::Separation { column } => write!(
                f,
                "the hazard ratio of {column:?} seems to be infinite, because it separates those \
                 with an event from the others: set a ridge, or remove the column"
            ),
        }
    }
}

/// A fitted Cox regression.
///
/// ```
/// use elbo::{ndarray::array, survival::{Cohort, Cox, Durations, Events, FollowUp}};
///
/// let follow_up = FollowUp::new(
///     Durations::months([6.0, 7.0, 10.0, 15.0, 19.0, 25.0]),
///     Events::observed([true, false, true, true, false, true]),
/// )?;
/// let x = array![[67.0], [62.0], [34.0], [41.0], [46.0], [28.0]];
/// let cohort = Cohort::from_matrix(follow_up, &["age"], x.view())?;
/// let cox = Cox::fit(&cohort)?;
/// assert!(cox.summary()[0].hazard_ratio > 1.0);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Cox {
    coefficients: Array1<f64>,
    covariance: Array2<f64>,
    /// Of the columns.
    mean: Array1<f64>,
    design: Design,
    strata: Strata,
    /// Of every stratum.
    baseline: Vec<Steps>,
    ties: Ties,
    robust: bool,
    confidence: f64,
    log_likelihood: f64,
    null_log_likelihood: f64,
    score_statistic: f64,
    iterations: usize,
    warnings: Vec<CoxWarning>,
    patients: usize,
    events: usize,
    unit: TimeUnit,
    concordance: f64,
}

impl Cox {
    /// The settings.
    pub fn params() -> CoxParams {
        CoxParams::default()
    }

    /// A regression on all covariates and treatments, with Efron's method for ties.
    ///
    /// # Errors
    /// Those of [`CoxParams::fit`].
    pub fn fit(cohort: &Cohort) -> Result<Self> {
        Self::params().fit(cohort)
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        self.design.names()
    }

    /// β, (p): logarithms of hazard ratios, for one unit of each column.
    pub fn coefficients(&self) -> &Array1<f64> {
        &self.coefficients
    }

    /// The covariance of β, (p, p): robust if that was asked for, else the inverse of the
    /// information.
    pub fn covariance(&self) -> &Array2<f64> {
        &self.covariance
    }

    /// The standard errors of β, (p).
    pub fn standard_errors(&self) -> Array1<f64> {
        self.covariance.diag().mapv(f64::sqrt)
    }

    /// The partial log-likelihood ℓ(β), in nats, without the penalty of a ridge.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// ℓ(0)
    pub fn null_log_likelihood(&self) -> f64 {
        self.null_log_likelihood
    }

    /// Harrell's concordance of the patients that were fitted.
    pub fn concordance(&self) -> f64 {
        self.concordance
    }

    /// Steps of Newton's method that were made.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// Why the fit is to be doubted; empty when it is not.
    pub fn warnings(&self) -> &[CoxWarning] {
        &self.warnings
    }

    /// What times are counted in.
    pub fn unit(&self) -> &TimeUnit {
        &self.unit
    }
}
