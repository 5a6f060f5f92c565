//! Ratios with their intervals under each other.

use plotters::{
    element::IntoDynElement,
    prelude::{Color, PathElement},
};

use super::{
    Cell, MimeBundle, RichDisplay, Table,
    axis::Axis,
    card::{Card, Drawn, MARGIN, Styled, disc, plain, quiet, room_for_title},
    impl_evcxr_display,
    lines::dotted,
    palette::{AXIS, LABELS},
    plot::{Chart, Plot, mesh},
    svg::ink,
    text::{fitted, number, text_width, titled, typeset},
};
use crate::error::{Error, Result};

const WIDTH: f64 = 340.0;
const ROW: f64 = 26.0;
/// Names are cut at this width.
const NAMES: f64 = 220.0;
/// Ratios beyond this, or below its inverse, end the axis.
const FARTHEST: f64 = 1e3;

/// Ratios with their intervals on a logarithmic axis, around a line at 1: an SVG drawing, with a
/// table as the text form.
///
/// ```
/// use elbo::display::{Forest, ForestRow, RichDisplay};
///
/// let row = ForestRow { name: "age".into(), estimate: 1.4, interval: (1.1, 1.8) };
/// let forest = Forest { x_label: "hazard ratio".into(), rows: vec![row], ..Forest::default() };
/// assert!(forest.mime_bundle()?.text().contains("1.400"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    /// Stands above the drawing.
    pub title: String,
    /// What the ratios are; under the drawing.
    pub x_label: String,
    /// The confidence of the intervals.
    pub confidence: f64,
    /// From the top.
    pub rows: Vec<ForestRow>,
}

impl Default for Forest {
    fn default() -> Self {
        Self { title: String::new(), x_label: String::new(), confidence: 0.95, rows: Vec::new() }
    }
}

/// One ratio.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestRow {
    /// Such as the column of a regression.
    pub name: String,
    /// A positive number.
    pub estimate: f64,
    /// The ends of its interval.
    pub interval: (f64, f64),
}

impl ForestRow {
    fn written(&self) -> String {
        let [estimate, low, high] =
            [self.estimate, self.interval.0, self.interval.1].map(two_decimals);
        typeset(&format!("{estimate} ({low} to {high})"))
    }
}

/// Ratios are read with two decimals; only those near 0 and the very large need more or fewer.
fn two_decimals(value: f64) -> String {
    match value {
        value if !value.is_finite() => "∞".to_owned(),
        value if value > 0.0 && !(0.01..1e4).contains(&value) => format!("{value:.0e}"),
        value if value < 0.095 => format!("{value:.3}"),
        value => format!("{value:.2}"),
    }
}

impl Forest {
    fn text(&self) -> String {
        if self.rows.is_empty() {
            return titled(&self.title, "no ratios");
        }
        let percent = format!("{} % from", 100.0 * self.confidence);
        let mut table = Table::new(&self.title, ["", &*self.x_label, &*percent, "to"]);
        for row in &self.rows {
            let numbers = [row.estimate, row.interval.0, row.interval.1];
            let numbers = numbers.map(|value| Cell::Number(number(value)));
            table = table.row(std::iter::once(Cell::from(row.name.as_str())).chain(numbers));
        }
        table.to_text()
    }

    /// Logarithms of the ends of the axis, which contains 1 and all ends of intervals within reason.
    fn range(&self) -> (f64, f64) {
        let ends = self.rows.iter().flat_map(|row| [row.interval.0, row.interval.1, row.estimate]);
        let ends = ends.filter(|end| !end.is_nan()).map(|end| end.clamp(1.0 / FARTHEST, FARTHEST));
        let (low, high) = ends.fold((1.0f64, 1.0f64), |(l, h), end| (l.min(end), h.max(end)));
        let air = (0.06 * (high / low).ln()).max(0.05);
        (low.ln() - air, high.ln() + air)
    }

    fn draw(&self, summary: &str) -> Drawn<String> {
        let names = self.rows.iter().map(|row| fitted(&row.name, 13.0, NAMES));
        let names: Vec<String> = names.collect();
        let written: Vec<String> = self.rows.iter().map(ForestRow::written).collect();
        let widest =
            |texts: &[String]| texts.iter().map(|t| text_width(t, 13.0)).fold(0.0, f64::max);
        let left = MARGIN + widest(&names) + 16.0;
        let right = left + WIDTH;
        let values_end = right + 20.0 + widest(&written);
        let top = MARGIN + if self.title.is_empty() { 6.0 } else { 38.0 };
        let bottom = top + ROW * self.rows.len() as f64;
        let width = (values_end + MARGIN).max(room_for_title(&self.title));
        let card = Card::new((width, bottom + 58.0), &self.title, summary)?;
        let plot = Plot { left, top, right, bottom, beside: 0.0, below: 46.0 };
        let (low, high) = self.range();
        let rows = Axis::named((0.0, self.rows.len() as f64), Vec::new());
        let mut chart = plot.chart(&card, Axis::named((low, high), ticks(low, high)), rows)?;
        self.draw_axes(&mut chart)?;
        for (i, (row, (name, written))) in
            self.rows.iter().zip(names.iter().zip(&written)).enumerate()
        {
            let base = top + ROW * (i as f64 + 0.5) + 4.5;
            card.text((MARGIN, base), name, &plain(13.0))?;
            card.text((values_end, base), written, &plain(13.0).ending())?;
            let y = self.rows.len() as f64 - i as f64 - 0.5;
            draw_row(&mut chart, row, y, (low, high))?;
        }
        card.finish()
    }

    fn draw_axes(&self, chart: &mut Chart) -> Drawn {
        mesh(chart).disable_y_mesh().disable_y_axis().disable_x_axis().draw()?;
        let line = ink(AXIS).stroke_width(10);
        let mut base = mesh(chart);
        base.disable_mesh().disable_y_axis().axis_style(line).label_style(quiet());
        base.axis_desc_style(plain(13.0)).x_desc(fitted(&self.x_label, 13.0, WIDTH)).draw()?;
        let ends = chart.y_range();
        chart.draw_series([dotted(vec![(0.0, ends.start), (0.0, ends.end)])])?;
        Ok(())
    }
}

/// The interval as a line with ends where the axis does not cut it, and the estimate.
fn draw_row(chart: &mut Chart, row: &ForestRow, y: f64, (low, high): (f64, f64)) -> Drawn {
    let (from, to) = (row.interval.0.ln(), row.interval.1.ln());
    let colour = ink(LABELS[0]);
    if !from.is_nan() && !to.is_nan() {
        let (start, end) = (from.clamp(low, high), to.clamp(low, high));
        let line = PathElement::new(vec![(start, y), (end, y)], colour.stroke_width(20));
        chart.draw_series([line.into_dyn()])?;
        for (at, whole) in [(start, from >= low), (end, to <= high)] {
            if whole {
                let bar = vec![(at, y - 0.14), (at, y + 0.14)];
                chart.draw_series([PathElement::new(bar, colour.stroke_width(20)).into_dyn()])?;
            }
        }
    }
    let at = row.estimate.ln();
    if (low..=high).contains(&at) {
        chart.draw_series([disc((at, y), 5.0, LABELS[0])])?;
    }
    Ok(())
}

/// 1, 2 and 5 times powers of ten on a wide axis, more on a narrow one; at most about nine.
fn ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    const SETS: [&[f64]; 3] = [
        &[1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0],
        &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0],
        &[1.0, 2.0, 5.0],
    ];
    let within = |set: &[f64]| -> Vec<(f64, String)> {
        let powers = (low / 10f64.ln()).floor() as i32..=(high / 10f64.ln()).ceil() as i32;
        let values = powers.flat_map(|power| set.iter().map(move |value| (value, power)));
        let written = |(value, power): (&f64, i32)| {
            let (value, decimals) = (value * 10f64.powi(power), (1 - power).max(0) as usize);
            let text = format!("{value:.decimals$}");
            let text = if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.')
            } else {
                &text
            };
            (value.ln(), text.to_owned())
        };
        values.map(written).filter(|(at, _)| (low..=high).contains(at)).collect()
    };
    let mut sets = SETS.iter().map(|set| within(set));
    sets.find(|ticks| ticks.len() <= 9).unwrap_or_else(|| within(&[1.0]))
}

impl RichDisplay for Forest {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        if self.rows.is_empty() {
            return Ok(MimeBundle::new(text));
        }
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(Forest);

#[cfg(test)]
mod tests {
    use super::*;

    fn forest(name: &str, estimate: f64, interval: (f64, f64)) -> Forest {
        let rows = vec![ForestRow { name: name.into(), estimate, interval }];
        Forest { title: name.into(), rows, ..Forest::default() }
    }

    #[test]
    fn ticks_are_round_and_few() {
        let names = |low: f64, high: f64| -> Vec<String> {
            ticks(low.ln(), high.ln()).into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(names(0.45, 4.2), ["0.5", "0.7", "1", "1.5", "2", "3", "4"]);
        assert_eq!(names(0.04, 12.0), ["0.05", "0.1", "0.2", "0.5", "1", "2", "5", "10"]);
        for (low, high) in [(0.99, 1.01), (1e-3, 1e3), (0.8, 1.3)] {
            assert!(names(low, high).len() <= 9 && names(low, high).contains(&"1".to_owned()));
        }
    }

    #[test]
    fn infinite_intervals_are_cut_and_names_are_escaped() {
        let drawing = forest("<script>", 2.0, (0.0, f64::INFINITY)).mime_bundle().unwrap();
        let svg = drawing.svg().unwrap();
        assert!(!svg.contains("<script>") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let nothing = forest("a", f64::NAN, (f64::NAN, f64::NAN)).mime_bundle().unwrap();
        assert!(!nothing.svg().unwrap().contains("NaN ("));
    }
}
