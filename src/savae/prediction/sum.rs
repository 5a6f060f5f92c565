//! Survival functions of mixtures, vectorised, and where they come to a value.

use pulp::Arch;

use crate::ops::LocationScale;

/// Σ w S((u − a)/b), in a fixed order.
pub(super) fn survival_sum<T: Copy + Into<f64>>(
    family: LocationScale,
    u: f64,
    locations: &[T],
    inverse_scales: &[T],
    weights: &[f64],
) -> f64 {
    Arch::new().dispatch(
        #[inline(always)]
        || match family {
            // One loop a family: the branch must not stand inside the vectorised loop.
            LocationScale::SmallestExtreme => sum(locations, inverse_scales, weights, |a, r| {
                LocationScale::SmallestExtreme.survival((u - a) * r)
            }),
            LocationScale::Logistic => sum(locations, inverse_scales, weights, |a, r| {
                LocationScale::Logistic.survival((u - a) * r)
            }),
            LocationScale::Normal => sum(locations, inverse_scales, weights, |a, r| {
                LocationScale::Normal.survival((u - a) * r)
            }),
        },
    )
}

const LANES: usize = 16;

#[inline(always)]
fn sum<T: Copy + Into<f64>>(
    locations: &[T],
    inverse_scales: &[T],
    weights: &[f64],
    of: impl Fn(f64, f64) -> f64,
) -> f64 {
    let mut partial = [0.0f64; LANES];
    let (a, r) = (locations.chunks_exact(LANES), inverse_scales.chunks_exact(LANES));
    let w = weights.chunks_exact(LANES);
    let tail = a.remainder().iter().zip(r.remainder()).zip(w.remainder());
    for ((a, r), w) in a.zip(r).zip(w) {
        for lane in 0..LANES {
            partial[lane] += w[lane] * of(a[lane].into(), r[lane].into());
        }
    }
    let tail: f64 = tail.map(|((a, r), w)| w * of((*a).into(), (*r).into())).sum();
    partial.iter().sum::<f64>() + tail
}

/// Steps of the search for a root: far more than it takes.
const STEPS: usize = 200;

/// Where a falling function with a root in \[low, high\] is 0, to the last digits of doubles: false
/// position with Illinois's halving (Dowell and Jarratt 1971), and bisection where that is slow.
pub(super) fn root(of: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let (mut at_low, mut at_high) = (of(low), of(high));
    if at_low <= 0.0 {
        return low;
    }
    if at_high >= 0.0 {
        return high;
    }
    for step in 0..STEPS {
        let width = high - low;
        if width <= 1e-13 * (1.0 + low.abs()) {
            break;
        }
        let middle = match step % 4 {
            3 => low + 0.5 * width,
            _ => low + width * at_low / (at_low - at_high),
        };
        let value = of(middle);
        if value == 0.0 || value.abs() < 1e-15 {
            return middle;
        }
        if value > 0.0 {
            (low, at_low, at_high) = (middle, value, 0.5 * at_high);
        } else {
            (high, at_high, at_low) = (middle, value, 0.5 * at_low);
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_of_steep_and_flat_functions_are_found() {
        type Function = fn(f64) -> f64;
        let cases: [(Function, f64); 3] = [
            (|u| 0.25 - u.powi(3), 0.25f64.cbrt()),
            (|u| (-u.exp()).exp() - 0.5, 2f64.ln().ln()),
            (|u| 1.0 / (1.0 + (40.0 * (u - 1.7)).exp()) - 0.1, 1.7 + 9f64.ln() / 40.0),
        ];
        for (of, want) in cases {
            let got = root(of, -5.0, 5.0);
            assert!((got - want).abs() < 1e-12, "got {got}, want {want}");
        }
        assert_eq!(root(|u| -u, 1.0, 2.0), 1.0);
        assert_eq!(root(|u| 3.0 - u, 1.0, 2.0), 2.0);
    }
}
