//! Lengths: the backend counts in tenths of a pixel, so that points lie where they belong.

use std::fmt;

use plotters_backend::BackendCoord;

/// Units of the backend in a pixel.
pub(super) const UNITS: i32 = 10;

/// A length in units of the backend.
pub(super) fn units(pixels: f64) -> i32 {
    (pixels * f64::from(UNITS)).round() as i32
}

/// A length in pixels, as short as can be.
pub(super) struct Px(pub(super) i32);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, tenth) = (self.0.abs() / UNITS, self.0.abs() % UNITS);
        let sign = if self.0 < 0 { "-" } else { "" };
        match (whole, tenth) {
            (_, 0) => write!(f, "{sign}{whole}"),
            (0, _) => write!(f, "{sign}.{tenth}"),
            _ => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

/// Moves a thin upright or level line into the middle of a pixel, or it would be a blur over two.
pub(super) fn sharpen(points: &mut [BackendCoord]) {
    let middle = |at: i32| at.div_euclid(UNITS) * UNITS + UNITS / 2;
    if let [from, to] = points {
        if from.0 == to.0 {
            (from.0, to.0) = (middle(from.0), middle(to.0));
        }
        if from.1 == to.1 {
            (from.1, to.1) = (middle(from.1), middle(to.1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short() {
        let written = [120, 123, 0, -4, 7, -35].map(|length| Px(length).to_string());
        assert_eq!(written, ["12", "12.3", "0", "-.4", ".7", "-3.5"]);
    }
}
