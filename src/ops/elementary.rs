//! Elementary functions written so that the compiler vectorises loops over them.
//!
//! The standard library's `exp` is a call to libm for each element. These are straight-line
//! arithmetic: inside [`super::parallel`]'s loops they become the widest vectors the machine has.

const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// ln 2 in two parts, so that n·ln 2 is subtracted without rounding (Cody and Waite 1980).
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding and subtracting 1.5·2²³ rounds to the nearest integer.
const ROUND: f32 = 12_582_912.0;
/// Beyond these the result leaves the normal floats.
const EXP_MIN: f32 = -87.3;
const EXP_MAX: f32 = 88.7;

/// eˣ to 2 units in the last place; 0 < result, infinity above 88.7, NaN for NaN.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let clamped = x.clamp(EXP_MIN, EXP_MAX);
    let n = (clamped * LOG2_E + ROUND) - ROUND;
    let r = (clamped - n * LN2_HIGH) - n * LN2_LOW;
    // The minimax polynomial of Cephes' expf for (eʳ − 1 − r)/r² on |r| ≤ ln(2)/2.
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_6e-1;
    p = p * r + 0.5;
    let exp_r = p * r * r + r + 1.0;
    // 2ⁿ in two factors, because n can be 128.
    let half = (n * 0.5 + ROUND) - ROUND;
    let scaled = exp_r * power_of_two(half) * power_of_two(n - half);
    if x <= EXP_MAX { scaled } else { x * f32::INFINITY }
}

/// ln 2 in two parts for double precision (fdlibm).
const LN2_HIGH_F64: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW_F64: f64 = 1.908_214_929_270_587_7e-10;
/// Adding and subtracting 1.5·2⁵² rounds to the nearest integer, which then stands in the low bits.
const ROUND_F64: f64 = 6_755_399_441_055_744.0;

/// eˣ of a double x ≤ 0, to 1e-15 of its size; below −708 it is 3e-308.
#[inline(always)]
pub(crate) fn exp_of_negative(x: f64) -> f64 {
    let clamped = x.max(-708.0);
    let shifted = clamped * std::f64::consts::LOG2_E + ROUND_F64;
    let n = shifted - ROUND_F64;
    let r = (clamped - n * LN2_HIGH_F64) - n * LN2_LOW_F64;
    // Taylor's series: |r| ≤ ln(2)/2, so the first omitted term is below 4e-18.
    let mut p = 1.0 / 6_227_020_800.0;
    for factorial in [
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5_040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
        1.0,
        1.0,
    ] {
        p = p * r + 1.0 / factorial;
    }
    // The exponent's bits are n + 1023.
    p * f64::from_bits((shifted.to_bits() + 1023) << 52)
}

/// 2ⁿ for an integer −126 ≤ n ≤ 127.
#[inline(always)]
fn power_of_two(n: f32) -> f32 {
    // n + 127 stands in the low bits of the mantissa of n + 127 + 2²³.
    f32::from_bits((n + (127.0 + 8_388_608.0)).to_bits() << 23)
}

/// ln(1 + u) for 0 ≤ u ≤ 1, by 2·artanh(u/(2 + u)).
#[inline(always)]
pub(crate) fn ln_1p_unit(u: f32) -> f32 {
    let s = u / (2.0 + u);
    let t = s * s;
    // The series of artanh; s ≤ 1/3, so the first omitted term is below 1e-7 of the sum.
    let mut p = 1.0 / 13.0;
    p = p * t + 1.0 / 11.0;
    p = p * t + 1.0 / 9.0;
    p = p * t + 1.0 / 7.0;
    p = p * t + 1.0 / 5.0;
    p = p * t + 1.0 / 3.0;
    2.0 * (s + s * t * p)
}

/// ln(1 + eˣ), without overflow.
#[inline(always)]
pub(crate) fn softplus(x: f32) -> f32 {
    // `max` would turn NaN into 0.
    let positive = if x < 0.0 { 0.0 } else { x };
    positive + ln_1p_unit(exp(-x.abs()))
}

/// 1/(1 + e⁻ˣ), without overflow.
#[inline(always)]
pub(crate) fn logistic(x: f32) -> f32 {
    let e = exp(-x.abs());
    let large = 1.0 / (1.0 + e);
    if x < 0.0 { e * large } else { large }
}

/// The hyperbolic tangent, to an absolute 1e-7.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let e = exp(-2.0 * x.abs());
    let positive = (1.0 - e) / (1.0 + e);
    if x < 0.0 { -positive } else { positive }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error of `got` against `want` in f64, relative to max(|want|, floor).
    fn worst(got: impl Fn(f32) -> f32, want: impl Fn(f64) -> f64, low: f32, high: f32) -> f64 {
        let steps = 200_000;
        (0..=steps)
            .map(|i| low + (high - low) * i as f32 / steps as f32)
            .map(|x| {
                let (got, want) = (f64::from(got(x)), want(f64::from(x)));
                (got - want).abs() / want.abs().max(1e-30)
            })
            .fold(0.0, |worst: f64, error| if error <= worst { worst } else { error })
    }

    // One unit in the last place is 1.2e-7 relative.
    #[test]
    fn the_exponential_of_negative_doubles_is_the_standard_librarys() {
        for i in 0..100_000 {
            let x = -f64::from(i) * 7.0e-3;
            let (got, want) = (exp_of_negative(x), x.exp());
            assert!((got / want - 1.0).abs() < 1e-15, "exp({x}): got {got}, want {want}");
        }
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert!(exp_of_negative(-1e9) < 1e-307);
    }

    #[test]
    fn elementary_functions_are_close_to_the_standard_librarys() {
        assert!(worst(exp, f64::exp, -87.0, 88.6) < 2.5e-7);
        assert!(worst(ln_1p_unit, f64::ln_1p, 1e-6, 1.0) < 3e-7);
        assert!(worst(softplus, |x| x.exp().ln_1p(), -80.0, 80.0) < 4e-7);
        assert!(worst(logistic, |x| 1.0 / (1.0 + (-x).exp()), -80.0, 80.0) < 4e-7);
        assert!(worst(tanh, f64::tanh, 0.5, 20.0) < 4e-7);
        assert!(worst(|x| 1.0 + tanh(x), |x| 1.0 + x.tanh(), -0.9, 0.9) < 4e-6);
    }

    #[test]
    fn the_ends_of_the_range_are_kept() {
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert!(exp(f32::NEG_INFINITY) < 2e-38);
        assert_eq!(logistic(f32::INFINITY), 1.0);
        assert_eq!(softplus(200.0), 200.0);
        assert_eq!(tanh(-50.0), -1.0);
        for function in [exp, softplus, logistic, tanh] {
            assert!(function(f32::NAN).is_nan());
        }
    }
}
