//! Survival and density of standardised log-times, in double precision.

use crate::ops::{LocationScale, exp_of_negative};

/// eʷ, in straight-line arithmetic so that loops over it are vectorised.
#[inline(always)]
fn exp(w: f64) -> f64 {
    let small = exp_of_negative(-w.abs());
    if w <= 0.0 { small } else { small.recip() }
}

impl LocationScale {
    /// S at w.
    #[inline(always)]
    pub(super) fn survival(self, w: f64) -> f64 {
        match self {
            LocationScale::SmallestExtreme => exp_of_negative(-exp(w)),
            LocationScale::Logistic => {
                let small = exp_of_negative(-w.abs());
                (if w <= 0.0 { 1.0 } else { small }) / (1.0 + small)
            }
            LocationScale::Normal => {
                0.5 * statrs::function::erf::erfc(w * std::f64::consts::FRAC_1_SQRT_2)
            }
        }
    }

    /// The density of w.
    #[inline(always)]
    pub(super) fn density(self, w: f64) -> f64 {
        match self {
            LocationScale::SmallestExtreme => {
                let hazard = exp(w);
                // Beyond, the density is below all numbers.
                if hazard < 700.0 { hazard * exp_of_negative(-hazard) } else { 0.0 }
            }
            LocationScale::Logistic => {
                let small = exp_of_negative(-w.abs());
                small / (1.0 + small).powi(2)
            }
            LocationScale::Normal => (-0.5 * w * w).exp() / (2.0 * std::f64::consts::PI).sqrt(),
        }
    }

    /// E eᶜʷ, infinite where it does not exist.
    pub(super) fn exponential_moment(self, c: f64) -> f64 {
        match self {
            LocationScale::SmallestExtreme => statrs::function::gamma::gamma(1.0 + c),
            LocationScale::Normal => (0.5 * c * c).exp(),
            LocationScale::Logistic if c < 1.0 => {
                let angle = std::f64::consts::PI * c;
                if angle == 0.0 { 1.0 } else { angle / angle.sin() }
            }
            LocationScale::Logistic => f64::INFINITY,
        }
    }

    /// The quantile of w: where S is `survival`, in (0, 1).
    pub(super) fn quantile(self, survival: f64) -> f64 {
        use statrs::distribution::{ContinuousCDF, Normal};
        match self {
            LocationScale::SmallestExtreme => (-survival.ln()).ln(),
            LocationScale::Logistic => ((1.0 - survival) / survival).ln(),
            LocationScale::Normal => Normal::standard().inverse_cdf(1.0 - survival),
        }
    }
}
