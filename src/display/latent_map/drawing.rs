//! Draws the map.

use std::fmt::Write;

use super::{LatentMap, colouring::Group, legend::Legend};
use crate::display::{
    axis::{Axis, extent, padded, round_step},
    palette::Marker,
    plot::{Plot, room_for_numbers},
    svg::{Anchor, MARGIN, Px, Style, Svg, room_for_title},
};

/// The largest plot, in pixels.
const LARGEST: (f64, f64) = (480.0, 460.0);
/// The points of a group are spread over so many layers. Within one layer overlapping points of a
/// group merge; over the layers they add up, so that crowded places are darker. And since the
/// groups take turns, none of them covers all others.
const LAYERS: usize = 16;

impl LatentMap {
    /// The map as SVG; `summary` is read out to those who cannot see it.
    pub(super) fn draw(&self, summary: &str) -> String {
        let drawn = self.drawn();
        let (plot, x, y) = self.layout();
        let groups = self.colouring.groups(&drawn);
        let legend = Legend::new(&self.colouring, &groups, plot.bottom - plot.top);
        let width = (plot.right + legend.width() + MARGIN).max(room_for_title(&self.title));
        let height = plot.bottom + 44.0 + MARGIN / 2.0;
        let mut svg = Svg::card(width, height, &self.title, summary);
        svg.heading(&self.title);
        plot.rows(&mut svg, &y);
        plot.columns(&mut svg, &x);
        latent_axis_names(&mut svg, &plot);
        if drawn.is_empty() {
            plot.remark(&mut svg, "no finite points");
        }
        let place = |i: usize| (x.at(self.points[i][0]), y.at(self.points[i][1]));
        points(&mut svg, &groups, drawn.len(), place);
        medians(&mut svg, &groups, place);
        legend.draw(&mut svg, (plot.right + 24.0, plot.top));
        svg.finish()
    }

    /// The plot with its two axes.
    fn layout(&self) -> (Plot, Axis, Axis) {
        let (mut x, mut y, width, height) = self.axes();
        let top = MARGIN + if self.title.is_empty() { 0.0 } else { 34.0 };
        let left = MARGIN + 20.0 + room_for_numbers(&y);
        let plot = Plot { left, top, right: left + width, bottom: top + height };
        x.place((plot.left, plot.right));
        y.place((plot.bottom, plot.top));
        (plot, x, y)
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
        let step = round_step(unit * 70.0);
        let axis = |range: (f64, f64), pixels: f64| {
            let (middle, half) = (range.0 / 2.0 + range.1 / 2.0, pixels * unit / 2.0);
            Axis::with_range(middle - half, middle + half, (0.0, pixels), step)
        };
        (axis(x, width), axis(y, height), width, height)
    }
}

/// z₁ under the plot and z₂ to its left.
pub(in crate::display) fn latent_axis_names(svg: &mut Svg, plot: &Plot) {
    // A subscript of its own: not every font has the characters for subscript digits.
    let name = |index| {
        format!(
            "<tspan font-style=\"italic\">z</tspan><tspan dy=\"3\" font-size=\"10\">{index}</tspan>"
        )
    };
    let style = Style::axis_name(Anchor::Middle);
    svg.markup((plot.left + plot.right) / 2.0, plot.bottom + 40.0, &name(1), style);
    // Upright: so short a name need not be turned.
    svg.markup(MARGIN + 8.0, (plot.top + plot.bottom) / 2.0 + 4.0, &name(2), style);
}

/// All points, in layers in which the groups take turns.
fn points(svg: &mut Svg, groups: &[Group], count: usize, place: impl Fn(usize) -> (f64, f64)) {
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
            marks(svg, group, members.map(|&i| place(i)), radius, opacity);
        }
    }
}

/// Equal marks at several places, as one path.
pub(super) fn marks(
    svg: &mut Svg,
    group: &Group,
    places: impl Iterator<Item = (f64, f64)>,
    radius: f64,
    opacity: f64,
) {
    // A line of no length with a round or a square end is the shortest way to write a disc or a
    // square. Not quite of no length, as some converters leave those out.
    let mark = match group.marker {
        Marker::Disc | Marker::Square => "h.01".to_owned(),
        Marker::Triangle => format!("m0 -{0}l{0} {1}h-{1}z", Px(radius * 1.2), Px(radius * 2.1)),
        Marker::Diamond => format!("m0 -{0}l{0} {0} -{0} {0} -{0} -{0}z", Px(radius * 1.25)),
    };
    let mut d = String::new();
    for (x, y) in places {
        // Writing to a String cannot fail.
        let _ = write!(d, "M{} {}{mark}", Px(x), Px(y));
    }
    if d.is_empty() {
        return;
    }
    let colour = group.colour;
    let (cap, width) = match group.marker {
        Marker::Disc => ("round", 2.0 * radius),
        Marker::Square => ("square", 1.75 * radius),
        Marker::Triangle | Marker::Diamond => {
            return svg.path(&d, format_args!("fill=\"{colour}\" fill-opacity=\"{opacity}\""));
        }
    };
    svg.path(
        &d,
        format_args!(
            "stroke=\"{colour}\" stroke-opacity=\"{opacity}\" stroke-width=\"{}\" \
             stroke-linecap=\"{cap}\"",
            Px(width)
        ),
    );
}

/// Each label's value at the median of its points, for as many labels as stay readable.
fn medians(svg: &mut Svg, groups: &[Group], place: impl Fn(usize) -> (f64, f64)) {
    let labelled = groups.iter().filter(|group| !group.members.is_empty());
    let mut names: Vec<(f64, f64, String)> = labelled
        .filter_map(|group| {
            let (xs, ys) = group.members.iter().map(|&i| place(i)).unzip();
            Some((median(xs), median(ys), group.label?.to_string()))
        })
        .collect();
    if names.len() > 40 {
        return;
    }
    let size = if names.len() > 12 { 13.0 } else { 16.0 };
    spread(&mut names, size);
    for (x, y, name) in names {
        svg.text(x, y + size * 0.35, &name, Style::strong(size, Anchor::Middle).halo());
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
