//! Draws the map.

use plotters::prelude::*;

use super::{LatentMap, colouring::Group, legend::Legend};
use crate::display::{
    axis::{Axis, extent, padded, round_step},
    card::{Card, Drawn, Element, MARGIN, Styled, plain, room_for_title, strong},
    palette::Marker,
    plot::{Chart, Plot, mesh},
    svg::ink,
    units::units,
};

/// The largest plot, in pixels.
const LARGEST: (f64, f64) = (480.0, 460.0);
/// The points of a group are spread over so many layers. Within one layer overlapping points of a
/// group merge; over the layers they add up, so that crowded places are darker. And since the
/// groups take turns, none of them covers all others.
const LAYERS: usize = 16;
/// Most ticks on the longer axis.
const TICKS: usize = 9;

impl LatentMap {
    /// The map as SVG; `summary` is read out to those who cannot see it.
    pub(super) fn draw(&self, summary: &str) -> Drawn<String> {
        let drawn = self.drawn();
        let (plot, x, y) = self.layout();
        let groups = self.colouring.groups(&drawn);
        let legend = Legend::new(&self.colouring, &groups, plot.bottom - plot.top);
        let width = (plot.right + legend.width() + MARGIN).max(room_for_title(&self.title));
        let size = (width, plot.bottom + 44.0 + MARGIN / 2.0);
        let card = Card::new(size, &self.title, summary)?;
        let mut chart = plot.chart(&card, x, y)?;
        mesh(&mut chart).draw()?;
        axis_names(&card, &plot, self.letter, self.dimensions)?;
        if drawn.is_empty() {
            plot.remark(&card, "no finite points")?;
        }
        self.marks(&mut chart, &groups, drawn.len())?;
        self.medians(&card, &chart, &groups)?;
        legend.draw(&card, (plot.right + 24.0, plot.top))?;
        card.finish()
    }

    /// The plot with its two axes.
    fn layout(&self) -> (Plot, Axis, Axis) {
        let (x, y, width, height) = self.axes();
        let top = MARGIN + if self.title.is_empty() { 0.0 } else { 34.0 };
        let beside = 20.0 + y.room();
        let left = MARGIN + beside;
        let (right, bottom) = (left + width, top + height);
        (Plot { left, top, right, bottom, beside, below: 24.0 }, x, y)
    }

    /// Both axes, with the same length of one unit and the same step, and the size of the plot.
    pub(super) fn axes(&self) -> (Axis, Axis, f64, f64) {
        let finite = || self.points.iter().filter(|z| z.iter().all(|z| z.is_finite()));
        let range = |axis: usize| padded(extent(finite().map(|z| z[axis])).unwrap_or((-1.0, 1.0)));
        let (x, y) = (range(0), range(1));
        let unit = ((x.1 - x.0) / LARGEST.0).max((y.1 - y.0) / LARGEST.1);
        // A plot that is all length would have no room for its labels.
        let width = ((x.1 - x.0) / unit).clamp(260.0, LARGEST.0);
        let height = ((y.1 - y.0) / unit).clamp(260.0, LARGEST.1);
        let axis = |range: (f64, f64), pixels: f64| {
            let (middle, half) = (range.0 / 2.0 + range.1 / 2.0, pixels * unit / 2.0);
            (middle - half, middle + half)
        };
        let (x, y) = (axis(x, width), axis(y, height));
        let longer = if width > height { x } else { y };
        let step = round_step(longer, TICKS);
        (Axis::with_step(x, step), Axis::with_step(y, step), width, height)
    }

    /// All points, in layers in which the groups take turns.
    fn marks(&self, chart: &mut Chart, groups: &[Group], count: usize) -> Drawn {
        let (radius, opacity) = match count {
            0..=300 => (4.0, 0.8),
            301..=2_000 => (3.0, 0.65),
            2_001..=6_000 => (2.2, 0.55),
            _ => (1.8, 0.5),
        };
        let layers = LAYERS.min(count.div_ceil(50).max(1));
        for layer in 0..layers {
            for group in groups {
                let members = group.members.iter().skip(layer).step_by(layers);
                let places = members.map(|&i| self.points[i].into());
                chart.draw_series(places.map(|z: (f64, f64)| mark(z, group, radius, opacity)))?;
            }
            // Also where there is but one group, layers add up.
            chart.plotting_area().present()?;
        }
        Ok(())
    }

    /// Each label's value at the median of its points, for as many labels as stay readable.
    fn medians(&self, card: &Card, chart: &Chart, groups: &[Group]) -> Drawn {
        let place = |group: &Group| {
            let middle = |axis: usize| median(group.members.iter().map(|&i| self.points[i][axis]));
            let (x, y) = chart.backend_coord(&(middle(0)?, middle(1)?));
            Some((f64::from(x) / 10.0, f64::from(y) / 10.0, group.label?.to_string()))
        };
        let mut names: Vec<_> = groups.iter().filter_map(place).collect();
        if names.len() > 40 {
            return Ok(());
        }
        let size = if names.len() > 12 { 13.0 } else { 16.0 };
        spread(&mut names, size);
        for (x, y, name) in names {
            card.text((x, y + size * 0.35), &name, &strong(size).centred().halo())?;
        }
        Ok(())
    }
}

/// A letter with the first index under the plot, and with the second to its left.
pub(in crate::display) fn axis_names(
    card: &Card,
    plot: &Plot,
    letter: char,
    indices: [usize; 2],
) -> Drawn {
    let below = ((plot.left + plot.right) / 2.0, plot.bottom + 40.0);
    // Upright: so short a name need not be turned.
    let beside = (MARGIN + 8.0, (plot.top + plot.bottom) / 2.0 + 4.0);
    let style = plain(13.0).ending();
    let style = TextStyle { font: style.font.style(FontStyle::Italic), ..style };
    let letter = letter.to_string();
    for ((x, y), index) in [below, beside].into_iter().zip(indices) {
        card.text((x, y), &letter, &style)?;
        // A subscript of its own: not every font has the characters for subscript digits.
        card.text((x + 0.5, y + 3.0), &index.to_string(), &plain(10.0))?;
    }
    Ok(())
}

/// A point of a group.
pub(super) fn mark<C: Clone + 'static>(
    at: C,
    group: &Group,
    radius: f64,
    opacity: f64,
) -> Element<C> {
    let (ink, at) = (ink(group.colour).mix(opacity).filled(), EmptyElement::at(at));
    let size = |times: f64| units(times * radius);
    match group.marker {
        Marker::Disc => (at + Circle::new((0, 0), size(1.0), ink)).into_dyn(),
        Marker::Square => {
            let half = size(0.875);
            (at + Rectangle::new([(-half, -half), (half, half)], ink)).into_dyn()
        }
        Marker::Triangle => (at + TriangleMarker::new((0, 0), size(1.35), ink)).into_dyn(),
        Marker::Diamond => {
            let far = size(1.25);
            (at + Polygon::new([(0, -far), (far, 0), (0, far), (-far, 0)], ink)).into_dyn()
        }
    }
}

/// Moves names apart that would lie on each other.
fn spread(names: &mut [(f64, f64, String)], size: f64) {
    for _ in 0..50 {
        for i in 0..names.len() {
            let (done, rest) = names.split_at_mut(i);
            let Some(name) = rest.first_mut() else { continue };
            for other in done {
                let letters = name.2.len().max(other.2.len()) as f64;
                let far = (letters * 0.62 * size + 5.0, 1.15 * size);
                let (dx, dy) = (name.0 - other.0, name.1 - other.1);
                let near = (dx / far.0).hypot(dy / far.1);
                if near < 1.0 {
                    // Mostly up and down, where names are short. Two at the very same place part too.
                    let push = 0.3 * (1.0 - near);
                    let (side, up) = (push * dx, push * far.1.copysign(dy));
                    (name.0, name.1) = (name.0 + side, name.1 + up);
                    (other.0, other.1) = (other.0 - side, other.1 - up);
                }
            }
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
