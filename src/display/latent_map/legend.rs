//! What the colours mean, to the right of the map.

use std::collections::BTreeMap;

use super::{
    colouring::{Colouring, Group, SHADES, shade_colour},
    drawing::mark,
};
use crate::display::{
    axis::Axis,
    card::{Card, Drawn, plain, quiet, strong},
    colour_bar::{BAR, colour_bar},
    palette::Rgb,
    text::{fitted, text_width},
    units::units,
};

/// Height of an entry.
const LINE: f64 = 20.0;
/// Widest text of an entry.
const WIDEST: f64 = 160.0;
/// The size of the heading, as far as its width goes: bold type is wider.
const BOLD: f64 = 14.0;
/// The highest scale.
const HIGHEST: f64 = 224.0;
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
                let axis = Axis::exactly(colouring.range(), 6);
                let height = height.min(HIGHEST);
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
                24.0 + text_width(name, BOLD).max(BAR + axis.room())
            }
        }
    }

    fn column(entries: &[(&Group, String)]) -> f64 {
        let widest = entries.iter().map(|(_, text)| text_width(text, 12.0)).fold(0.0, f64::max);
        18.0 + widest + 16.0
    }

    /// Draws it with its upper left corner at `(left, top)`.
    pub(super) fn draw(&self, card: &Card, (left, top): (f64, f64)) -> Drawn {
        let head = |name| card.text((left, top + 10.0), name, &strong(13.0));
        match self {
            Legend::None => Ok(()),
            Legend::Labels { name, entries, per_column, more } => {
                head(name)?;
                let width = Self::column(entries);
                for (i, (group, text)) in entries.iter().enumerate() {
                    let x = left + (i / per_column) as f64 * width;
                    let y = top + 14.0 + LINE * ((i % per_column) as f64 + 0.75);
                    card.draw(&mark((units(x + 5.0), units(y)), group, 5.0, 1.0))?;
                    card.text((x + 18.0, y + 4.0), text, &plain(12.0))?;
                }
                let y = top + 14.0 + LINE * (*per_column as f64 + 0.75) + 4.0;
                let more = if *more > 0 { format!("and {more} more") } else { String::new() };
                card.text((left, y), &more, &quiet())
            }
            Legend::Scale { name, axis, height } => {
                head(name)?;
                let colours: Vec<Rgb> = (0..SHADES).map(shade_colour).collect();
                colour_bar(card, (left, top + 26.0), (axis, *height), &colours)
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
