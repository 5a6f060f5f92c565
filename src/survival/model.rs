//! What all models of survival can be asked.

use ndarray::{Array1, Array2};

use super::Cohort;
use crate::error::{Error, Result};

/// Times at which the default risk looks at the survival function.
const RISK_GRID: usize = 100;
/// Patients whose survival at their own times is computed at once.
const PATIENTS: usize = 128;

/// A model that predicts a survival function for every patient. All scores work on it.
pub trait SurvivalModel {
    /// What the model is called in tables.
    fn name(&self) -> String;

    /// S(t | patient), (n, times): the probability that the patient's event comes after t. Times may
    /// stand in any order.
    ///
    /// # Errors
    /// When the cohort lacks columns that the model needs.
    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>>;

    /// A number for each patient, (n), that is higher the earlier the event is expected.
    ///
    /// Unless a model knows better: the mean of 1 − S(t) over 100 equal steps up to the last time of
    /// the cohort, which is the share of the time until then that the patient is expected to lose.
    ///
    /// # Errors
    /// Those of [`Self::survival`].
    fn risk(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        let last = cohort.follow_up().last_time();
        let times: Vec<f64> = (1..=RISK_GRID).map(|i| last * i as f64 / RISK_GRID as f64).collect();
        let survival = self.survival(cohort, &times)?;
        Ok(survival.map_axis(ndarray::Axis(1), |row| 1.0 - row.sum() / RISK_GRID as f64))
    }

    /// S at the time of every patient's own event or censoring, (n).
    ///
    /// # Errors
    /// Those of [`Self::survival`].
    fn survival_at_own_times(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        let mut out = Array1::zeros(cohort.len());
        let everybody: Vec<usize> = (0..cohort.len()).collect();
        // A few patients at a time: of the predictions for each other only those on the diagonal
        // are needed.
        for some in everybody.chunks(PATIENTS) {
            let times: Vec<f64> = some.iter().map(|&i| cohort.follow_up().times()[i]).collect();
            let survival = self.survival(&cohort.select(some)?, &times)?;
            some.iter().zip(survival.diag()).for_each(|(&i, survival)| out[i] = *survival);
        }
        Ok(out)
    }
}

impl<M: SurvivalModel + ?Sized> SurvivalModel for Box<M> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        (**self).survival(cohort, times)
    }

    fn risk(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        (**self).risk(cohort)
    }

    fn survival_at_own_times(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        (**self).survival_at_own_times(cohort)
    }
}

/// # Errors
/// [`Error::Setting`] for a time that is negative or not finite, or when there is none.
pub(crate) fn check_times(times: &[f64]) -> Result<()> {
    let wrong = times.iter().find(|time| !(**time >= 0.0 && time.is_finite()));
    match (wrong, times.is_empty()) {
        (Some(time), _) => {
            Err(Error::setting("times", time, "a time is a finite number that is not negative"))
        }
        (None, true) => Err(Error::setting("times", "empty", "give at least one time")),
        (None, false) => Ok(()),
    }
}

/// The times in increasing order.
///
/// # Errors
/// Those of [`check_times`].
pub(crate) fn sorted_times(times: &[f64]) -> Result<Vec<f64>> {
    check_times(times)?;
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    Ok(times)
}
