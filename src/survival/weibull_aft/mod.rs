//! Accelerated failure times with Weibull distributions.
//!
//! S(t | x) = exp(−(t/λ)^ρ) with log λ = β₀ + x β: each covariate stretches time by a factor exp β.

mod display;
mod likelihood;
mod params;
#[cfg(test)]
mod tests;

use std::fmt;

use ndarray::{Array1, Array2};

pub use params::WeibullAftParams;

use super::{Cohort, Design, SurvivalModel, model::check_times};
use crate::error::{Error, Result};

/// Why a fit is to be doubted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WeibullAftWarning {
    /// The likelihood was still rising when the iterations were used up.
    NotConverged {
        /// Steps that were made.
        iterations: usize,
    },
    /// A Weibull time is positive, so times of 0 were moved to half of the first positive one.
    MovedZeroTimes {
        /// How many.
        count: usize,
        /// Where to.
        to: f64,
    },
}

impl fmt::Display for WeibullAftWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WeibullAftWarning::NotConverged { iterations } => write!(
                f,
                "not converged after {iterations} iterations: allow more of them, or set a ridge"
            ),
            WeibullAftWarning::MovedZeroTimes { count, to } => {
                write!(
                    f,
                    "times of 0 ({count} in all) were moved to {to}: a Weibull time is positive"
                )
            }
        }
    }
}

/// A fitted Weibull model of accelerated failure times.
///
/// ```
/// use elbo::{data, survival::{MissingCells, WeibullAft}};
///
/// let cohort = data::cohort(1).cohort;
/// let model = WeibullAft::params().missing(MissingCells::Mean).fit(&cohort)?;
/// let medians = model.median(&cohort)?;
/// assert!(medians.iter().all(|&months| months > 0.0));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WeibullAft {
    intercept: f64,
    coefficients: Array1<f64>,
    log_shape: f64,
    /// Of (β₀, β, log ρ).
    covariance: Array2<f64>,
    design: Design,
    confidence: f64,
    log_likelihood: f64,
    iterations: usize,
    warnings: Vec<WeibullAftWarning>,
    patients: usize,
    events: usize,
}

impl WeibullAft {
    /// The settings.
    pub fn params() -> WeibullAftParams {
        WeibullAftParams::default()
    }

    /// A regression on all covariates and treatments.
    ///
    /// # Errors
    /// Those of [`WeibullAftParams::fit`].
    pub fn fit(cohort: &Cohort) -> Result<Self> {
        Self::params().fit(cohort)
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        self.design.names()
    }

    /// β₀: log λ of a patient whose columns are all 0.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// β, (p): what one unit of each column adds to log λ.
    pub fn coefficients(&self) -> &Array1<f64> {
        &self.coefficients
    }

    /// ρ: below 1 the hazard falls with time, above 1 it rises.
    pub fn shape(&self) -> f64 {
        self.log_shape.exp()
    }

    /// Of (β₀, β, log ρ), (p + 2).
    pub fn standard_errors(&self) -> Array1<f64> {
        self.covariance.diag().mapv(f64::sqrt)
    }

    /// The covariance of (β₀, β, log ρ), (p + 2, p + 2): the inverse of the information.
    pub fn covariance(&self) -> &Array2<f64> {
        &self.covariance
    }

    /// In nats, without the penalty of a ridge.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// 2·parameters − 2·log-likelihood. Lower is better.
    pub fn aic(&self) -> f64 {
        2.0 * (self.coefficients.len() + 2) as f64 - 2.0 * self.log_likelihood
    }

    /// Why the fit is to be doubted; empty when it is not.
    pub fn warnings(&self) -> &[WeibullAftWarning] {
        &self.warnings
    }

    /// λ of every patient, (n): the time by which 63.2 % of those like them have had the event.
    ///
    /// # Errors
    /// Those of [`Design::matrix`].
    pub fn scale(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        let log_scale = self.design.matrix(cohort)?.dot(&self.coefficients) + self.intercept;
        Ok(log_scale.mapv(f64::exp))
    }

    /// The time by which half of those like each patient have had the event, (n).
    ///
    /// # Errors
    /// Those of [`Design::matrix`].
    pub fn median(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        self.quantile(cohort, 0.5)
    }

    /// The time by which this share of those like each patient have had the event, (n).
    ///
    /// # Errors
    /// Those of [`Design::matrix`]; [`Error::Setting`] unless 0 < share < 1.
    pub fn quantile(&self, cohort: &Cohort, share: f64) -> Result<Array1<f64>> {
        if !(share > 0.0 && share < 1.0) {
            let requirement = "a share of the patients lies between 0 and 1";
            return Err(Error::setting("share", share, requirement));
        }
        let stretch = (-(1.0 - share).ln()).powf(self.shape().recip());
        Ok(self.scale(cohort)? * stretch)
    }
}

impl SurvivalModel for WeibullAft {
    fn name(&self) -> String {
        "Weibull AFT".to_owned()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        check_times(times)?;
        let (scale, shape) = (self.scale(cohort)?, self.shape());
        Ok(Array2::from_shape_fn((cohort.len(), times.len()), |(i, j)| {
            (-(times[j] / scale[i]).powf(shape)).exp()
        }))
    }

    /// −log λ
    fn risk(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        Ok(self.scale(cohort)?.mapv(|scale| -scale.ln()))
    }
}
