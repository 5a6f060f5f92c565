//! Axes: from values to pixels, and ticks at round numbers.

use super::text::{fixed, typeset};

/// A linear axis between two pixel positions.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    pixels: (f64, f64),
    step: f64,
}

impl Axis {
    /// An axis that has room for all finite `values`, with about `ticks` ticks. `pixels` are the
    /// positions of the lowest and the highest value; the first may be the larger one.
    pub(super) fn around(
        values: impl IntoIterator<Item = f64>,
        pixels: (f64, f64),
        ticks: usize,
    ) -> Self {
        let (low, high) = padded(extent(values).unwrap_or((0.0, 1.0)));
        Self { low, high, pixels, step: round_step((high - low) / ticks.max(1) as f64) }
    }

    /// An axis for epochs 1 to `last`: its ticks are whole numbers.
    pub(super) fn epochs(last: usize, pixels: (f64, f64), ticks: usize) -> Self {
        let (low, high) = if last > 1 { (1.0, last as f64) } else { (0.5, 1.5) };
        let step = round_step((high - low) / ticks.max(1) as f64).max(1.0);
        Self { low, high, pixels, step }
    }

    /// The same axis with a range and a step given.
    pub(super) fn with_range(low: f64, high: f64, pixels: (f64, f64), step: f64) -> Self {
        Self { low, high, pixels, step }
    }

    /// The same axis, but from the first to the last pixel for exactly this range.
    pub(super) fn without_air(self, (low, high): (f64, f64)) -> Self {
        if high > low { Self { low, high, ..self } } else { self }
    }

    /// Moves the axis to other pixels.
    pub(super) fn place(&mut self, pixels: (f64, f64)) {
        self.pixels = pixels;
    }

    /// The pixel position of a value.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = (value.clamp(-HUGE, HUGE) - self.low) / (self.high - self.low);
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }

    /// Pixel positions and texts of the ticks, lowest first.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let first = (self.low / self.step - 1e-9).ceil();
        let last = (self.high / self.step + 1e-9).floor();
        let steps = (last - first).clamp(0.0, 50.0) as usize;
        (0..=steps)
            .map(|i| (first + i as f64) * self.step)
            .map(|value| (self.at(value), self.name(value)))
            .collect()
    }

    fn name(&self, value: f64) -> String {
        let largest = self.low.abs().max(self.high.abs());
        if self.step < 1e-5 || largest >= 1e9 {
            // Not 0e0.
            if value.abs() < 1e-9 * self.step {
                return "0".to_owned();
            }
            let digits = (largest.log10().floor() - self.step.log10().floor()).clamp(0.0, 9.0);
            return typeset(&format!("{value:.*e}", digits as usize));
        }
        // A step of 0.25 would need one decimal more than its size says; steps are 1, 2 or 5.
        let decimals = (-(self.step * 1.000_001).log10().floor()).clamp(0.0, 6.0);
        typeset(&fixed(value, decimals as usize))
    }
}

/// Beyond this a difference of two values would no longer be finite.
const HUGE: f64 = 1e300;

/// The lowest and the highest finite value, if there is one.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .filter(|value| value.is_finite())
        .map(|value| value.clamp(-HUGE, HUGE))
        .fold(None, |range, v| {
            range.map_or(Some((v, v)), |(low, high)| Some((v.min(low), v.max(high))))
        })
}

/// The range with a little air on both sides, also where all values are equal.
pub(super) fn padded((low, high): (f64, f64)) -> (f64, f64) {
    let width = high - low;
    let smallest = low.abs().max(high.abs()) * 1e-9;
    let air = if width > smallest { 0.05 * width } else { (0.05 * low.abs()).max(0.5) };
    (low - air, high + air)
}

/// The round number (1, 2 or 5 times a power of ten) nearest to `step`.
pub(super) fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let times = match step / power {
        share if share < 1.5 => 1.0,
        share if share < 3.5 => 2.0,
        share if share < 7.5 => 5.0,
        _ => 10.0,
    };
    times * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<String> {
        axis.ticks().into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn ticks_are_round_numbers_inside_the_range() {
        let axis = Axis::around([-3.0, 3.0], (0.0, 100.0), 6);
        assert_eq!(names(&axis), ["−3", "−2", "−1", "0", "1", "2", "3"]);
        let axis = Axis::around([0.12, 0.34], (0.0, 100.0), 5);
        assert_eq!(names(&axis), ["0.15", "0.20", "0.25", "0.30", "0.35"]);
    }

    #[test]
    fn an_axis_may_run_upwards() {
        let axis = Axis::around([0.0, 1.0], (200.0, 0.0), 4);
        assert!(axis.at(1.0) < axis.at(0.0));
    }

    #[test]
    fn epochs_have_whole_ticks() {
        assert_eq!(names(&Axis::epochs(1, (0.0, 100.0), 5)), ["1"]);
        assert_eq!(names(&Axis::epochs(3, (0.0, 100.0), 5)), ["1", "2", "3"]);
        assert_eq!(names(&Axis::epochs(100, (0.0, 100.0), 5)), ["20", "40", "60", "80", "100"]);
    }

    #[test]
    fn equal_missing_and_extreme_values_make_an_axis_all_the_same() {
        let cases: [&[f64]; 6] =
            [&[], &[f64::NAN], &[5.0, 5.0], &[0.0], &[f64::MAX, f64::MIN], &[1e-300, 2e-300]];
        for values in cases {
            let axis = Axis::around(values.iter().copied(), (0.0, 100.0), 5);
            assert!(!axis.ticks().is_empty(), "{values:?}");
            assert!(axis.ticks().iter().all(|(at, _)| (-0.1..=100.1).contains(at)), "{values:?}");
        }
    }
}
