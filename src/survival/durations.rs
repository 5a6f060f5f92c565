//! Lengths of time with their unit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a time is counted in; stands on the axes of drawings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeUnit {
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months.
    Months,
    /// Years.
    Years,
    /// Any other unit, such as `cycles`.
    Other(String),
    /// Nobody said.
    #[default]
    Unknown,
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeUnit::Days => "days",
            TimeUnit::Weeks => "weeks",
            TimeUnit::Months => "months",
            TimeUnit::Years => "years",
            TimeUnit::Other(name) => name,
            TimeUnit::Unknown => "units of time",
        })
    }
}

impl TimeUnit {
    /// The name of a time axis: `time (months)`, or `time` where the unit is unknown.
    pub fn axis(&self) -> String {
        match self {
            TimeUnit::Unknown => "time".to_owned(),
            unit => format!("time ({unit})"),
        }
    }
}

/// How long each observation lasted. What can go wrong is checked by
/// [`FollowUp::new`](super::FollowUp::new).
///
/// ```
/// use elbo::survival::Durations;
/// let durations = Durations::months([3.0, 7.5]);
/// assert_eq!(durations.unit().axis(), "time (months)");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Durations {
    values: Vec<f64>,
    unit: TimeUnit,
}

impl Durations {
    /// Times in any unit.
    pub fn new(values: impl IntoIterator<Item = f64>, unit: TimeUnit) -> Self {
        Self { values: values.into_iter().collect(), unit }
    }

    /// Times in days.
    pub fn days(values: impl IntoIterator<Item = f64>) -> Self {
        Self::new(values, TimeUnit::Days)
    }

    /// Times in weeks.
    pub fn weeks(values: impl IntoIterator<Item = f64>) -> Self {
        Self::new(values, TimeUnit::Weeks)
    }

    /// Times in months.
    pub fn months(values: impl IntoIterator<Item = f64>) -> Self {
        Self::new(values, TimeUnit::Months)
    }

    /// Times in years.
    pub fn years(values: impl IntoIterator<Item = f64>) -> Self {
        Self::new(values, TimeUnit::Years)
    }

    /// The times, (n).
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// What they are counted in.
    pub fn unit(&self) -> &TimeUnit {
        &self.unit
    }
}
