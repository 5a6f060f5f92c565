//! Expectation-maximisation (Dempster, Laird and Rubin 1977), shared by all models that use it.

use serde::{Deserialize, Serialize};

use super::interrupt::Interrupt;
use crate::{
    display::{Curves, MimeBundle, Panel, RichDisplay, Round, Series, impl_evcxr_display},
    error::{Error, Result},
};

/// Why an EM fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EmEnd {
    /// The objective rose by no more than the tolerance.
    Converged,
    /// The most iterations allowed are done.
    IterationLimit,
    /// Ctrl-C, or the notebook's stop button.
    Interrupted,
}

/// The course of an EM fit. Shown as a plot in a notebook.
#[derive(Clone, Debug, PartialEq)]
pub struct EmHistory {
    /// The objective before each M-step, in nats a row: the log-likelihood, plus the log-density of
    /// the parameters where these have a prior. It never falls.
    pub objective: Vec<f64>,
    /// Why the fit ended.
    pub end: EmEnd,
}

impl EmHistory {
    /// The number of M-steps.
    pub fn iterations(&self) -> usize {
        self.objective.len()
    }
}

impl RichDisplay for EmHistory {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let series = Series { name: "EM".to_owned(), values: self.objective.clone() };
        let panel =
            Panel { name: "objective".into(), unit: "nats a row".into(), series: vec![series] };
        let end = match self.end {
            EmEnd::Converged => "converged",
            EmEnd::IterationLimit => "stopped at the most iterations",
            EmEnd::Interrupted => "interrupted",
        };
        let title = format!("{} iterations of EM, {end}", self.iterations());
        Curves { title, panels: vec![panel], marker: None, round: Round::Iteration }.mime_bundle()
    }
}

impl_evcxr_display!(EmHistory);

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EmSettings {
    /// The most iterations.
    pub iterations: usize,
    /// The smallest rise of the objective, in nats a row, that another iteration is worth.
    pub tolerance: f64,
}

impl EmSettings {
    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub fn check(&self) -> Result<()> {
        if self.iterations == 0 {
            return Err(Error::setting("iterations", 0, "it must be at least 1"));
        }
        if self.tolerance.is_nan() || self.tolerance < 0.0 {
            return Err(Error::setting("tolerance", self.tolerance, "it must not be negative"));
        }
        Ok(())
    }

    /// Calls `step`, an E-step and an M-step, until it is not worth it any more. `step` returns the
    /// objective of the parameters that it found.
    pub fn run(&self, mut step: impl FnMut() -> Result<f64>) -> Result<EmHistory> {
        let interrupt = Interrupt::listen();
        let mut objective = Vec::new();
        let mut end = EmEnd::IterationLimit;
        for _ in 0..self.iterations {
            let value = step()?;
            let before = objective.last().copied().unwrap_or(f64::NEG_INFINITY);
            objective.push(value);
            if value - before <= self.tolerance {
                end = EmEnd::Converged;
                break;
            }
            if interrupt.is_raised() {
                end = EmEnd::Interrupted;
                break;
            }
        }
        Ok(EmHistory { objective, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loop_ends_when_the_rise_is_within_the_tolerance() {
        let settings = EmSettings { iterations: 100, tolerance: 0.1 };
        let mut value = -8.0;
        let history = settings
            .run(|| {
                value /= 2.0;
                Ok(value)
            })
            .unwrap();
        assert_eq!(history.objective, [-4.0, -2.0, -1.0, -0.5, -0.25, -0.125, -0.0625]);
        assert_eq!(history.end, EmEnd::Converged);
        let few = EmSettings { iterations: 3, tolerance: 0.0 };
        let mut value = 0.0;
        let history = few
            .run(|| {
                value += 1.0;
                Ok(value)
            })
            .unwrap();
        assert_eq!((history.iterations(), history.end), (3, EmEnd::IterationLimit));
    }

    #[test]
    fn settings_outside_their_range_are_named() {
        let check = |iterations, tolerance| EmSettings { iterations, tolerance }.check();
        assert!(matches!(check(0, 0.0), Err(Error::Setting { setting: "iterations", .. })));
        for tolerance in [-1.0, f64::NAN] {
            let error = check(1, tolerance);
            assert!(matches!(error, Err(Error::Setting { setting: "tolerance", .. })));
        }
    }
}
