//! The area of a plot inside a card: grid, ticks and their numbers.

use super::{
    axis::Axis,
    svg::{Anchor, Style, Svg, text_width},
};

/// Pixels between the plot and the numbers of its ticks.
const PAD: f64 = 8.0;

/// The edges of a plot, in pixels of its card.
#[derive(Clone, Copy)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Plot {
    /// Horizontal grid lines, with numbers to the left of the plot.
    pub(super) fn rows(&self, svg: &mut Svg, axis: &Axis) {
        for (y, name) in axis.ticks() {
            svg.rule((self.left, y.round() + 0.5), (self.right, y.round() + 0.5), false);
            svg.text(self.left - PAD, y + 4.0, &name, Style::quiet(Anchor::End));
        }
    }

    /// Vertical grid lines, with numbers under the plot.
    pub(super) fn columns(&self, svg: &mut Svg, axis: &Axis) {
        for (x, name) in axis.ticks() {
            svg.rule((x.round() + 0.5, self.top), (x.round() + 0.5, self.bottom), false);
            self.number_under(svg, x, &name);
        }
    }

    /// Short ticks under the base line, with numbers.
    pub(super) fn ticks(&self, svg: &mut Svg, axis: &Axis) {
        for (x, name) in axis.ticks() {
            let x_line = x.round() + 0.5;
            svg.rule((x_line, self.bottom), (x_line, self.bottom + 4.0), true);
            self.number_under(svg, x, &name);
        }
    }

    /// A number, or a word, under the plot.
    pub(super) fn number_under(&self, svg: &mut Svg, x: f64, name: &str) {
        svg.text(x, self.bottom + 18.0, name, Style::quiet(Anchor::Middle));
    }

    /// The line on which the plot stands.
    pub(super) fn base_line(&self, svg: &mut Svg) {
        let y = self.bottom.round() + 0.5;
        svg.rule((self.left, y), (self.right, y), true);
    }

    /// A remark in the middle, where there is nothing to draw.
    pub(super) fn remark(&self, svg: &mut Svg, text: &str) {
        let (x, y) = ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0);
        svg.text(x, y, text, Style::quiet(Anchor::Middle));
    }
}

/// The room that the numbers of an axis need to the left of a plot.
pub(super) fn room_for_numbers(axis: &Axis) -> f64 {
    axis.ticks().iter().map(|(_, name)| text_width(name, 12.0)).fold(0.0, f64::max) + PAD
}
