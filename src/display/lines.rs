//! Lines that are told apart by colour and dashes, and the legend that names them.

use plotters::{
    element::{DashedPathElement, IntoDynElement},
    prelude::{Color, PathElement},
};

use super::{
    card::{Card, Drawn, Element, MARGIN, plain},
    palette::{QUIET, label},
    svg::ink,
    text::{fitted, text_width},
    units::units,
};

/// Dashes of the lines and the gaps between them, in pixels: the second channel beside colour.
const DASHES: [(f64, f64); 4] = [(f64::INFINITY, 0.0), (6.0, 3.0), (2.0, 3.0), (12.0, 4.0)];

/// A line that looks like no other.
pub(super) fn stroke<C: Clone + 'static>(places: Vec<C>, look: usize) -> Element<C> {
    let ink = ink(label(look).0).stroke_width(20);
    match DASHES[look % DASHES.len()] {
        (_, 0.0) => PathElement::new(places, ink).into_dyn(),
        (dash, gap) => DashedPathElement::new(places, units(dash), units(gap), ink).into_dyn(),
    }
}

/// A thin dotted line.
pub(super) fn dotted<C: Clone + 'static>(places: Vec<C>) -> Element<C> {
    DashedPathElement::new(places, 20, 30, ink(QUIET).stroke_width(10)).into_dyn()
}

/// Samples of lines with their names, in one line of text that ends at `right` at the latest. Returns
/// where it ends.
pub(super) fn legend<'a>(
    card: &Card,
    names: impl IntoIterator<Item = &'a str>,
    y: f64,
    right: f64,
) -> Drawn<f64> {
    let mut x = MARGIN;
    let at = |x: f64, y: f64| (units(x), units(y));
    for (look, name) in names.into_iter().enumerate() {
        let name = fitted(name, 12.0, right - x - 40.0);
        if name.is_empty() || right - x < 60.0 {
            return Ok(right);
        }
        card.draw(&stroke(vec![at(x, y - 4.0), at(x + 24.0, y - 4.0)], look))?;
        card.text((x + 31.0, y), &name, &plain(12.0))?;
        x += 31.0 + text_width(&name, 12.0) + 20.0;
    }
    Ok(x)
}
