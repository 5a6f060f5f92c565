//! A SAVAE as a survival model: all scores work on it.

use ndarray::{Array1, Array2};

use super::Savae;
use crate::{
    error::Result,
    survival::{Cohort, SurvivalModel, check_times},
};

impl<const Z: usize> SurvivalModel for Savae<Z> {
    fn name(&self) -> String {
        "SAVAE".to_owned()
    }

    /// Under the treatments that patients were given, by the settings of [`Savae::set_prediction`].
    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        check_times(times)?;
        self.predict(cohort)?.survival(times)
    }

    fn survival_at_own_times(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        Ok(self.predict(cohort)?.mixtures.survival_at_own(cohort.follow_up().times()))
    }
}
