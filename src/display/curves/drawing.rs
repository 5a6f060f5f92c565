//! Draws the panels.

use super::{Curves, Panel, Series};
use crate::display::{
    axis::Axis,
    card::{Card, Drawn, MARGIN, Styled, disc, plain, quiet, room_for_title, strong},
    lines::{dotted, legend, stroke},
    palette::{AXIS, label},
    plot::{Chart, Plot, rows_on_base},
    text::{count, fitted, text_width},
    units::units,
};

/// Panels beside each other, at most.
const PER_LINE: usize = 3;
/// Height of a plot, and what its heading and its axis add.
const HEIGHT: f64 = 190.0;
const ABOVE: f64 = 34.0;
const BELOW: f64 = 52.0;

impl Curves {
    /// The curves as SVG; `summary` is read out to those who cannot see them.
    pub(super) fn draw(&self, summary: &str) -> Drawn<String> {
        let per_line = self.panels.len().clamp(1, PER_LINE);
        let plot_width = [460.0, 320.0, 236.0][per_line - 1];
        let axes: Vec<Axis> = self.panels.iter().map(value_axis).collect();
        let beside = axes.iter().map(Axis::room).fold(0.0, f64::max);
        let cell = (beside + plot_width + 24.0, ABOVE + HEIGHT + BELOW);
        let lines = self.panels.len().div_ceil(per_line) as f64;
        let top = MARGIN + if self.title.is_empty() { 24.0 } else { 56.0 };
        let panels = 2.0 * MARGIN + per_line as f64 * cell.0 - 24.0 + 6.0;
        let width = panels.max(room_for_title(&self.title));
        let card = Card::new((width, top + lines * cell.1 + 6.0), &self.title, summary)?;
        self.legend(&card, top - 20.0, width - MARGIN)?;
        for (i, (panel, values)) in self.panels.iter().zip(axes).enumerate() {
            let left = MARGIN + (i % per_line) as f64 * cell.0 + beside;
            let top = top + (i / per_line) as f64 * cell.1 + ABOVE;
            let (right, bottom) = (left + plot_width, top + HEIGHT);
            let plot = Plot { left, top, right, bottom, beside, below: 36.0 };
            self.panel(&card, panel, &plot, values)?;
        }
        card.finish()
    }

    /// One plot with its heading.
    fn panel(&self, card: &Card, panel: &Panel, plot: &Plot, values: Axis) -> Drawn {
        heading(card, panel, plot)?;
        let empty = panel.range().is_none();
        let values = if empty { Axis::named((0.0, 1.0), Vec::new()) } else { values };
        let mut chart = plot.chart(card, Axis::epochs(self.epochs()), values)?;
        rows_on_base(&mut chart, (self.round.name(), ""), quiet())?;
        if empty {
            return plot.remark(card, "no finite values");
        }
        if let Some(best) = self.marked() {
            let (x, ends) = (best as f64, chart.y_range());
            chart.draw_series([dotted(vec![(x, ends.end), (x, ends.start)])])?;
        }
        let names = self.names();
        for series in &panel.series {
            let look = names.iter().position(|&name| name == series.name).unwrap_or(0);
            line(&mut chart, series, look)?;
            if let Some((best, value)) = self.marked().and_then(|b| Some((b, series.at(b)?))) {
                chart.draw_series([disc((best as f64, value), 4.0, label(look).0)])?;
            }
        }
        Ok(())
    }

    /// Samples of all lines with their names, in one line of text that ends at `right`.
    fn legend(&self, card: &Card, y: f64, right: f64) -> Drawn {
        let x = legend(card, self.names(), y, right)?;
        let at = |x: f64, y: f64| (units(x), units(y));
        if let Some(best) = self.marked().filter(|_| right - x > 120.0) {
            let x = x.round() + 0.5;
            card.draw(&dotted(vec![at(x, y - 11.0), at(x, y + 3.0)]))?;
            card.draw(&disc(at(x, y - 4.0), 4.0, AXIS))?;
            let name = format!("best {} {}", self.round.name(), count(best));
            card.text((x + 11.5, y), &name, &plain(12.0))?;
        }
        Ok(())
    }
}

fn value_axis(panel: &Panel) -> Axis {
    let (low, high) = panel.range().unwrap_or((0.0, 1.0));
    Axis::around([low, high])
}

/// The name of a panel to the left above its plot, and its unit to the right.
fn heading(card: &Card, panel: &Panel, plot: &Plot) -> Drawn {
    let (start, y) = (plot.left - plot.beside, plot.top - 17.0);
    let width = plot.right - start;
    // Bold type is a little wider.
    let name = fitted(&panel.name, 14.0, width);
    let unit = fitted(&panel.unit, 12.0, width - text_width(&name, 14.0) - 6.0);
    card.text((start, y), &name, &strong(13.0))?;
    card.text((plot.right, y), &unit, &quiet().ending())
}

/// A line through the finite values, with a gap where there are none. A value without neighbours,
/// such as that of the only epoch, is a point.
fn line(chart: &mut Chart, series: &Series, look: usize) -> Drawn {
    let places = (1..=series.values.len()).map(|epoch| Some((epoch as f64, series.at(epoch)?)));
    let places: Vec<Option<(f64, f64)>> = places.collect();
    for run in places.split(Option::is_none) {
        let run: Vec<(f64, f64)> = run.iter().copied().flatten().collect();
        match run[..] {
            [] => {}
            [place] => _ = chart.draw_series([disc(place, 4.0, label(look).0)])?,
            _ => _ = chart.draw_series([stroke(run, look)])?,
        }
    }
    Ok(())
}
