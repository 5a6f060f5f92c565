//! Lines over a number.

use super::{
    Cell, MimeBundle, RichDisplay, Table,
    axis::{Axis, extent, padded, round_step},
    card::{Card, Drawn, MARGIN, disc, plain, room_for_title},
    curves::stroke,
    impl_evcxr_display,
    palette::label,
    plot::{Chart, Plot, rows_on_base},
    text::{fitted, text_width, titled},
    units::units,
};
use crate::error::{Error, Result};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 280.0;

/// Lines in one plot, such as criteria by the number of components: an SVG drawing, with a table of
/// marked points as the text form.
///
/// ```
/// use elbo::display::{Line, Lines, RichDisplay};
///
/// let aic = Line { name: "AIC".into(), points: vec![(1.0, 9.0), (2.0, 4.0), (3.0, 5.0)], marked: Some(1) };
/// let lines = Lines {
///     title: "Criteria".into(),
///     x_label: "components".into(),
///     y_label: "nats".into(),
///     lines: vec![aic],
/// };
/// assert!(lines.mime_bundle()?.text().contains("AIC"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// Stands above the drawing.
    pub title: String,
    /// What the horizontal axis shows, with its unit.
    pub x_label: String,
    /// What the vertical axis shows, with its unit.
    pub y_label: String,
    /// In the order of the legend.
    pub lines: Vec<Line>,
}

/// One line of [`Lines`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Such as `AIC`.
    pub name: String,
    /// Places in the order of the line. One that is not finite leaves a gap.
    pub points: Vec<(f64, f64)>,
    /// The index of a point that is marked, such as the lowest.
    pub marked: Option<usize>,
}

impl Line {
    fn marked(&self) -> Option<(f64, f64)> {
        self.marked.and_then(|index| self.points.get(index)).copied().filter(is_finite)
    }
}

fn is_finite((x, y): &(f64, f64)) -> bool {
    x.is_finite() && y.is_finite()
}

impl Lines {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.lines.iter().flat_map(|line| &line.points).copied().filter(is_finite)
    }

    fn text(&self) -> String {
        if self.points().next().is_none() {
            return titled(&self.title, "nothing to draw");
        }
        let columns = ["line", "points", "lowest", "highest", "marked at", "value there"];
        let mut table = Table::new(&self.title, columns);
        for line in &self.lines {
            let range = extent(line.points.iter().map(|(_, y)| *y));
            let number = |value: Option<f64>| value.map_or(Cell::Number("-".into()), Cell::from);
            table = table.row([
                Cell::from(line.name.as_str()),
                line.points.len().into(),
                number(range.map(|range| range.0)),
                number(range.map(|range| range.1)),
                number(line.marked().map(|place| place.0)),
                number(line.marked().map(|place| place.1)),
            ]);
        }
        table.to_text()
    }

    fn draw(&self, summary: &str) -> Drawn<String> {
        let (x, y) = (self.x_axis(), Axis::around(self.points().map(|(_, y)| y)));
        let beside = 26.0 + y.room();
        let left = MARGIN + beside;
        let top = MARGIN + if self.title.is_empty() { 30.0 } else { 62.0 };
        let plot = Plot {
            left,
            top,
            right: left + WIDTH.max(room_for_title(&self.title) - left - MARGIN),
            bottom: top + HEIGHT,
            beside,
            below: 46.0,
        };
        let size = (plot.right + MARGIN + 6.0, plot.bottom + plot.below + 12.0);
        let card = Card::new(size, &self.title, summary)?;
        self.legend(&card, top - 18.0, plot.right)?;
        let mut chart = plot.chart(&card, x, y)?;
        let x_label = fitted(&self.x_label, 13.0, plot.right - plot.left);
        let y_label = fitted(&self.y_label, 13.0, HEIGHT);
        rows_on_base(&mut chart, (&x_label, &y_label), plain(13.0))?;
        for (look, line) in self.lines.iter().enumerate() {
            draw_line(&mut chart, line, look)?;
        }
        card.finish()
    }

    /// Whole numbers have whole ticks.
    fn x_axis(&self) -> Axis {
        let range = padded(extent(self.points().map(|(x, _)| x)).unwrap_or((0.0, 1.0)));
        let step = round_step(range, 9);
        let whole = self.points().all(|(x, _)| x.fract() == 0.0);
        Axis::with_step(range, if whole { step.max(1.0).round() } else { step })
    }

    /// Samples of all lines with their names, in one line of text.
    fn legend(&self, card: &Card, y: f64, right: f64) -> Drawn {
        let mut x = MARGIN;
        let at = |x: f64, y: f64| (units(x), units(y));
        for (look, line) in self.lines.iter().enumerate() {
            let name = fitted(&line.name, 12.0, right - x - 40.0);
            if name.is_empty() || right - x < 60.0 {
                return Ok(());
            }
            card.draw(&stroke(vec![at(x, y - 4.0), at(x + 24.0, y - 4.0)], look))?;
            card.text((x + 31.0, y), &name, &plain(12.0))?;
            x += 31.0 + text_width(&name, 12.0) + 20.0;
        }
        Ok(())
    }
}

/// The finite stretches of a line, and its marked point.
fn draw_line(chart: &mut Chart, line: &Line, look: usize) -> Drawn {
    for run in line.points.split(|place| !is_finite(place)) {
        match run {
            [] => {}
            [place] => _ = chart.draw_series([disc(*place, 3.0, label(look).0)])?,
            _ => _ = chart.draw_series([stroke(run.to_vec(), look)])?,
        }
    }
    if let Some(place) = line.marked() {
        chart.draw_series([disc(place, 5.0, label(look).0)])?;
    }
    Ok(())
}

impl RichDisplay for Lines {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        if self.points().next().is_none() {
            return Ok(MimeBundle::new(text));
        }
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(Lines);

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(name: &str, points: &[(f64, f64)]) -> Lines {
        let line = Line { name: name.into(), points: points.to_vec(), marked: Some(1) };
        let [title, x_label, y_label] = ["Criteria", "components", "nats"].map(str::to_owned);
        Lines { title, x_label, y_label, lines: vec![line] }
    }

    #[test]
    fn the_text_names_the_marked_point_and_the_drawing_has_it() {
        let lines = lines("AIC", &[(1.0, 9.0), (2.0, 4.0), (3.0, 5.0)]);
        let bundle = lines.mime_bundle().unwrap();
        assert!(bundle.text().ends_with("AIC        3   4.000    9.000      2.000        4.000"));
        let svg = bundle.svg().unwrap();
        assert!(svg.contains(">2</text>") && !svg.contains(">1.5</text>"), "{svg}");
        assert_eq!(bundle, lines.mime_bundle().unwrap());
    }

    #[test]
    fn gaps_and_missing_marks_are_left_out() {
        let lines = lines("a", &[(1.0, 2.0), (2.0, f64::NAN), (3.0, 1.0), (4.0, 1.5)]);
        let bundle = lines.mime_bundle().unwrap();
        assert!(!bundle.svg().unwrap().contains("NaN"));
        assert!(bundle.text().contains('-'));
    }

    #[test]
    fn nothing_to_draw_is_said_and_everything_is_escaped() {
        let none = lines("a", &[(1.0, f64::NAN)]).mime_bundle().unwrap();
        assert_eq!((none.text(), none.svg()), ("Criteria: nothing to draw", None));
        let nasty = "<script>&\"";
        let mut lines = lines(nasty, &[(1.0, 2.0), (2.0, 3.0)]);
        (lines.title, lines.x_label, lines.y_label) = (nasty.into(), nasty.into(), nasty.into());
        assert!(!lines.mime_bundle().unwrap().svg().unwrap().contains("<script>"));
    }
}
