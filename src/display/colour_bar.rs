//! What the colours of values mean.

use plotters::{chart::ChartBuilder, coord::ranged1d::Ranged, element::Rectangle, style::Color};

use super::{
    axis::Axis,
    card::{Card, Drawn},
    palette::Rgb,
    plot::mesh,
    svg::ink,
    units::units,
};

/// How wide the bar is, without its numbers.
pub(super) const BAR: f64 = 14.0;

/// A bar of colours from the lowest value at the bottom, with numbers to its right.
pub(super) fn colour_bar(
    card: &Card,
    corner: (f64, f64),
    (axis, height): (&Axis, f64),
    colours: &[Rgb],
) -> Drawn {
    // Whole pixels: the colours lie on each other, and a shared edge inside a pixel would shine through.
    let room = axis.room().ceil();
    let mut chart = ChartBuilder::on(&card.part(corner, (BAR + room, height)))
        .right_y_label_area_size(units(room))
        .build_cartesian_2d(Axis::named((0.0, 1.0), Vec::new()), axis.clone())?;
    let (low, high) = (axis.range().start, axis.range().end);
    let start = |i: usize| low + (high - low) * i as f64 / colours.len() as f64;
    // Each colour reaches to the top and the next covers it: side by side they would show seams.
    chart.draw_series(colours.iter().enumerate().map(|(i, &colour)| {
        Rectangle::new([(0.0, high), (1.0, start(i))], ink(colour).filled())
    }))?;
    mesh(&mut chart).disable_mesh().draw()
}
