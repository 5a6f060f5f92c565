//! Survival functions, with bands and with numbers under them.

mod drawing;
#[cfg(test)]
mod tests;

use super::{
    Cell, MimeBundle, RichDisplay, Table,
    axis::round_step,
    impl_evcxr_display,
    text::{fixed, titled},
};
use crate::error::{Error, Result};

/// Ticks of the time axis, at most.
const TICKS: usize = 9;

/// Survival functions over time: an SVG drawing of steps or lines with their bands and marks of
/// censorings, and a line of numbers under the plot for each curve. The text form is a table of
/// values at round times.
///
/// ```
/// use elbo::display::{RichDisplay, SurvivalCurve, SurvivalCurves};
///
/// let curve = SurvivalCurve {
///     name: "all".into(),
///     times: vec![2.0, 5.0],
///     survival: vec![0.75, 0.5],
///     ..SurvivalCurve::default()
/// };
/// let picture = SurvivalCurves { curves: vec![curve], end: 6.0, ..SurvivalCurves::default() };
/// assert!(picture.mime_bundle()?.text().contains("0.750"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurvivalCurves {
    /// Stands above the drawing.
    pub title: String,
    /// What time is counted in; under the drawing.
    pub x_label: String,
    /// Such as `survival`; to the left of the drawing.
    pub y_label: String,
    /// Where the time axis ends.
    pub end: f64,
    /// One colour each.
    pub curves: Vec<SurvivalCurve>,
    /// Numbers under the plot, such as those at risk.
    pub below: Option<NumbersBelow>,
}

/// One survival function, which is 1 before its first time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurvivalCurve {
    /// Such as a group; may be empty for a single curve.
    pub name: String,
    /// In increasing order.
    pub times: Vec<f64>,
    /// S at each time.
    pub survival: Vec<f64>,
    /// The ends of the band at each time; empty without a band. Ends that are not finite are not
    /// drawn.
    pub band: Vec<(f64, f64)>,
    /// Times at which somebody was censored; marked on the curve.
    pub censored: Vec<f64>,
    /// Whether values are joined by straight lines and not by steps.
    pub smooth: bool,
}

/// Numbers under a plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumbersBelow {
    /// What the numbers are, such as `at risk just before each time`.
    pub caption: String,
    /// Where on the time axis they stand.
    pub times: Vec<f64>,
    /// One row for each curve, each with one number for each time.
    pub rows: Vec<Vec<f64>>,
}

/// Round times from 0 to `end`: where an axis that ends there has its ticks.
pub(crate) fn round_times(end: f64) -> Vec<f64> {
    if !(end > 0.0 && end.is_finite()) {
        return vec![0.0];
    }
    let step = round_step((0.0, end), TICKS);
    (0..=(end / step + 1e-9) as usize).map(|i| i as f64 * step).collect()
}

impl SurvivalCurve {
    /// S at a time.
    fn at(&self, time: f64) -> f64 {
        let after = self.times.partition_point(|&at| at <= time);
        let value = |i: usize| self.survival.get(i).copied().unwrap_or(f64::NAN);
        match (after, self.times.get(after)) {
            (0, _) if !self.smooth => 1.0,
            (0, None) => 1.0,
            (0, Some(&next)) => 1.0 + (value(0) - 1.0) * (time / next).clamp(0.0, 1.0),
            (after, Some(&next)) if self.smooth => {
                let (from, low) = (self.times[after - 1], value(after - 1));
                low + (value(after) - low) * (time - from) / (next - from)
            }
            (after, _) => value(after - 1),
        }
    }
}

impl SurvivalCurves {
    fn text(&self) -> String {
        if self.curves.is_empty() {
            return titled(&self.title, "no curves");
        }
        let times = round_times(self.end);
        let x_label = if self.x_label.is_empty() { "time" } else { &self.x_label };
        let heads = times.iter().map(|time| format!("{}", (time * 1e6).round() / 1e6));
        let columns = std::iter::once(x_label.to_owned()).chain(heads);
        let mut table = Table::new(&self.title, columns);
        for curve in &self.curves {
            let name =
                if curve.name.is_empty() { self.y_label.clone() } else { curve.name.clone() };
            let values = times.iter().map(|&time| Cell::Number(fixed(curve.at(time), 3)));
            table = table.row(std::iter::once(Cell::from(name)).chain(values));
        }
        table.to_text()
    }
}

impl RichDisplay for SurvivalCurves {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        if self.curves.is_empty() {
            return Ok(MimeBundle::new(text));
        }
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(SurvivalCurves);
