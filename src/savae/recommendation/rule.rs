//! By what a treatment is chosen.

use crate::{
    error::{Error, Result},
    savae::SurvivalDistribution,
    survival::TimeUnit,
};

/// What a physician wants most for a patient, and how much of it a treatment must bring.
///
/// ```
/// use elbo::savae::Rule;
/// // Seven points more of four-year survival for every treatment that is given (times in months).
/// let rule = Rule::survival_beyond(48.0).threshold(0.07);
/// let longest = Rule::restricted_mean(60.0);
/// # let _ = (rule, longest);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    aim: Aim,
    threshold: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Aim {
    SurvivalBeyond(f64),
    Mean,
    Median,
    RestrictedMean(f64),
}

impl Rule {
    /// The probability P(T > `horizon`).
    pub fn survival_beyond(horizon: f64) -> Self {
        Self { aim: Aim::SurvivalBeyond(horizon), threshold: 0.0 }
    }

    /// The expected time until the event. What happens long after the end of the follow-up counts,
    /// too, of which the data say nothing: see [`Self::restricted_mean`].
    pub fn mean() -> Self {
        Self { aim: Aim::Mean, threshold: 0.0 }
    }

    /// The median time until the event.
    pub fn median() -> Self {
        Self { aim: Aim::Median, threshold: 0.0 }
    }

    /// The expected time until the event or `horizon`, whichever comes first.
    pub fn restricted_mean(horizon: f64) -> Self {
        Self { aim: Aim::RestrictedMean(horizon), threshold: 0.0 }
    }

    /// What every treatment must bring at least; 0 unless set. Chosen is the combination of
    /// treatments whose value less `threshold` times the number of its treatments is largest: with
    /// one treatment, give it where the gain exceeds the threshold.
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold, ..self }
    }

    /// The value of a combination in the eyes of the rule: less its price.
    pub(super) fn worth(&self, value: f64, given: &[bool]) -> f64 {
        value - self.threshold * given.iter().filter(|given| **given).count() as f64
    }

    /// # Errors
    /// [`Error::Setting`] for a horizon that is not positive or a threshold that is negative.
    pub(super) fn check(&self) -> Result<()> {
        let threshold = self.threshold;
        if !(threshold >= 0.0 && threshold.is_finite()) {
            return Err(Error::setting("threshold", threshold, "it must not be negative"));
        }
        match self.aim {
            Aim::SurvivalBeyond(horizon) | Aim::RestrictedMean(horizon)
                if !(horizon > 0.0 && horizon.is_finite()) =>
            {
                Err(Error::setting("horizon", horizon, "it must be a positive time"))
            }
            _ => Ok(()),
        }
    }

    /// The value, and for each draw a number whose weighted variance is that of the value: the draw's
    /// own value, or the influence of the draw on a quantile.
    pub(super) fn value(&self, patient: &SurvivalDistribution) -> (f64, Vec<f64>) {
        match self.aim {
            Aim::SurvivalBeyond(horizon) => {
                (patient.survival(horizon), patient.survival_by_draw(horizon))
            }
            Aim::Mean => (patient.mean(), patient.mean_by_draw()),
            Aim::RestrictedMean(horizon) => {
                (patient.restricted_mean(horizon), patient.restricted_mean_by_draw(horizon))
            }
            Aim::Median => {
                let median = patient.median();
                let density = patient.density(median);
                let influence = |survival: f64| (survival - 0.5) / density;
                let by_draw = patient.survival_by_draw(median).into_iter().map(influence);
                (median, by_draw.collect())
            }
        }
    }

    /// What the values are, with their unit.
    pub(super) fn axis(&self, unit: &TimeUnit) -> String {
        let with_unit = |what: &str| match unit {
            TimeUnit::Unknown => what.to_owned(),
            unit => format!("{what} ({unit})"),
        };
        let of_horizon = |horizon: f64| match unit {
            TimeUnit::Unknown => format!("{horizon}"),
            unit => format!("{horizon} {unit}"),
        };
        match self.aim {
            Aim::SurvivalBeyond(horizon) => format!("P(T > {})", of_horizon(horizon)),
            Aim::Mean => with_unit("expected time"),
            Aim::Median => with_unit("median time"),
            Aim::RestrictedMean(horizon) => {
                with_unit(&format!("mean time up to {}", of_horizon(horizon)))
            }
        }
    }

    pub(super) fn price(&self) -> f64 {
        self.threshold
    }
}
