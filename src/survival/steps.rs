//! Functions of time that are constant between their steps.

/// A function that jumps to `values[i]` at `times[i]` and stays there until the next; before the
/// first step it is `start`.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// In increasing order.
    pub times: Vec<f64>,
    /// One for each time.
    pub values: Vec<f64>,
    /// The value before the first step.
    pub start: f64,
}

impl Steps {
    /// The value at a time. After the last step it stays what it was there.
    pub fn at(&self, time: f64) -> f64 {
        match self.times.partition_point(|&at| at <= time) {
            0 => self.start,
            after => self.values[after - 1],
        }
    }

    /// The value just before a time.
    pub fn before(&self, time: f64) -> f64 {
        match self.times.partition_point(|&at| at < time) {
            0 => self.start,
            after => self.values[after - 1],
        }
    }

    /// Values at several times.
    pub fn at_all(&self, times: &[f64]) -> Vec<f64> {
        times.iter().map(|&time| self.at(time)).collect()
    }

    /// The integral from 0 to `end`.
    pub fn integral(&self, end: f64) -> f64 {
        let (mut area, mut from, mut value) = (0.0, 0.0, self.start);
        for (&time, &next) in self.times.iter().zip(&self.values) {
            if time >= end {
                break;
            }
            area += value * (time - from);
            (from, value) = (time, next);
        }
        area + value * (end - from)
    }

    /// The first time at which a decreasing function is at most `value`, up to rounding.
    pub(crate) fn first_at_most(&self, value: f64) -> Option<f64> {
        // A product of factors that is 0.5 on paper may be a little more.
        let below = self.values.iter().position(|&at| at <= value + 1e-12)?;
        Some(self.times[below])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_continuous_from_the_right() {
        let steps = Steps { times: vec![1.0, 2.0], values: vec![0.5, 0.25], start: 1.0 };
        assert_eq!(steps.at_all(&[0.0, 1.0, 1.5, 2.0, 9.0]), [1.0, 0.5, 0.5, 0.25, 0.25]);
        assert_eq!((steps.before(1.0), steps.before(2.0)), (1.0, 0.5));
        assert_eq!(steps.integral(3.0), 1.0 + 0.5 + 0.25);
        assert_eq!((steps.first_at_most(0.5), steps.first_at_most(0.1)), (Some(1.0), None));
    }
}
