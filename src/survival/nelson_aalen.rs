//! The cumulative hazard (Nelson 1969, Aalen 1978).

use super::{
    FollowUp, RiskTable, Steps, TimeUnit,
    statistics::{check_confidence, half_width},
};
use crate::error::Result;

/// H(t) = Σ dᵢ / nᵢ over the event times tᵢ ≤ t, with the variance Σ dᵢ / nᵢ² of Aalen.
///
/// ```
/// use elbo::survival::{Durations, Events, FollowUp, NelsonAalen};
///
/// let follow_up = FollowUp::new(Durations::days([1.0, 2.0]), Events::observed([true, true]))?;
/// let hazard = NelsonAalen::fit(&follow_up, 0.95)?;
/// assert_eq!(hazard.cumulative_hazard_at(2.0), 1.5);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NelsonAalen {
    /// H as a step function.
    pub cumulative_hazard: Steps,
    /// Its standard error at every step.
    pub standard_errors: Vec<f64>,
    /// Its pointwise band at every step, symmetric on the scale of log H; NaN before the first event.
    pub bands: Vec<(f64, f64)>,
    /// What times are counted in.
    pub unit: TimeUnit,
}

impl NelsonAalen {
    /// The cumulative hazard with bands of this confidence.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] unless 0 < confidence < 1.
    pub fn fit(follow_up: &FollowUp, confidence: f64) -> Result<Self> {
        check_confidence(confidence)?;
        let table = RiskTable::new(follow_up);
        let z = half_width(confidence);
        let (mut hazard, mut variance) = (0.0, 0.0);
        let (mut values, mut standard_errors, mut bands) = (Vec::new(), Vec::new(), Vec::new());
        for (&at_risk, &events) in table.at_risk.iter().zip(&table.events) {
            if events > 0.0 {
                hazard += events / at_risk;
                variance += events / (at_risk * at_risk);
            }
            let width = (z * f64::sqrt(variance) / hazard).exp();
            values.push(hazard);
            standard_errors.push(variance.sqrt());
            bands.push((hazard / width, hazard * width));
        }
        let cumulative_hazard = Steps { times: table.times, values, start: 0.0 };
        Ok(Self { cumulative_hazard, standard_errors, bands, unit: follow_up.unit().clone() })
    }

    /// H(t)
    pub fn cumulative_hazard_at(&self, time: f64) -> f64 {
        self.cumulative_hazard.at(time)
    }
}
