//! Lines and points over two numbers.

use plotters::{
    element::IntoDynElement,
    prelude::{Color, PathElement},
};

use super::{
    Cell, MimeBundle, RichDisplay, Table,
    axis::{Axis, extent, round_step},
    card::{Card, Drawn, MARGIN, disc, plain, room_for_title},
    impl_evcxr_display,
    lines::{dotted, legend, stroke},
    palette::label,
    plot::{Chart, Plot, rows_on_base},
    svg::ink,
    text::{fitted, titled},
};
use crate::error::{Error, Result};

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 280.0;

/// Lines through points, with intervals where there are any: an SVG drawing, with the points as a
/// table in the text form.
///
/// ```
/// use elbo::display::{LineChart, LineSeries, RichDisplay};
///
/// let series = LineSeries {
///     name: "Cox".into(),
///     points: vec![(1.0, 0.11), (2.0, 0.16)],
///     ..LineSeries::default()
/// };
/// let chart = LineChart {
///     x_label: "time (years)".into(),
///     y_label: "Brier score".into(),
///     series: vec![series],
///     ..LineChart::default()
/// };
/// assert!(chart.mime_bundle()?.text().contains("0.1600"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineChart {
    /// Stands above the drawing.
    pub title: String,
    /// Under the drawing.
    pub x_label: String,
    /// To the left of the drawing.
    pub y_label: String,
    /// One colour each.
    pub series: Vec<LineSeries>,
    /// Whether the line of equal x and y is drawn.
    pub diagonal: bool,
    /// The ends of the axis; those of the points unless set.
    pub x_range: Option<(f64, f64)>,
    /// The ends of the axis; those of the points and intervals unless set.
    pub y_range: Option<(f64, f64)>,
}

/// The points of one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineSeries {
    /// Such as a model.
    pub name: String,
    /// From left to right. Points that are not finite leave a gap.
    pub points: Vec<(f64, f64)>,
    /// The ends of the interval of each point; empty without any.
    pub intervals: Vec<(f64, f64)>,
    /// Whether points are marked.
    pub markers: bool,
    /// The index of a point that stands out, such as the lowest.
    pub highlight: Option<usize>,
}

impl LineChart {
    fn points(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.series.iter().flat_map(|series| series.points.iter().copied())
    }

    fn text(&self) -> String {
        if self.points().next().is_none() {
            return titled(&self.title, "no points");
        }
        let mut table = Table::new(&self.title, ["series", &*self.x_label, &*self.y_label, ""]);
        for series in &self.series {
            for (index, &(x, y)) in series.points.iter().enumerate() {
                let note = if series.highlight == Some(index) { "highlighted" } else { "" };
                let name = series.name.as_str();
                table = table.row([name.into(), Cell::from(x), Cell::from(y), note.into()]);
            }
        }
        table.to_text()
    }

    fn axes(&self) -> (Axis, Axis) {
        let ends = self.series.iter().flat_map(|series| &series.intervals);
        let ys = self.points().map(|(_, y)| y).chain(ends.flat_map(|&(low, high)| [low, high]));
        let y = match self.y_range {
            Some(range) => Axis::exactly(range, 7),
            None => Axis::around(ys),
        };
        let range = self.x_range.or_else(|| extent(self.points().map(|(x, _)| x)));
        (self.x_axis(range.unwrap_or((0.0, 1.0))), y)
    }

    /// Whole numbers, such as of components, have whole ticks.
    fn x_axis(&self, range: (f64, f64)) -> Axis {
        let is_whole = self.points().all(|(x, _)| x.fract() == 0.0);
        let step = round_step(range, 9);
        Axis::with_step(range, if is_whole { step.max(1.0) } else { step })
    }

    fn draw(&self, summary: &str) -> Drawn<String> {
        let (x, y) = self.axes();
        let named = self.series.iter().any(|series| !series.name.is_empty());
        let top = MARGIN + if self.title.is_empty() { 4.0 } else { 34.0 };
        let plot_top = top + if named { 30.0 } else { 6.0 };
        let beside = 26.0 + y.room();
        let left = MARGIN + beside;
        let right = left + WIDTH.max(room_for_title(&self.title) - left - MARGIN);
        let plot =
            Plot { left, top: plot_top, right, bottom: plot_top + HEIGHT, beside, below: 46.0 };
        let size = (right + MARGIN + 8.0, plot.bottom + plot.below + 10.0);
        let card = Card::new(size, &self.title, summary)?;
        if named {
            legend(&card, self.series.iter().map(|series| &*series.name), top + 10.0, right)?;
        }
        let mut chart = plot.chart(&card, x, y)?;
        let x_label = fitted(&self.x_label, 13.0, right - left);
        let y_label = fitted(&self.y_label, 13.0, HEIGHT);
        rows_on_base(&mut chart, (&x_label, &y_label), plain(13.0))?;
        if self.diagonal {
            let (x, y) = (chart.x_range(), chart.y_range());
            let ends = (x.start.max(y.start), x.end.min(y.end));
            chart.draw_series([dotted(vec![(ends.0, ends.0), (ends.1, ends.1)])])?;
        }
        for (look, series) in self.series.iter().enumerate() {
            series.draw(&mut chart, look)?;
        }
        card.finish()
    }
}

impl LineSeries {
    fn draw(&self, chart: &mut Chart, look: usize) -> Drawn {
        let colour = label(look).0;
        for (&(x, y), &(low, high)) in self.points.iter().zip(&self.intervals) {
            if [x, y, low, high].iter().all(|value| value.is_finite()) {
                let line =
                    PathElement::new(vec![(x, low), (x, high)], ink(colour).stroke_width(15));
                chart.draw_series([line.into_dyn()])?;
            }
        }
        let finite = |point: &(f64, f64)| point.0.is_finite() && point.1.is_finite();
        for run in self.points.split(|point| !finite(point)) {
            if run.len() > 1 {
                chart.draw_series([stroke(run.to_vec(), look)])?;
            }
            if self.markers || run.len() == 1 {
                chart.draw_series(run.iter().map(|&point| disc(point, 4.0, colour)))?;
            }
        }
        let highlighted = self.highlight.and_then(|index| self.points.get(index)).copied();
        chart.draw_series(highlighted.filter(finite).map(|point| disc(point, 6.0, colour)))?;
        Ok(())
    }
}

impl RichDisplay for LineChart {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        if self.points().next().is_none() {
            return Ok(MimeBundle::new(text));
        }
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(LineChart);

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(name: &str, points: Vec<(f64, f64)>) -> LineChart {
        let intervals = points.iter().map(|&(_, y)| (y - 0.1, y + 0.1)).collect();
        let name = name.to_owned();
        let series = LineSeries { name, points, intervals, markers: true, highlight: Some(1) };
        let title = series.name.clone();
        LineChart { title, series: vec![series], ..LineChart::default() }
    }

    #[test]
    fn points_that_are_not_finite_leave_a_gap() {
        let chart = chart("a", vec![(0.0, 1.0), (1.0, f64::NAN), (2.0, 2.0), (3.0, 2.5)]);
        let svg = chart.mime_bundle().unwrap().svg().unwrap().to_owned();
        assert!(!svg.contains("NaN") && !svg.contains("\"inf"), "{svg}");
    }

    #[test]
    fn whole_numbers_have_whole_ticks_and_the_highlighted_point_is_named() {
        let drawing = chart("AIC", vec![(1.0, 9.0), (2.0, 4.0), (3.0, 5.0)]).mime_bundle().unwrap();
        let svg = drawing.svg().unwrap();
        assert!(svg.contains(">2</text>") && !svg.contains(">1.5</text>"), "{svg}");
        let marked: Vec<_> =
            drawing.text().lines().filter(|line| line.contains("highlighted")).collect();
        assert!(marked.len() == 1 && marked[0].contains("4.0"), "{marked:?}");
    }

    #[test]
    fn names_are_escaped_and_no_points_have_a_clear_text() {
        let drawing = chart("<script>", vec![(0.0, 1.0)]).mime_bundle().unwrap();
        assert!(!drawing.svg().unwrap().contains("<script>"));
        assert_eq!(LineChart::default().mime_bundle().unwrap().text(), "no points");
    }
}
