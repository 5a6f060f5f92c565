//! Estimates with their uncertainty.

use plotters::prelude::{Color, EmptyElement, LineSeries, Text};

use super::{
    Cell, MimeBundle, RichDisplay, Table,
    axis::{Axis, extent},
    card::{Card, Drawn, MARGIN, Styled, disc, plain, room_for_title},
    impl_evcxr_display,
    palette::LABELS,
    plot::{Chart, Plot, rows_on_base},
    svg::ink,
    text::{fitted, fixed, number, text_width, titled, typeset},
    units::units,
};
use crate::error::{Error, Result};

/// Half the width of an interval that holds the mean with a probability of 95 %, in standard errors.
const Z_95: f64 = 1.96;
const HEIGHT: f64 = 260.0;
/// A name is broken into at most so many lines.
const NAME_LINES: usize = 3;
/// From a point to the number beside it.
const BESIDE: f64 = 10.0;

/// Means with 95 % intervals (mean ± 1.96 standard errors), one per category: an SVG drawing, with
/// a table as the text form.
///
/// A mean that is not finite is not drawn; a standard error that is not finite has no interval.
///
/// ```
/// use elbo::display::{PointRange, RichDisplay};
///
/// let evidence = PointRange {
///     title: "Evidence".into(),
///     x_label: "importance samples".into(),
///     y_label: "log p(x), nats per image".into(),
///     points: vec![("1".into(), -98.3, 0.2), ("1,000".into(), -94.9, 0.2)],
/// };
/// assert!(evidence.mime_bundle()?.text().contains("-98.30"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PointRange {
    /// Stands above the drawing.
    pub title: String,
    /// What the categories are; under the drawing.
    pub x_label: String,
    /// What the means are, with their unit; to the left of the drawing.
    pub y_label: String,
    /// Category, mean and standard error of the mean, from left to right.
    pub points: Vec<(String, f64, f64)>,
}

/// The ends of the interval, or the mean twice where there is none.
fn interval(mean: f64, error: f64) -> (f64, f64) {
    let half = if error.is_finite() { Z_95 * error.abs() } else { 0.0 };
    (mean - half, mean + half)
}

impl PointRange {
    fn text(&self) -> String {
        if self.points.is_empty() {
            return titled(&self.title, "no estimates");
        }
        let columns = [&*self.x_label, &*self.y_label, "standard error", "95 % from", "to"];
        let mut table = Table::new(&self.title, columns);
        for (name, mean, error) in &self.points {
            let (low, high) = interval(*mean, *error);
            let numbers = [*mean, *error, low, high].map(Cell::from);
            table = table.row(std::iter::once(Cell::from(name.as_str())).chain(numbers));
        }
        table.to_text()
    }

    /// The plot and the axis of the means.
    fn layout(&self, lines: usize) -> (Plot, Axis) {
        let ends = self.points.iter().map(|(_, mean, error)| interval(*mean, *error));
        let values = Axis::around(ends.flat_map(|(low, high)| [low, high]));
        let top = MARGIN + if self.title.is_empty() { 8.0 } else { 40.0 };
        let beside = 26.0 + values.room();
        let left = MARGIN + beside;
        // A few categories are not drawn over the whole width: near each other they compare best.
        let wanted = (self.slot() * self.points.len() as f64).max(240.0);
        let right = left + wanted.max(room_for_title(&self.title) - left - MARGIN - 6.0);
        let below = 32.0 + 15.0 * lines as f64;
        (Plot { left, top, right, bottom: top + HEIGHT, beside, below }, values)
    }

    fn draw(&self, summary: &str) -> Drawn<String> {
        let (plot, _) = self.layout(0);
        let slot = (plot.right - plot.left) / self.points.len() as f64;
        let names = self.points.iter().map(|(name, ..)| wrapped(name, slot - 10.0));
        let names: Vec<Vec<String>> = names.collect();
        let (plot, values) = self.layout(names.iter().map(Vec::len).max().unwrap_or(1));
        let end = if self.x_label.is_empty() { -6.0 } else { 18.0 };
        let size = (plot.right + MARGIN + 6.0, plot.bottom + plot.below + end);
        let card = Card::new(size, &self.title, summary)?;
        let places = Axis::named((0.0, self.points.len() as f64), Vec::new());
        let mut chart = plot.chart(&card, places, values)?;
        let x_label = fitted(&self.x_label, 13.0, plot.right - plot.left);
        let y_label = fitted(&self.y_label, 13.0, HEIGHT + 30.0);
        rows_on_base(&mut chart, (&x_label, &y_label), plain(13.0))?;
        for (i, ((_, mean, error), name)) in self.points.iter().zip(&names).enumerate() {
            let place = i as f64 + 0.5;
            for (line, text) in name.iter().enumerate() {
                let at = (plot.left + place * slot, plot.bottom + 20.0 + 15.0 * line as f64);
                card.text(at, text, &plain(12.0).centred())?;
            }
            estimate(&mut chart, place, (*mean, *error), self.written(*mean))?;
        }
        card.finish()
    }

    /// A mean as it stands beside its point: all with the decimals that the whole range asks for.
    fn written(&self, mean: f64) -> String {
        let ends = self.points.iter().map(|(_, mean, error)| interval(*mean, *error));
        let (low, high) = extent(ends.flat_map(|(a, b)| [a, b])).unwrap_or((0.0, 1.0));
        let decimals = 2.0 - (high - low).log10().floor();
        let plain = (0.0..=6.0).contains(&decimals) && mean.abs() < 1e9;
        typeset(&if plain { fixed(mean, decimals as usize) } else { number(mean) })
    }

    /// The width for one category: its longest word fits, within reason, and so does its value
    /// beside the point in the middle.
    fn slot(&self) -> f64 {
        let words = self.points.iter().flat_map(|(name, ..)| name.split_whitespace());
        let word = words.map(|word| text_width(word, 12.0)).fold(0.0, f64::max);
        let values = self.points.iter().map(|(_, mean, _)| text_width(&self.written(*mean), 12.0));
        let value = values.fold(0.0, f64::max) + BESIDE;
        (word + 14.0).clamp(88.0, 150.0).max(2.0 * value - 8.0)
    }
}

/// One mean with its interval and what is written beside it.
fn estimate(chart: &mut Chart, x: f64, (mean, error): (f64, f64), written: String) -> Drawn {
    if !mean.is_finite() {
        return Ok(());
    }
    let (low, high) = interval(mean, error);
    if high > low {
        // Its points are its round ends.
        let line = LineSeries::new([(x, low), (x, high)], ink(LABELS[0]).stroke_width(30));
        chart.draw_series(line.point_size(15))?;
    }
    chart.draw_series([disc((x, mean), 5.5, LABELS[0])])?;
    let beside = (units(BESIDE), units(4.0));
    let text = Text::new(written, beside, plain(12.0).halo());
    chart.draw_series([EmptyElement::at((x, mean)) + text])?;
    Ok(())
}

/// A name in lines that are at most about `width` pixels wide.
fn wrapped(name: &str, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(line, 12.0) + text_width(word, 12.0) + 5.0 <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > NAME_LINES {
        let rest = lines.split_off(NAME_LINES - 1).join(" ");
        lines.push(rest);
    }
    lines.iter().map(|line| fitted(line, 12.0, width)).collect()
}

impl RichDisplay for PointRange {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        if self.points.is_empty() {
            return Ok(MimeBundle::new(text));
        }
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(PointRange);

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: &[(&str, f64, f64)]) -> PointRange {
        let points = points.iter().map(|&(name, mean, error)| (name.to_owned(), mean, error));
        let (title, x_label) = ("Evidence".to_owned(), "estimator".to_owned());
        PointRange { title, x_label, y_label: "nats".to_owned(), points: points.collect() }
    }

    fn svg(chart: &PointRange) -> String {
        chart.mime_bundle().unwrap().svg().unwrap().to_owned()
    }

    #[test]
    fn the_interval_is_196_standard_errors_to_each_side() {
        let text = chart(&[("ELBO", -100.0, 0.5)]).text();
        assert!(text.ends_with("ELBO       -100.0          0.5000     -101.0  -99.02"), "{text}");
    }

    #[test]
    fn values_that_are_not_finite_are_named_and_not_drawn() {
        let chart = chart(&[("a", f64::NAN, 1.0), ("b", 1.0, f64::INFINITY), ("c", 2.0, 0.1)]);
        let drawing = svg(&chart);
        // The rims of two discs.
        assert_eq!(drawing.matches("stroke-width=\"12\"").count(), 2);
        assert!(!drawing.contains("NaN") && !drawing.contains("\"inf"), "{drawing}");
        assert!(chart.text().contains("not finite"));
        assert_eq!(drawing, svg(&chart));
    }

    #[test]
    fn no_estimates_have_a_clear_text() {
        let bundle = chart(&[]).mime_bundle().unwrap();
        assert_eq!((bundle.text(), bundle.svg()), ("Evidence: no estimates", None));
    }

    #[test]
    fn everything_is_escaped() {
        let nasty = "<script>&\"";
        let mut chart = chart(&[(nasty, 1.0, 0.1)]);
        (chart.title, chart.x_label, chart.y_label) = (nasty.into(), nasty.into(), nasty.into());
        assert!(!svg(&chart).contains("<script>"));
    }

    #[test]
    fn long_names_are_broken_between_words() {
        let lines = wrapped("importance sampling with 1,000 draws per image and more", 100.0);
        assert_eq!(lines.len(), NAME_LINES);
        assert!(lines.iter().all(|line| text_width(line, 12.0) <= 100.0), "{lines:?}");
    }
}
