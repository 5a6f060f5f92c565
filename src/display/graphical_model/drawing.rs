//! Draws the graph.

use plotters::prelude::*;

use super::{Edge, GraphicalModel, Kind, Node, Plate};
use crate::display::{
    card::{Card, Drawn, MARGIN, Styled, plain, quiet, room_for_title},
    palette::{AXIS, CARD, INK, QUIET, Rgb},
    svg::ink,
    text::{fitted, text_width},
    units::units,
};

/// From a column to the next, and from a row to the next, in pixels.
const STEP: (f64, f64) = (96.0, 92.0);
const RADIUS: f64 = 23.0;
const POINT: f64 = 4.0;
/// From the rim of a variable to its plate, and more below, for the label.
const PLATE: f64 = 15.0;
const LABEL: f64 = 18.0;
/// The fill of observed variables.
const SHADE: Rgb = Rgb(0xD5, 0xDA, 0xE1);
/// Points on an arrow's line.
const SAMPLES: usize = 60;

type Place = (f64, f64);

impl GraphicalModel {
    /// The graph as SVG; `summary` is read out to those who cannot see it.
    pub(super) fn draw(&self, summary: &str) -> Drawn<String> {
        let layout = Layout::new(self);
        let caption = self.caption();
        let width = layout.width.max(text_width(&caption, 12.0).min(600.0) + 2.0 * MARGIN);
        let width = width.max(room_for_title(&self.title));
        let below = if caption.is_empty() { 0.0 } else { 24.0 };
        let size = (width, layout.height + below + MARGIN / 2.0);
        let card = Card::new(size, &self.title, summary)?;
        let layout = layout.centred(width);
        for plate in &self.plates {
            self.draw_plate(&card, &layout, plate)?;
        }
        for &edge in &self.edges {
            self.draw_edge(&card, &layout, edge)?;
        }
        for node in &self.nodes {
            draw_node(&card, layout.place(node), node)?;
        }
        let shown = fitted(&caption, 12.0, width - 2.0 * MARGIN);
        card.text((width / 2.0, layout.height + 15.0), &shown, &quiet().centred())?;
        card.finish()
    }

    /// What the shades and the dashes mean, of those that are there.
    fn caption(&self) -> String {
        let observed = self.nodes.iter().any(|node| node.kind == Kind::Observed);
        let dashed = self.edges.iter().any(|edge| edge.infers);
        let parts = [(observed, "shaded: observed"), (dashed, "dashed: inference")];
        let parts: Vec<&str> = parts.into_iter().filter(|part| part.0).map(|part| part.1).collect();
        parts.join(", ")
    }

    fn draw_plate(&self, card: &Card, layout: &Layout, plate: &Plate) -> Drawn {
        let Some((left, top, right, bottom)) = layout.plate(self, plate) else { return Ok(()) };
        line(card, &rounded((left, top), (right, bottom), 9.0), AXIS, 1.2)?;
        let room = right - left - 16.0;
        let label = fitted(&plate.label, 12.0, room);
        card.text((right - 8.0, bottom - 6.0), &label, &quiet().ending())
    }

    fn draw_edge(&self, card: &Card, layout: &Layout, edge: Edge) -> Drawn {
        let (from, to) = (&self.nodes[edge.from], &self.nodes[edge.to]);
        // Arrows in both directions would lie on each other: the inference goes around.
        let both = self.edges.iter().any(|other| (other.from, other.to) == (edge.to, edge.from));
        let bend = if both && edge.infers { 0.42 } else { 0.0 };
        let (start, end) = (layout.place(from), layout.place(to));
        let outside = |node: &Node, at: Place, gap: f64| {
            let place = layout.place(node);
            (at.0 - place.0).hypot(at.1 - place.1) >= radius(node) + gap
        };
        let curve = (0..=SAMPLES).map(|i| bezier(start, end, bend, i as f64 / SAMPLES as f64));
        let points: Vec<Place> =
            curve.filter(|&at| outside(from, at, 1.0) && outside(to, at, 2.0)).collect();
        let [.., before, tip] = points[..] else { return Ok(()) };
        let colour = if edge.infers { QUIET } else { INK };
        let shaft = &points[..points.len() - 2];
        if edge.infers {
            dashes(card, shaft, colour)?
        } else {
            line(card, shaft, colour, 1.3)?
        }
        arrow_head(card, before, tip, colour)
    }
}

/// Where everything lies.
struct Layout {
    /// Of column 0 and row 0.
    origin: Place,
    width: f64,
    height: f64,
}

impl Layout {
    fn new(graph: &GraphicalModel) -> Self {
        let title = if graph.title.is_empty() { 0.0 } else { 28.0 };
        let at_zero = Self { origin: (0.0, 0.0), width: 0.0, height: 0.0 };
        let nodes = graph.nodes.iter().map(|node| {
            let (x, y) = at_zero.place(node);
            (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)
        });
        let plates = graph.plates.iter().filter_map(|plate| at_zero.plate(graph, plate));
        let (left, top, right, bottom) = union(nodes.chain(plates)).unwrap_or_default();
        let bent = graph.edges.iter().any(|edge| edge.infers);
        let left = if bent { left - 6.0 } else { left };
        let origin = (MARGIN - left, MARGIN + title - top);
        let height = MARGIN + title + bottom - top + MARGIN / 2.0;
        Self { origin, width: right - left + 2.0 * MARGIN, height }
    }

    /// In the middle of a card that is wider.
    fn centred(self, width: f64) -> Self {
        let shift = (width - self.width) / 2.0;
        Self { origin: (self.origin.0 + shift, self.origin.1), width, ..self }
    }

    fn place(&self, node: &Node) -> Place {
        let (column, row) = node.place;
        (self.origin.0 + column * STEP.0, self.origin.1 + row * STEP.1)
    }

    /// Left, top, right and bottom of a plate: wide enough for plates of fewer variables inside.
    fn plate(&self, graph: &GraphicalModel, plate: &Plate) -> Option<(f64, f64, f64, f64)> {
        let within = |other: &&Plate| {
            other.members.len() < plate.members.len()
                && other.members.iter().all(|member| plate.members.contains(member))
        };
        let depth = graph.plates.iter().filter(within).count() as f64;
        let margin = RADIUS + PLATE + 9.0 * depth;
        let places = plate.members.iter().map(|&member| {
            let (x, y) = self.place(&graph.nodes[member]);
            (x - margin, y - margin, x + margin, y + margin + LABEL * (depth + 1.0) - 9.0 * depth)
        });
        let (left, top, right, bottom) = union(places)?;
        let wanted = text_width(&plate.label, 12.0).min(200.0) + 18.0;
        let widen = ((wanted - (right - left)) / 2.0).max(0.0);
        Some((left - widen, top, right + widen, bottom))
    }
}

fn union(parts: impl Iterator<Item = (f64, f64, f64, f64)>) -> Option<(f64, f64, f64, f64)> {
    parts.reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.max(b.2), a.3.max(b.3)))
}

fn radius(node: &Node) -> f64 {
    match node.kind {
        Kind::Parameter => POINT,
        Kind::Ellipsis => 14.0,
        _ => RADIUS,
    }
}

fn draw_node(card: &Card, (x, y): Place, node: &Node) -> Drawn {
    let at = (units(x), units(y));
    let disc = |radius: f64, colour: Rgb| {
        card.draw(&Circle::new(at, units(radius), ink(colour).filled()).into_dyn())
    };
    match node.kind {
        Kind::Ellipsis => return card.text((x, y + 3.0), "…", &plain(18.0).centred()),
        Kind::Parameter => {
            disc(POINT, INK)?;
            // Above, where arrows seldom leave.
            return name(card, (x, y - POINT - 9.0), &node.name);
        }
        Kind::Latent | Kind::Observed => {
            disc(RADIUS, INK)?;
            disc(RADIUS - 1.3, if node.kind == Kind::Observed { SHADE } else { CARD })?;
        }
    }
    name(card, (x, y), &node.name)
}

const LETTER: f64 = 16.0;
const SUBSCRIPT: f64 = 11.0;

/// A name and its subscript: `x_{t+1}`. Font sizes shrink for long names.
fn parts(name: &str) -> (&str, &str) {
    let (letter, subscript) = name.split_once('_').unwrap_or((name, ""));
    (letter, subscript.trim_start_matches('{').trim_end_matches('}'))
}

/// A name around a place.
fn name(card: &Card, (x, y): Place, text: &str) -> Drawn {
    let (letter, subscript) = parts(text);
    let width = |text: &str, size: f64| text_width(text, size);
    // Widths are estimates that are rather too large: text is set from the middle outwards.
    let middle = x - 0.5 * width(subscript, SUBSCRIPT) * 0.8;
    let letter_style = plain(LETTER).centred();
    let style = TextStyle { font: letter_style.font.style(FontStyle::Italic), ..letter_style };
    card.text((middle, y + 5.0), letter, &style)?;
    let after = middle + 0.5 * width(letter, LETTER) * 0.85 + 0.5;
    card.text((after, y + 9.0), subscript, &plain(SUBSCRIPT))
}

/// A place on the line between two points, bent to its left by a share of its length.
fn bezier(start: Place, end: Place, bend: f64, t: f64) -> Place {
    let (dx, dy) = (end.0 - start.0, end.1 - start.1);
    let control = ((start.0 + end.0) / 2.0 + bend * dy, (start.1 + end.1) / 2.0 - bend * dx);
    let mix = |a: f64, c: f64, b: f64| {
        let s = 1.0 - t;
        s * s * a + 2.0 * s * t * c + t * t * b
    };
    (mix(start.0, control.0, end.0), mix(start.1, control.1, end.1))
}

/// A rectangle with round corners, as a closed line.
fn rounded(from: Place, to: Place, radius: f64) -> Vec<Place> {
    let corners = [
        ((to.0 - radius, from.1 + radius), -90.0),
        ((to.0 - radius, to.1 - radius), 0.0),
        ((from.0 + radius, to.1 - radius), 90.0),
        ((from.0 + radius, from.1 + radius), 180.0),
    ];
    let arc = |((x, y), from): (Place, f64)| {
        (0..=6).map(move |i| {
            let angle = (from + 15.0 * f64::from(i)).to_radians();
            (x + radius * angle.cos(), y + radius * angle.sin())
        })
    };
    let mut points: Vec<Place> = corners.into_iter().flat_map(arc).collect();
    points.extend(points.first().copied());
    points
}

fn line(card: &Card, points: &[Place], colour: Rgb, width: f64) -> Drawn {
    let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| (units(x), units(y))).collect();
    let style = ink(colour).stroke_width(units(width).unsigned_abs());
    card.draw(&PathElement::new(points, style).into_dyn())
}

/// Dashes along a line.
fn dashes(card: &Card, points: &[Place], colour: Rgb) -> Drawn {
    const PERIOD: f64 = 9.0;
    const DASH: f64 = 5.5;
    let mut along = 0.0;
    let mut dash: Vec<Place> = Vec::new();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let pieces = length.ceil().max(1.0) as usize;
        for i in 0..pieces {
            let t = i as f64 / pieces as f64;
            if (along + t * length) % PERIOD < DASH {
                dash.push((x0 + t * (x1 - x0), y0 + t * (y1 - y0)));
            } else if !dash.is_empty() {
                line(card, &std::mem::take(&mut dash), colour, 1.3)?;
            }
        }
        along += length;
    }
    if dash.len() > 1 { line(card, &dash, colour, 1.3) } else { Ok(()) }
}

fn arrow_head(card: &Card, before: Place, tip: Place, colour: Rgb) -> Drawn {
    let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
    let length = dx.hypot(dy).max(f64::MIN_POSITIVE);
    let (dx, dy) = (dx / length, dy / length);
    let corner = |back: f64, side: f64| {
        let (x, y) = (tip.0 - back * dx - side * dy, tip.1 - back * dy + side * dx);
        (units(x), units(y))
    };
    let corners = vec![corner(0.0, 0.0), corner(9.0, 4.2), corner(9.0, -4.2)];
    card.draw(&Polygon::new(corners, ink(colour).filled()).into_dyn())
}
