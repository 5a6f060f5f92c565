//! Tail probabilities and quantiles of the distributions that tests refer to.

use statrs::function::{erf, gamma};

use crate::error::{Error, Result};

/// P(χ² > value) with these degrees of freedom; 1 without any.
pub(crate) fn chi_squared_tail(value: f64, degrees: usize) -> f64 {
    match (degrees, value > 0.0) {
        (_, _) if value.is_nan() => f64::NAN,
        (0, _) | (_, false) => 1.0,
        (degrees, true) => gamma::gamma_ur(degrees as f64 / 2.0, value / 2.0),
    }
}

/// P(|Z| > |value|) for a standard normal Z.
pub(crate) fn two_sided(value: f64) -> f64 {
    erf::erfc(value.abs() / std::f64::consts::SQRT_2)
}

/// The z with P(|Z| < z) = `confidence`.
pub(crate) fn half_width(confidence: f64) -> f64 {
    std::f64::consts::SQRT_2 * erf::erf_inv(confidence)
}

/// # Errors
/// [`Error::Setting`] unless 0 < confidence < 1.
pub(crate) fn check_confidence(confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    Err(Error::setting("confidence", confidence, "it lies between 0 and 1, such as 0.95"))
}

/// The quantile of sorted values, interpolated linearly (type 7 of Hyndman and Fan 1996).
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The printed tables of the χ² and the normal distribution.
    #[test]
    fn tails_are_those_of_the_tables() {
        assert!((chi_squared_tail(3.841_458_820_694_124, 1) - 0.05).abs() < 1e-10);
        assert!((chi_squared_tail(18.307_038_053_275_146, 10) - 0.05).abs() < 1e-10);
        assert!((half_width(0.95) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((two_sided(1.959_963_984_540_054) - 0.05).abs() < 1e-10);
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
    }
}
