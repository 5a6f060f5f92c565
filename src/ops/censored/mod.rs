//! The log-likelihood of times that may be censored (lecture, eq. 6): δ log f + (1 − δ) log S, for
//! families in which the logarithm of the time has a location and a scale.
//!
//! With u a standardised logarithm of the time, a location a and a log scale b: w = (u − a)e⁻ᵇ. A
//! time that is Weibull has e^w exponential, one that is log-normal has w normal, one that is
//! log-logistic has w logistic. f is the density of u; that of the time differs by a factor that
//! has no parameters.

mod composed;
mod family;
mod fused;
#[cfg(test)]
mod tests;

pub(super) use composed::composed;
pub use family::TimeEmission;
pub(crate) use family::{LocationScale, TimeLayout};
pub(super) use fused::fused;
