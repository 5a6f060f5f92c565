//! Axes: coordinates of plotters with room around the values and with typeset numbers.

use std::ops::Range;

use plotters::coord::{
    ranged1d::{BoldPoints, KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter},
    types::{RangedCoordf64, RangedCoordusize},
};

use super::text::{fixed, text_width, typeset};

/// From a plot to the numbers of its ticks, in pixels.
pub(super) const PAD: f64 = 8.0;
/// Most ticks of an axis of usual length.
const TICKS: usize = 9;

/// A linear axis.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    /// Where there are ticks, and what stands there.
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis that has room for all finite `values`.
    pub(super) fn around(values: impl IntoIterator<Item = f64>) -> Self {
        let range = padded(extent(values).unwrap_or((0.0, 1.0)));
        Self::with_step(range, round_step(range, TICKS))
    }

    /// An axis for epochs 1 to `last`: its ticks are whole numbers.
    pub(super) fn epochs(last: usize) -> Self {
        if last <= 1 {
            return Self::with_ticks((0.5, 1.5), vec![1.0]);
        }
        let whole = RangedCoordusize::from(1..last).key_points(BoldPoints(TICKS));
        let ticks = whole.into_iter().map(|epoch| epoch as f64).collect();
        Self::with_ticks((1.0, last as f64), ticks)
    }

    /// An axis over exactly this range.
    pub(super) fn exactly((low, high): (f64, f64), most: usize) -> Self {
        let range = if is_wide((low, high)) { (low, high) } else { padded((low, high)) };
        Self::with_step(range, round_step(range, most))
    }

    /// An axis with a tick at each multiple of `step`.
    pub(super) fn with_step((low, high): (f64, f64), step: f64) -> Self {
        let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
        let steps = (last - first).clamp(0.0, 50.0) as usize;
        let ticks = (0..=steps).map(|i| (first + i as f64) * step);
        Self::with_ticks((low, high), ticks.collect())
    }

    fn with_ticks(range: (f64, f64), ticks: Vec<f64>) -> Self {
        let step =
            if let [first, second, ..] = ticks[..] { second - first } else { range.1 - range.0 };
        let largest = range.0.abs().max(range.1.abs());
        let ticks = ticks.into_iter().map(|value| (value, name(value, step, largest)));
        Self::named(range, ticks.collect())
    }

    /// An axis with words of its own.
    pub(super) fn named((low, high): (f64, f64), ticks: Vec<(f64, String)>) -> Self {
        Self { low, high, ticks }
    }

    /// The room that the numbers need to the left of a plot, in pixels.
    pub(super) fn room(&self) -> f64 {
        self.ticks.iter().map(|(_, name)| text_width(name, 12.0)).fold(0.0, f64::max) + PAD
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        RangedCoordf64::from(self.range()).map(&value.clamp(-HUGE, HUGE), limit)
    }

    /// All ticks, and no lines between them.
    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<f64> {
        let light = hint.weight().allow_light_points();
        self.ticks.iter().filter(|_| !light).map(|(value, _)| *value).collect()
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let tick = self.ticks.iter().find(|(at, _)| at == value);
        tick.map(|(_, name)| name.clone()).unwrap_or_default()
    }
}

/// The step between the round numbers that plotters finds in a range of this width, at most so many.
///
/// Not the numbers themselves, and not for the range where it lies: plotters adds up steps, and far
/// from zero rounding errors make it miss numbers, as 3.4 between 2.5 and 3.5.
pub(super) fn round_step((low, high): (f64, f64), most: usize) -> f64 {
    let numbers = RangedCoordf64::from(0.0..high - low).key_points(BoldPoints(most));
    if let [first, second, ..] = numbers[..] { second - first } else { high - low }
}

/// A number beside a tick, with the decimals that the step asks for.
fn name(value: f64, step: f64, largest: f64) -> String {
    if step < 1e-5 || largest >= 1e9 {
        // Not 0e0.
        if value.abs() < 1e-9 * step {
            return "0".to_owned();
        }
        let digits = (largest.log10().floor() - step.log10().floor()).clamp(0.0, 10.0);
        return typeset(&format!("{value:.*e}", digits as usize));
    }
    // A step of 0.25 would need one decimal more than its size says; steps are 1, 2 or 5.
    let decimals = (-(step * 1.000_001).log10().floor()).clamp(0.0, 6.0);
    typeset(&fixed(value, decimals as usize))
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
    let wide = is_wide((low, high));
    let air = if wide { 0.05 * (high - low) } else { (0.05 * low.abs()).max(0.5) };
    (low - air, high + air)
}

/// Whether there is anything between the ends but rounding errors.
fn is_wide((low, high): (f64, f64)) -> bool {
    // Plotters takes steps below 2e-16 for none.
    high - low > (low.abs().max(high.abs()) * 1e-9).max(1e-13)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers_inside_the_range() {
        assert_eq!(names(&Axis::around([-3.0, 3.0])), ["−3", "−2", "−1", "0", "1", "2", "3"]);
        let axis = Axis::around([0.12, 0.34]);
        assert_eq!(names(&axis), ["0.15", "0.20", "0.25", "0.30", "0.35"]);
        let axis = Axis::around([3.0]);
        assert_eq!(names(&axis), ["2.6", "2.8", "3.0", "3.2", "3.4"]);
        let axis = Axis::with_step((-1.2, 2.3), 0.5);
        assert_eq!(names(&axis), ["−1.0", "−0.5", "0.0", "0.5", "1.0", "1.5", "2.0"]);
    }

    #[test]
    fn an_axis_may_run_upwards() {
        let axis = Axis::around([0.0, 1.0]);
        assert!(axis.map(&1.0, (2000, 0)) < axis.map(&0.0, (2000, 0)));
    }

    #[test]
    fn epochs_have_whole_ticks() {
        assert_eq!(names(&Axis::epochs(1)), ["1"]);
        assert_eq!(names(&Axis::epochs(3)), ["1", "2", "3"]);
        assert_eq!(names(&Axis::epochs(100)), ["20", "40", "60", "80", "100"]);
    }

    #[test]
    fn equal_missing_and_extreme_values_make_an_axis_all_the_same() {
        let cases: [&[f64]; 8] = [
            &[],
            &[f64::NAN],
            &[5.0, 5.0],
            &[0.0],
            &[f64::MAX, f64::MIN],
            &[1e-300, 2e-300],
            &[1.0, 1.0 + 1e-12],
            &[-15_306.649_49, -15_306.648_09],
        ];
        for values in cases {
            let axis = Axis::around(values.iter().copied());
            assert!((1..=TICKS).contains(&axis.ticks.len()), "{values:?}: {axis:?}");
            let places = axis.ticks.iter().map(|(value, _)| axis.map(value, (0, 1000)));
            assert!(places.into_iter().all(|at| (-1..=1001).contains(&at)), "{values:?}");
        }
    }
}
