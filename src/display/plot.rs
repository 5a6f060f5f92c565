//! The area of a plot inside a card: grid, ticks and their numbers.

use plotters::{
    chart::{ChartContext, MeshStyle},
    coord::cartesian::Cartesian2d,
    prelude::*,
};

use super::{
    axis::{Axis, PAD},
    card::{Card, Drawn, Styled, quiet},
    palette::{AXIS, GRID},
    svg::{Svg, ink},
    units::units,
};

/// A plot with its axes.
pub(super) type Chart<'a> = ChartContext<'a, Svg, Cartesian2d<Axis, Axis>>;

/// The edges of a plot, in pixels of its card, with the room for numbers and names.
#[derive(Clone, Copy)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
    /// Room to the left.
    pub(super) beside: f64,
    /// Room under the plot.
    pub(super) below: f64,
}

impl Plot {
    /// The plot on its card.
    pub(super) fn chart<'a>(&self, card: &Card, x: Axis, y: Axis) -> Drawn<Chart<'a>> {
        let size = (self.right - self.left, self.bottom - self.top);
        let whole = (size.0 + self.beside, size.1 + self.below);
        ChartBuilder::on(&card.part((self.left - self.beside, self.top), whole))
            .y_label_area_size(units(self.beside))
            .x_label_area_size(units(self.below))
            .build_cartesian_2d(x, y)
    }

    /// A remark in the middle, where there is nothing to draw.
    pub(super) fn remark(&self, card: &Card, text: &str) -> Drawn {
        let middle = ((self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0);
        card.text(middle, text, &quiet().centred())
    }
}

/// Grid lines and numbers, without lines along the plot.
pub(super) fn mesh<'a, 'b>(chart: &'b mut Chart<'a>) -> MeshStyle<'a, 'b, Axis, Axis, Svg> {
    let mut mesh = chart.configure_mesh();
    mesh.bold_line_style(ink(GRID).stroke_width(10))
        .axis_style(TRANSPARENT)
        .label_style(quiet())
        // The numbers are twice as far away as the ticks are long.
        .set_all_tick_mark_size(units(PAD / 2.0));
    mesh
}

/// Level grid lines with their numbers, and the line on which the plot stands with its ticks. `names`
/// say what the two axes show.
pub(super) fn rows_on_base(
    chart: &mut Chart,
    names: (&str, &str),
    style: TextStyle<'static>,
) -> Drawn {
    let (x, y) = names;
    let (desc, line) = (style.clone(), ink(AXIS).stroke_width(10));
    mesh(chart).disable_x_mesh().disable_x_axis().axis_desc_style(desc).y_desc(y).draw()?;
    let mut base = mesh(chart);
    base.disable_mesh().disable_y_axis().axis_style(line).axis_desc_style(style).x_desc(x).draw()
}
