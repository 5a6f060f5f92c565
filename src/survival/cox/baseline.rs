//! The baseline hazard and the survival of single patients.

use ndarray::{Array1, Array2};

use super::{Cox, partial_likelihood::weights, rows::Rows};
use crate::{
    error::Result,
    survival::{Cohort, Steps, SurvivalModel, model::check_times},
};

/// The cumulative baseline hazard of every stratum by Breslow's estimator, d/Σw at each event time (d
/// being the weight of the events),
/// whatever was done about ties: for a patient whose covariates are the means.
pub(super) fn breslow(rows: &Rows, beta: &Array1<f64>) -> Vec<Steps> {
    let (_, weights) = weights(rows, beta);
    let mut hazard = vec![0.0; rows.groups.len()];
    rows.for_each_risk_set(&weights, |set| hazard[set.group] = set.event_weight / set.sum);
    let cumulated = rows.cumulated(&hazard);
    let steps = |stratum: &std::ops::Range<usize>| Steps {
        times: rows.groups[stratum.clone()].iter().map(|group| group.time).collect(),
        values: cumulated[stratum.clone()].to_vec(),
        start: 0.0,
    };
    rows.strata.iter().map(steps).collect()
}

impl Cox {
    /// (x − x̄) β of every patient, (n): the logarithm of the hazard as a multiple of that of a
    /// patient whose covariates are the means of the cohort that was fitted.
    ///
    /// # Errors
    /// Those of [`Design::matrix`](crate::survival::Design::matrix).
    pub fn log_hazard(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        Ok((self.design.matrix(cohort)? - &self.mean).dot(&self.coefficients))
    }

    /// The cumulative hazard H₀(t) of each stratum, with its name, for a patient whose covariates are
    /// the means of the cohort that was fitted. Without strata there is one, with an empty name.
    pub fn baseline(&self) -> impl Iterator<Item = (&str, &Steps)> {
        self.strata.names().iter().map(String::as_str).zip(&self.baseline)
    }
}

/// S(t | x) = exp(−H₀(t) exp((x − x̄) β))
impl SurvivalModel for Cox {
    fn name(&self) -> String {
        match self.strata.columns() {
            [] => "Cox".to_owned(),
            columns => format!("Cox, strata {}", columns.join(", ")),
        }
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        check_times(times)?;
        let stratum = self.strata.indices(cohort)?;
        let hazards: Vec<Vec<f64>> = self.baseline.iter().map(|h| h.at_all(times)).collect();
        let ratios = self.log_hazard(cohort)?.mapv(f64::exp);
        Ok(Array2::from_shape_fn((cohort.len(), times.len()), |(i, j)| {
            (-hazards[stratum[i]][j] * ratios[i]).exp()
        }))
    }

    /// Without strata the linear predictor; hazards of different strata cannot be compared by it.
    fn risk(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        self.log_hazard(cohort)
    }
}
