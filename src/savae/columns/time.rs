//! Times on the scale that networks compute with.

use serde::{Deserialize, Serialize};

use super::rounded;
use crate::survival::FollowUp;

/// Logarithms of times, standardised: u = (ln y − mean)/std.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::savae) struct TimeScale {
    pub mean_log: f64,
    pub std_log: f64,
    /// What a time of 0 counts as: half the smallest positive time.
    pub instead_of_zero: f64,
    /// The largest time.
    pub last: f64,
    /// The exponential distribution's maximum-likelihood estimate of the mean: the time of all
    /// patients together for each event.
    pub time_per_event: f64,
}

impl TimeScale {
    pub fn of(follow_up: &FollowUp) -> Self {
        let positive = || follow_up.times().iter().copied().filter(|&time| time > 0.0);
        let smallest = positive().fold(f64::INFINITY, f64::min);
        let smallest = if smallest.is_finite() { smallest } else { 1.0 };
        let instead_of_zero = rounded(0.5 * smallest);
        let logs = follow_up.times().iter().map(|&time| positive_log(time, instead_of_zero));
        let count = follow_up.len() as f64;
        let mean = logs.clone().sum::<f64>() / count;
        let variance = logs.map(|log| (log - mean).powi(2)).sum::<f64>() / count;
        let total: f64 = follow_up.times().iter().sum();
        Self {
            mean_log: rounded(mean),
            // All times may be the same.
            std_log: if variance > 1e-12 { rounded(variance.sqrt()) } else { 1.0 },
            instead_of_zero,
            last: follow_up.last_time(),
            time_per_event: rounded(
                (total / follow_up.event_count().max(1) as f64).max(instead_of_zero),
            ),
        }
    }

    /// u of a time. Of 0 it is that of [`Self::instead_of_zero`].
    pub fn standardised(&self, time: f64) -> f64 {
        (positive_log(time, self.instead_of_zero) - self.mean_log) / self.std_log
    }

    /// u of a time at which a survival function is asked for: minus infinity at 0.
    pub fn exact(&self, time: f64) -> f64 {
        (time.ln() - self.mean_log) / self.std_log
    }

    /// The time of a u.
    pub fn time(&self, u: f64) -> f64 {
        (self.mean_log + self.std_log * u).exp()
    }

    /// ln du/dy: what turns the log-density of u into that of the time.
    pub fn log_jacobian(&self, time: f64) -> f64 {
        -self.std_log.ln() - positive_log(time, self.instead_of_zero)
    }
}

fn positive_log(time: f64, instead_of_zero: f64) -> f64 {
    if time > 0.0 { time.ln() } else { instead_of_zero.ln() }
}
