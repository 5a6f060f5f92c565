//! Families of times.

use serde::{Deserialize, Serialize};

use crate::ops::elementary::softplus;

/// The distribution p(y|t, z) of the time until the event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TimeEmission {
    /// Weibull(λ, K), S(y) = exp(−(y/λ)^K) (lecture, eq. 9): the hazard rises or falls as a power
    /// of time.
    #[default]
    Weibull,
    /// The logarithm of the time is normal: the hazard rises first and then falls.
    LogNormal,
    /// The logarithm of the time is logistic: as log-normal, with heavier tails.
    LogLogistic,
    /// Weibull with K = 1: a constant hazard.
    Exponential,
    /// A mixture of Weibulls, all of whose parameters depend on t and z.
    WeibullMixture {
        /// How many.
        components: usize,
    },
}

/// The distribution of w = (u − a)e⁻ᵇ, for all a and b.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LocationScale {
    /// S = exp(−e^w), of a time that is Weibull.
    SmallestExtreme,
    /// S = Φ(−w), of a time that is log-normal.
    Normal,
    /// S = 1/(1 + e^w), of a time that is log-logistic.
    Logistic,
}

/// How the parameters of a time stand in a row: locations of all components, then raw log scales,
/// then logits where there are several components. A log scale is its raw value x with a smooth
/// floor c: c + ln(1 + eˣ⁻ᶜ).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TimeLayout {
    pub emission: TimeEmission,
    /// The log scale of u at which a Weibull has K = 1: minus the logarithm of what log-times were
    /// divided by.
    pub exponential_log_scale: f32,
}

/// The smallest log scale, in standard deviations of the log-times: twenty times narrower than all
/// times together. Times that many patients share would otherwise have an infinite density.
pub(crate) const LOG_SCALE_FLOOR: f32 = -3.0;

impl TimeLayout {
    pub fn family(self) -> LocationScale {
        match self.emission {
            TimeEmission::LogNormal => LocationScale::Normal,
            TimeEmission::LogLogistic => LocationScale::Logistic,
            _ => LocationScale::SmallestExtreme,
        }
    }

    pub fn components(self) -> usize {
        match self.emission {
            TimeEmission::WeibullMixture { components } => components,
            _ => 1,
        }
    }

    pub fn has_scales(self) -> bool {
        self.emission != TimeEmission::Exponential
    }

    /// The log scale of a raw one, or without one that of an exponential distribution.
    pub fn log_scale(self, raw: Option<f32>) -> f32 {
        match raw.filter(|_| self.has_scales()) {
            Some(raw) => LOG_SCALE_FLOOR + softplus(raw - LOG_SCALE_FLOOR),
            None => self.exponential_log_scale,
        }
    }

    /// Parameters of a row.
    pub fn parameters(self) -> usize {
        match (self.components(), self.has_scales()) {
            (1, false) => 1,
            (1, true) => 2,
            (components, _) => 3 * components,
        }
    }
}
