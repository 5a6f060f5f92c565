//! The settings of a Kaplan-Meier curve.

use super::{KaplanMeier, KaplanMeierGroups};
use crate::{
    error::Result,
    survival::{Cohort, FollowUp, statistics::check_confidence},
};

/// On which scale the band of S is symmetric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Band {
    /// log(−log S): always between 0 and 1, and the best of the three in small samples.
    #[default]
    LogLog,
    /// log S, cut at 1.
    Log,
    /// S itself, cut at 0 and 1.
    Plain,
}

impl Band {
    /// The ends around `survival`, whose logarithm has this standard error. A curve that did not
    /// fall yet has no width; one that reached 0 has no band, and its ends are NaN.
    pub(super) fn around(self, survival: f64, log_error: f64, z: f64) -> (f64, f64) {
        if survival == 1.0 {
            return (1.0, 1.0);
        }
        if survival == 0.0 {
            return (f64::NAN, f64::NAN);
        }
        match self {
            Band::LogLog => {
                let width = z * log_error / survival.ln().abs();
                (survival.powf(width.exp()), survival.powf((-width).exp()))
            }
            Band::Log => {
                let width = (z * log_error).exp();
                (survival / width, (survival * width).min(1.0))
            }
            Band::Plain => {
                let width = z * log_error * survival;
                ((survival - width).max(0.0), (survival + width).min(1.0))
            }
        }
    }
}

/// The settings of a [`KaplanMeier`] curve; made by [`KaplanMeier::params`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KaplanMeierParams {
    pub(super) confidence: f64,
    pub(super) band: Band,
}

impl Default for KaplanMeierParams {
    fn default() -> Self {
        Self { confidence: 0.95, band: Band::LogLog }
    }
}

impl KaplanMeierParams {
    /// The probability that the band contains S at a given time; 0.95 unless set.
    pub fn confidence(self, confidence: f64) -> Self {
        Self { confidence, ..self }
    }

    /// The scale of the band; log(−log S) unless set.
    pub fn band(self, band: Band) -> Self {
        Self { band, ..self }
    }

    /// The curve of all subjects. Without an event it stays at 1.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] unless 0 < confidence < 1.
    pub fn fit(self, follow_up: &FollowUp) -> Result<KaplanMeier> {
        check_confidence(self.confidence)?;
        Ok(KaplanMeier::of(follow_up, self))
    }

    /// A curve for each group of a grouping, a treatment, or a covariate with levels. Patients whose
    /// group is unknown are in none; a group without patients has no curve.
    ///
    /// # Errors
    /// [`crate::Error::Column`] when the cohort has no such column, and those of [`Self::fit`].
    pub fn fit_by(self, cohort: &Cohort, column: &str) -> Result<KaplanMeierGroups> {
        let grouping = cohort.grouping(column)?;
        let mut curves = Vec::new();
        for (group, name) in grouping.levels().iter().enumerate() {
            let members = grouping.members(group);
            if !members.is_empty() {
                curves.push((name.clone(), self.fit(&cohort.follow_up().rows(&members))?));
            }
        }
        Ok(KaplanMeierGroups { column: column.to_owned(), curves })
    }
}
