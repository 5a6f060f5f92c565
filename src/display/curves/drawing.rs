//! Draws the panels.

use std::fmt::Write;

use super::{Curves, Panel, Series};
use crate::display::{
    axis::Axis,
    palette::{AXIS, INK, QUIET, Rgb, label},
    plot::{Plot, room_for_numbers},
    svg::{Anchor, MARGIN, Px, Style, Svg, fitted, room_for_title, text_width},
    text::{count, escape},
};

/// Panels beside each other, at most.
const PER_LINE: usize = 3;
/// Height of a plot, and what its heading and its axis add.
const HEIGHT: f64 = 190.0;
const ABOVE: f64 = 34.0;
const BELOW: f64 = 52.0;
/// Dashes of the lines: the second channel beside colour.
const DASHES: [&str; 4] = ["none", "6 3", "2 3", "9 3 2 3"];

impl Curves {
    /// The curves as SVG; `summary` is read out to those who cannot see them.
    pub(super) fn draw(&self, summary: &str) -> String {
        let per_line = self.panels.len().clamp(1, PER_LINE);
        let plot_width = [460.0, 320.0, 236.0][per_line - 1];
        let axes: Vec<Axis> = self.panels.iter().map(value_axis).collect();
        let numbers = axes.iter().map(room_for_numbers).fold(0.0, f64::max);
        let cell = (numbers + plot_width + 24.0, ABOVE + HEIGHT + BELOW);
        let lines = self.panels.len().div_ceil(per_line) as f64;
        let top = MARGIN + if self.title.is_empty() { 24.0 } else { 56.0 };
        let panels = 2.0 * MARGIN + per_line as f64 * cell.0 - 24.0 + 6.0;
        let width = panels.max(room_for_title(&self.title));
        let mut svg = Svg::card(width, top + lines * cell.1 + 6.0, &self.title, summary);
        svg.heading(&self.title);
        self.legend(&mut svg, top - 20.0, width - MARGIN);
        for (i, (panel, mut values)) in self.panels.iter().zip(axes).enumerate() {
            let left = MARGIN + (i % per_line) as f64 * cell.0 + numbers;
            let top = top + (i / per_line) as f64 * cell.1 + ABOVE;
            let plot = Plot { left, top, right: left + plot_width, bottom: top + HEIGHT };
            values.place((plot.bottom, plot.top));
            self.panel(&mut svg, panel, &plot, &values, left - numbers);
        }
        svg.finish()
    }

    /// One plot with its heading, which starts at `start`.
    fn panel(&self, svg: &mut Svg, panel: &Panel, plot: &Plot, values: &Axis, start: f64) {
        let y = plot.top - 17.0;
        let heading = heading(panel, plot.right - start);
        svg.markup(start, y, &heading, Style::strong(13.0, Anchor::Start));
        let epochs = Axis::epochs(self.epochs(), (plot.left, plot.right), 5);
        plot.base_line(svg);
        plot.ticks(svg, &epochs);
        let middle = (plot.left + plot.right) / 2.0;
        svg.text(middle, plot.bottom + 36.0, "epoch", Style::quiet(Anchor::Middle));
        if panel.range().is_none() {
            return plot.remark(svg, "no finite values");
        }
        plot.rows(svg, values);
        if let Some(best) = self.marked() {
            let x = epochs.at(best as f64).round() + 0.5;
            let d = format!("M{} {}V{}", Px(x), Px(plot.top), Px(plot.bottom));
            svg.path(&d, format_args!("stroke=\"{QUIET}\" stroke-dasharray=\"2 3\""));
        }
        let names = self.names();
        for series in &panel.series {
            let look = names.iter().position(|&name| name == series.name).unwrap_or(0);
            line(svg, series, &epochs, values, look);
            if let Some((best, value)) = self.marked().and_then(|b| Some((b, series.at(b)?))) {
                svg.disc((epochs.at(best as f64), values.at(value)), 4.0, label(look).0);
            }
        }
    }

    /// Samples of all lines with their names, in one line of text that ends at `right`.
    fn legend(&self, svg: &mut Svg, y: f64, right: f64) {
        let mut x = MARGIN;
        for (look, name) in self.names().into_iter().enumerate() {
            let name = fitted(name, 12.0, right - x - 40.0);
            if name.is_empty() || right - x < 60.0 {
                return;
            }
            let d = format!("M{} {}h24", Px(x), Px(y - 4.0));
            stroke(svg, &d, label(look).0, DASHES[look % DASHES.len()]);
            svg.text(x + 31.0, y, &name, Style::quiet(Anchor::Start).fill(INK));
            x += 31.0 + text_width(&name, 12.0) + 20.0;
        }
        if let Some(best) = self.marked().filter(|_| right - x > 120.0) {
            let d = format!("M{} {}v14", Px(x.round() + 0.5), Px(y - 11.0));
            svg.path(&d, format_args!("stroke=\"{QUIET}\" stroke-dasharray=\"2 3\""));
            svg.disc((x.round() + 0.5, y - 4.0), 4.0, AXIS);
            let name = format!("best epoch {}", count(best));
            svg.text(x + 12.0, y, &name, Style::quiet(Anchor::Start).fill(INK));
        }
    }
}

fn value_axis(panel: &Panel) -> Axis {
    let (low, high) = panel.range().unwrap_or((0.0, 1.0));
    Axis::around([low, high], (0.0, 1.0), 5)
}

/// The name of a panel, with its unit in lighter type, at most `width` pixels wide.
fn heading(panel: &Panel, width: f64) -> String {
    // Bold type is a little wider.
    let name = fitted(&panel.name, 14.0, width);
    let unit = fitted(&panel.unit, 12.0, width - text_width(&name, 14.0) - 6.0);
    format!(
        "{}<tspan dx=\"6\" font-weight=\"400\" font-size=\"12\" fill=\"{QUIET}\">{}</tspan>",
        escape(&name),
        escape(&unit),
    )
}

/// A line through the finite values, with a gap where there are none. A value without neighbours,
/// such as that of the only epoch, is a point.
fn line(svg: &mut Svg, series: &Series, epochs: &Axis, values: &Axis, look: usize) {
    let colour = label(look).0;
    let mut d = String::new();
    for epoch in 1..=series.values.len() {
        let Some(value) = series.at(epoch) else { continue };
        let (x, y) = (epochs.at(epoch as f64), values.at(value));
        let [before, after] = [series.at(epoch - 1), series.at(epoch + 1)].map(|v| v.is_some());
        if !before && !after {
            svg.disc((x, y), 4.0, colour);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(d, "{}{} {}", if before { 'L' } else { 'M' }, Px(x), Px(y));
        }
    }
    if !d.is_empty() {
        stroke(svg, &d, colour, DASHES[look % DASHES.len()]);
    }
}

fn stroke(svg: &mut Svg, d: &str, colour: Rgb, dashes: &str) {
    svg.path(
        d,
        format_args!(
            "fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\" \
             stroke-dasharray=\"{dashes}\""
        ),
    );
}
