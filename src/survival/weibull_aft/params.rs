//! The settings of a Weibull model.

use ndarray::{Array1, Array2, s};

use super::{
    WeibullAft, WeibullAftWarning,
    likelihood::{LogTimes, singular},
};
use crate::{
    error::{Error, Result},
    linalg::Cholesky,
    survival::{
        Cohort, Design, FollowUp, MissingCells,
        cox::{check_columns, location_and_scale},
        statistics::check_confidence,
    },
};

/// The settings of a [`WeibullAft`]; made by [`WeibullAft::params`].
#[derive(Clone, Debug)]
pub struct WeibullAftParams {
    ridge: f64,
    missing: MissingCells,
    confidence: f64,
    iterations: usize,
}

impl Default for WeibullAftParams {
    fn default() -> Self {
        Self { ridge: 0.0, missing: MissingCells::Refused, confidence: 0.95, iterations: 100 }
    }
}

impl WeibullAftParams {
    /// λ of the penalty −½ λ Σ (σⱼ βⱼ)² on the log-likelihood, with σⱼ the standard deviation of
    /// column j. 0 unless set.
    pub fn ridge(mut self, ridge: f64) -> Self {
        self.ridge = ridge;
        self
    }

    /// What is done with missing cells; they are an error unless set.
    pub fn missing(mut self, missing: MissingCells) -> Self {
        self.missing = missing;
        self
    }

    /// The confidence of intervals; 0.95 unless set.
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// The most steps of Newton's method; 100 unless set.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Maximises the likelihood. Times of 0 are moved to half of the first positive time, which
    /// [`WeibullAft::warnings`] says.
    ///
    /// # Errors
    /// [`Error::NoEvents`]; [`Error::Cell`] for a missing cell; [`Error::Column`] for a constant
    /// column; [`Error::Singular`] for one that others determine; [`Error::Setting`] for settings
    /// outside their range, or without a covariate.
    pub fn fit(self, cohort: &Cohort) -> Result<WeibullAft> {
        self.check()?;
        let follow_up = cohort.follow_up();
        follow_up.check_events()?;
        let design = Design::of(cohort, self.missing, &[]);
        let x = design.matrix(cohort)?;
        check_columns(&x, design.names())?;
        let (mean, scale) = location_and_scale(x.view());
        let (log_times, mut warnings) = positive_log_times(follow_up)?;
        let problem = LogTimes {
            x: behind_ones((x - &mean) / &scale),
            log_times,
            observed: follow_up.observed().to_vec(),
            frequencies: follow_up.frequencies(),
            log_entries: follow_up.entries().map(|e| e.iter().map(|entry| entry.ln()).collect()),
            ridge: self.ridge,
        };
        let optimum = problem.maximise(self.iterations, design.names())?;
        let iterations = optimum.iterations;
        if !optimum.converged {
            warnings.insert(0, WeibullAftWarning::NotConverged { iterations });
        }
        let covariance = Cholesky::new(optimum.at.information.view())
            .map_err(|error| singular(error.pivot, design.names()))?
            .inverse();
        let columns = s![1..scale.len() + 1];
        let standard = optimum.parameters.slice(columns);
        let penalty = 0.5 * self.ridge * standard.dot(&standard);
        let back = to_units(&mean, &scale);
        let parameters = back.dot(&optimum.parameters);
        Ok(WeibullAft {
            intercept: parameters[0],
            coefficients: parameters.slice(columns).to_owned(),
            log_shape: parameters[scale.len() + 1],
            covariance: back.dot(&covariance).dot(&back.t()),
            design,
            confidence: self.confidence,
            log_likelihood: optimum.at.log_likelihood + penalty,
            iterations,
            warnings,
            patients: cohort.len(),
            events: follow_up.event_count(),
        })
    }

    fn check(&self) -> Result<()> {
        check_confidence(self.confidence)?;
        if !(self.ridge >= 0.0 && self.ridge.is_finite()) {
            return Err(Error::setting("ridge", self.ridge, "it must not be negative"));
        }
        if self.iterations == 0 {
            return Err(Error::setting("iterations", 0, "it must be at least 1"));
        }
        Ok(())
    }
}

/// The columns behind a first one of ones, for the intercept.
fn behind_ones(x: Array2<f64>) -> Array2<f64> {
    let mut out = Array2::ones((x.nrows(), x.ncols() + 1));
    out.slice_mut(s![.., 1..]).assign(&x);
    out
}

/// The map from the parameters of centred and scaled columns to those of the columns themselves.
fn to_units(mean: &Array1<f64>, scale: &Array1<f64>) -> Array2<f64> {
    let mut back = Array2::eye(scale.len() + 2);
    for (j, (mean, scale)) in mean.iter().zip(scale).enumerate() {
        back[[j + 1, j + 1]] = scale.recip();
        back[[0, j + 1]] = -mean / scale;
    }
    back
}

/// log t, with times of 0 moved to half of the first positive time.
fn positive_log_times(follow_up: &FollowUp) -> Result<(Vec<f64>, Vec<WeibullAftWarning>)> {
    let times = follow_up.times();
    let first = times.iter().copied().filter(|&t| t > 0.0).fold(f64::INFINITY, f64::min);
    if first.is_infinite() {
        let requirement = "a Weibull model needs a time that is not 0";
        return Err(Error::setting("times", "all 0", requirement));
    }
    let count = follow_up.zero_times();
    let to = first / 2.0;
    let moved = (count > 0).then_some(WeibullAftWarning::MovedZeroTimes { count, to });
    let log_times = times.iter().map(|&t| if t > 0.0 { t.ln() } else { to.ln() }).collect();
    Ok((log_times, moved.into_iter().collect()))
}
