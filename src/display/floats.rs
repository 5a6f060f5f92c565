//! Floats that stand under each other.

/// From here on, and below its counterpart, numbers are written with powers of ten.
const LARGE: f64 = 1e9;
const SMALL: f64 = 1e-4;
/// Significant digits of the largest number.
const DIGITS: i32 = 6;
/// Significant digits of the smallest number, so that it does not look like zero.
const FEWEST_DIGITS: i32 = 3;

/// The values, all with as many decimals as one of them needs: then their points stand under each
/// other. About six digits of the largest are kept.
///
/// No separators: a year or a number of a customer would not be found again.
pub(super) fn aligned(values: &[f64]) -> Vec<String> {
    let write = notation(values);
    values.iter().map(|&value| written(value, write)).collect()
}

/// How all numbers of a column are written.
#[derive(Clone, Copy)]
enum Notation {
    Decimals(usize),
    Powers,
}

fn notation(values: &[f64]) -> Notation {
    let sizes = values.iter().map(|value| value.abs());
    let sizes = sizes.filter(|size| size.is_finite() && *size > 0.0);
    let (smallest, largest) =
        sizes.fold((f64::INFINITY, 0.0_f64), |(low, high), size| (low.min(size), high.max(size)));
    if largest == 0.0 {
        return Notation::Decimals(1);
    }
    if smallest < SMALL || largest >= LARGE {
        return Notation::Powers;
    }
    let exponent = |size: f64| size.log10().floor() as i32;
    let most = (DIGITS - 1 - exponent(largest)).max(FEWEST_DIGITS - 1 - exponent(smallest)).max(1);
    let needed = values.iter().map(|&value| needed(value, most.unsigned_abs() as usize));
    Notation::Decimals(needed.max().unwrap_or(1).max(1))
}

/// The decimals of a value that is rounded to `most` of them, without zeros at the end.
fn needed(value: f64, most: usize) -> usize {
    if !value.is_finite() {
        return 0;
    }
    let digits = format!("{value:.most$}");
    digits.split_once('.').map_or(0, |(_, decimals)| decimals.trim_end_matches('0').len())
}

fn written(value: f64, notation: Notation) -> String {
    match notation {
        // A power of ten is of no use to these; infinities are `inf` and `-inf`.
        _ if !value.is_finite() => value.to_string(),
        Notation::Powers if value == 0.0 => "0".to_owned(),
        Notation::Powers => format!("{value:.4e}"),
        Notation::Decimals(decimals) => format!("{value:.decimals$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_have_the_decimals_that_one_needs() {
        assert_eq!(aligned(&[1.0, 2.0]), ["1.0", "2.0"]);
        assert_eq!(aligned(&[0.5, 1.25, -100.0]), ["0.50", "1.25", "-100.00"]);
        assert_eq!(aligned(&[f64::from(0.1_f32), 3.0]), ["0.1", "3.0"]);
        assert_eq!(aligned(&[2.0 / 3.0, 12.0]), ["0.6667", "12.0000"]);
        assert_eq!(aligned(&[0.0, 0.0]), ["0.0", "0.0"]);
        assert_eq!(aligned(&[]), [""; 0]);
    }

    #[test]
    fn a_small_value_beside_a_large_one_does_not_look_like_zero() {
        assert_eq!(aligned(&[123_456.789, 0.001]), ["123456.789", "0.001"]);
        assert_eq!(aligned(&[1.0, 1e-7, 0.0]), ["1.0000e0", "1.0000e-7", "0"]);
        assert_eq!(aligned(&[2.5e12]), ["2.5000e12"]);
    }

    #[test]
    fn values_that_are_not_finite_are_named() {
        let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5];
        assert_eq!(aligned(&values), ["NaN", "inf", "-inf", "0.5"]);
    }
}
