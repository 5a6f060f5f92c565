//! Draws the curves.

use plotters::prelude::{Color, EmptyElement, IntoDynElement, PathElement, Polygon};

use super::{NumbersBelow, SurvivalCurve, SurvivalCurves, TICKS};
use crate::display::{
    axis::{Axis, round_step},
    card::{Card, Drawn, MARGIN, Styled, plain, quiet, room_for_title},
    lines::{legend, stroke},
    palette::label,
    plot::{Chart, Plot, rows_on_base},
    svg::ink,
    text::{count, fitted, text_width},
    units::units,
};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 280.0;
/// A row of numbers under the plot.
const ROW: f64 = 17.0;
/// Opacity of bands.
const FAINT: f64 = 0.14;
/// Marks of censorings that would lie closer together, as a share of the axis, are one.
const APART: f64 = 1.0 / 120.0;

impl SurvivalCurves {
    /// The curves as SVG; `summary` is read out to those who cannot see them.
    pub(super) fn draw(&self, summary: &str) -> Drawn<String> {
        let named = self.curves.iter().any(|curve| !curve.name.is_empty());
        let top = MARGIN + if self.title.is_empty() { 4.0 } else { 34.0 };
        let plot_top = top + if named { 28.0 } else { 6.0 };
        let values = Axis::with_step((0.0, 1.0), 0.2);
        let names = self.below.iter().flat_map(|_| &self.curves).map(|curve| &curve.name);
        let names = names.map(|name| text_width(&fitted(name, 12.0, 150.0), 12.0) + 40.0);
        let beside = (26.0 + values.room()).max(names.fold(0.0, f64::max));
        let left = MARGIN + beside;
        let width = WIDTH.max(room_for_title(&self.title) - left - MARGIN);
        let plot = Plot {
            left,
            top: plot_top,
            right: left + width,
            bottom: plot_top + HEIGHT,
            beside,
            below: 44.0,
        };
        let rows = self.below.as_ref().map_or(0.0, |below| 24.0 + ROW * below.rows.len() as f64);
        let size = (plot.right + MARGIN + 8.0, plot.bottom + plot.below + 10.0 + rows);
        let card = Card::new(size, &self.title, summary)?;
        if named {
            let names = self.curves.iter().map(|curve| curve.name.as_str());
            legend(&card, names, top + 10.0, plot.right)?;
        }
        self.plot(&card, &plot, values)?;
        if let Some(below) = &self.below {
            self.numbers(&card, &plot, below)?;
        }
        card.finish()
    }

    fn end(&self) -> f64 {
        if self.end > 0.0 && self.end.is_finite() { self.end } else { 1.0 }
    }

    fn plot(&self, card: &Card, plot: &Plot, values: Axis) -> Drawn {
        let end = self.end();
        let time = Axis::with_step((0.0, end), round_step((0.0, end), TICKS));
        let mut chart = plot.chart(card, time, values)?;
        let x_label = fitted(&self.x_label, 13.0, plot.right - plot.left);
        let y_label = fitted(&self.y_label, 13.0, HEIGHT);
        rows_on_base(&mut chart, (&x_label, &y_label), plain(13.0))?;
        // All bands lie under all lines.
        for (look, curve) in self.curves.iter().enumerate() {
            curve.draw_band(&mut chart, look, end)?;
        }
        for (look, curve) in self.curves.iter().enumerate() {
            let values = curve.survival.iter().copied();
            chart.draw_series([stroke(curve.path(values, end), look)])?;
            curve.draw_censored(&mut chart, look, end)?;
        }
        Ok(())
    }

    /// The numbers of each curve, under the times that they belong to.
    fn numbers(&self, card: &Card, plot: &Plot, below: &NumbersBelow) -> Drawn {
        let mut y = plot.bottom + plot.below + 16.0;
        let caption = fitted(&below.caption, 12.0, plot.right - MARGIN);
        card.text((MARGIN, y), &caption, &quiet())?;
        for (look, numbers) in below.rows.iter().enumerate() {
            y += ROW;
            let name = self.curves.get(look).map_or("", |curve| curve.name.as_str());
            if !name.is_empty() {
                let from = |x: f64| (units(x), units(y - 4.0));
                card.draw(&stroke(vec![from(MARGIN), from(MARGIN + 8.0)], look))?;
                card.text((MARGIN + 13.0, y), &fitted(name, 12.0, 150.0), &plain(12.0))?;
            }
            for (time, number) in below.times.iter().zip(numbers) {
                let share = time / self.end();
                if (0.0..=1.0).contains(&share) && number.is_finite() {
                    let x = plot.left + share * (plot.right - plot.left);
                    let text = count(number.max(0.0).round() as usize);
                    card.text((x, y), &text, &plain(12.0).centred())?;
                }
            }
        }
        Ok(())
    }
}

impl SurvivalCurve {
    /// From (0, 1) through the values until `end`, as steps unless the curve is smooth. Values that
    /// are not finite end it.
    fn path(&self, values: impl Iterator<Item = f64>, end: f64) -> Vec<(f64, f64)> {
        let (mut path, mut last) = (vec![(0.0, 1.0)], 1.0);
        for (&time, value) in self.times.iter().zip(values) {
            if time > end || !value.is_finite() {
                break;
            }
            if value != last || self.smooth {
                if !self.smooth {
                    path.push((time, last));
                }
                path.push((time, value));
                last = value;
            }
        }
        if let (false, Some(&after)) = (self.smooth, self.times.last()) {
            path.push((after.min(end), last));
        }
        path
    }

    fn draw_band(&self, chart: &mut Chart, look: usize, end: f64) -> Drawn {
        if self.band.is_empty() {
            return Ok(());
        }
        let known = self.band.iter().take_while(|(low, high)| low.is_finite() && high.is_finite());
        let known = known.count();
        let kept = Self {
            times: self.times[..known.min(self.times.len())].to_vec(),
            ..Self { smooth: self.smooth, ..Self::default() }
        };
        let mut corners = kept.path(self.band.iter().map(|ends| ends.1), end);
        let lower = kept.path(self.band.iter().map(|ends| ends.0), end);
        corners.extend(lower.into_iter().rev());
        let ink = ink(label(look).0).mix(FAINT).filled();
        chart.draw_series([Polygon::new(corners, ink).into_dyn()])?;
        Ok(())
    }

    fn draw_censored(&self, chart: &mut Chart, look: usize, end: f64) -> Drawn {
        let ink = ink(label(look).0).stroke_width(12);
        let mut last = f64::NEG_INFINITY;
        for &time in self.censored.iter().filter(|&&time| time <= end) {
            if time - last < APART * end {
                continue;
            }
            last = time;
            let mark = PathElement::new(vec![(0, units(-3.5)), (0, units(3.5))], ink);
            chart.draw_series([EmptyElement::at((time, self.at(time))) + mark])?;
        }
        Ok(())
    }
}
