//! What the colours mean, to the right of the map.

use std::collections::BTreeMap;

use super::{
    colouring::{Colouring, Group, SHADES, shade_colour},
    drawing::marks,
};
use crate::display::{
    axis::Axis,
    palette::INK,
    svg::{Anchor, Px, Style, Svg, fitted, text_width},
};

/// Height of an entry.
const LINE: f64 = 20.0;
/// Widest text of an entry.
const WIDEST: f64 = 160.0;
/// The size of the heading, as far as its width goes: bold type is wider.
const BOLD: f64 = 14.0;
/// Most columns of entries.
const COLUMNS: usize = 2;

/// The legend of a map.
pub(super) enum Legend<'a> {
    /// Nothing to explain.
    None,
    /// A mark and a text per label, in columns of `per_column`; `more` are left out.
    Labels { name: String, entries: Vec<(&'a Group, String)>, per_column: usize, more: usize },
    /// The scale of values.
    Scale { name: String, axis: Axis, height: f64 },
}

impl<'a> Legend<'a> {
    /// The legend for these groups beside a plot of this height.
    pub(super) fn new(colouring: &Colouring, groups: &'a [Group], height: f64) -> Self {
        match colouring {
            Colouring::Plain => Legend::None,
            Colouring::Labels { name, names, .. } => {
                let per_column = ((height - 2.0 * LINE) / LINE).max(1.0) as usize;
                let mut entries: Vec<_> =
                    groups.iter().filter_map(|group| entry(group, names)).collect();
                let more = entries.len().saturating_sub(COLUMNS * per_column);
                entries.truncate(COLUMNS * per_column);
                Legend::Labels { name: fitted(name, BOLD, WIDEST), entries, per_column, more }
            }
            Colouring::Values { name, .. } => {
                // Whole pixels per step, or the seams would show.
                let height = (height.min(224.0) / SHADES as f64).floor() * SHADES as f64;
                let range = colouring.range();
                let axis = Axis::around([range.0, range.1], (height, 0.0), 4).without_air(range);
                Legend::Scale { name: fitted(name, BOLD, WIDEST), axis, height }
            }
        }
    }

    /// The width it needs, with the space that separates it from the plot.
    pub(super) fn width(&self) -> f64 {
        match self {
            Legend::None => 6.0,
            Legend::Labels { name, entries, per_column, .. } => {
                let columns = entries.len().div_ceil(*per_column) as f64;
                let heading = text_width(name, BOLD);
                24.0 + heading.max(columns * Self::column(entries) - 16.0)
            }
            Legend::Scale { name, axis, .. } => {
                let texts = axis.ticks().into_iter().map(|(_, text)| text_width(&text, 12.0));
                24.0 + text_width(name, BOLD).max(22.0 + texts.fold(0.0, f64::max))
            }
        }
    }

    fn column(entries: &[(&Group, String)]) -> f64 {
        let widest = entries.iter().map(|(_, text)| text_width(text, 12.0)).fold(0.0, f64::max);
        18.0 + widest + 16.0
    }

    /// Draws it with its upper left corner at `(left, top)`.
    pub(super) fn draw(&self, svg: &mut Svg, (left, top): (f64, f64)) {
        let heading = Style::strong(13.0, Anchor::Start);
        match self {
            Legend::None => {}
            Legend::Labels { name, entries, per_column, more } => {
                svg.text(left, top + 10.0, name, heading);
                let width = Self::column(entries);
                for (i, (group, text)) in entries.iter().enumerate() {
                    let x = left + (i / per_column) as f64 * width;
                    let y = top + 14.0 + LINE * ((i % per_column) as f64 + 0.75);
                    marks(svg, group, std::iter::once((x + 5.0, y)), 5.0, 1.0);
                    svg.text(x + 18.0, y + 4.0, text, Style::quiet(Anchor::Start).fill(INK));
                }
                if *more > 0 {
                    let y = top + 14.0 + LINE * (*per_column as f64 + 0.75) + 4.0;
                    svg.text(left, y, &format!("and {more} more"), Style::quiet(Anchor::Start));
                }
            }
            Legend::Scale { name, axis, height } => {
                svg.text(left, top + 10.0, name, heading);
                scale(svg, (left, top + 26.0), axis, *height);
            }
        }
    }
}

/// A group with its label, and the label's name if it has one.
fn entry<'a>(group: &'a Group, names: &BTreeMap<i64, String>) -> Option<(&'a Group, String)> {
    let label = group.label?;
    let named = names.get(&label).map(|name| format!("{label}\u{2002}{name}"));
    Some((group, fitted(&named.unwrap_or_else(|| label.to_string()), 12.0, WIDEST)))
}

/// A bar of all colours from the lowest value at the bottom, with numbers to its right.
fn scale(svg: &mut Svg, (left, top): (f64, f64), axis: &Axis, height: f64) {
    let step = height / SHADES as f64;
    for shade in 0..SHADES {
        let y = top + height - (shade + 1) as f64 * step;
        let colour = shade_colour(shade);
        let d = format!("M{} {}h14v{}h-14z", Px(left), Px(y), Px(step));
        svg.path(&d, format_args!("fill=\"{colour}\""));
    }
    for (y, text) in axis.ticks() {
        svg.text(left + 22.0, top + y + 4.0, &text, Style::quiet(Anchor::Start));
    }
}
