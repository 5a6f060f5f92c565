//! Which point gets which colour.

use std::collections::BTreeMap;

use crate::display::{
    axis::extent,
    palette::{AXIS, LABELS, Marker, Rgb, label, viridis},
    text::{counted, number},
};

/// Steps on the scale for values: more cannot be told apart.
pub(super) const SHADES: usize = 32;

/// What the colour of a point means.
#[derive(Clone, Debug)]
pub(super) enum Colouring {
    /// Nothing.
    Plain,
    /// A label per point, with names for some of the labels.
    Labels { name: String, of: Vec<i64>, names: BTreeMap<i64, String> },
    /// A value per point.
    Values { name: String, of: Vec<f64> },
}

/// Points that look the same.
pub(super) struct Group {
    pub(super) colour: Rgb,
    pub(super) marker: Marker,
    /// The label that the points share, if they share one.
    pub(super) label: Option<i64>,
    pub(super) members: Vec<usize>,
}

impl Colouring {
    /// Sorts points, given by their indices, into groups: by label, or from the lowest value up.
    pub(super) fn groups(&self, points: &[usize]) -> Vec<Group> {
        let disc = |colour, members| Group { colour, marker: Marker::Disc, label: None, members };
        match self {
            Colouring::Plain => vec![disc(LABELS[0], points.to_vec())],
            Colouring::Labels { of, .. } => label_groups(of, points),
            Colouring::Values { of, .. } => {
                let range = self.range();
                // The first group holds the points without a value.
                let mut members = vec![Vec::new(); SHADES + 1];
                for &i in points {
                    members[shade_of(of[i], range).map_or(0, |shade| shade + 1)].push(i);
                }
                let colours = std::iter::once(AXIS).chain((0..SHADES).map(shade_colour));
                colours.zip(members).map(|(colour, members)| disc(colour, members)).collect()
            }
        }
    }

    /// The lowest and the highest value.
    pub(super) fn range(&self) -> (f64, f64) {
        match self {
            Colouring::Values { of, .. } => extent(of.iter().copied()).unwrap_or((0.0, 1.0)),
            _ => (0.0, 1.0),
        }
    }

    /// The end of the first line of the text form.
    pub(super) fn text(&self) -> String {
        match self {
            Colouring::Plain => String::new(),
            Colouring::Labels { name, of, .. } => {
                let labels = distinct(of).len();
                format!(", coloured by {name} ({})", counted(labels, "label"))
            }
            Colouring::Values { name, .. } => {
                let (low, high) = self.range();
                format!(", coloured by {name} ({} to {})", number(low), number(high))
            }
        }
    }
}

/// The colour of a step on the scale for values.
pub(super) fn shade_colour(shade: usize) -> Rgb {
    // The lightest tenth of the scale is lost on a light background.
    viridis(0.92 * shade as f64 / (SHADES - 1) as f64)
}

fn shade_of(value: f64, (low, high): (f64, f64)) -> Option<usize> {
    let share = if high > low { (value - low) / (high - low) } else { 0.5 };
    value.is_finite().then_some(((share * SHADES as f64) as usize).min(SHADES - 1))
}

/// Each label with its rank.
fn distinct(labels: &[i64]) -> BTreeMap<i64, usize> {
    let mut ranks: BTreeMap<i64, usize> = labels.iter().map(|&label| (label, 0)).collect();
    ranks.values_mut().enumerate().for_each(|(rank, place)| *place = rank);
    ranks
}

fn label_groups(labels: &[i64], points: &[usize]) -> Vec<Group> {
    // Ranks come from all points, so that a label keeps its colour when some are left out.
    let ranks = distinct(labels);
    let group = |(&value, &rank): (&i64, &usize)| {
        let (colour, marker) = label(rank);
        Group { colour, marker, label: Some(value), members: Vec::new() }
    };
    let mut groups: Vec<Group> = ranks.iter().map(group).collect();
    for &i in points {
        if let Some(&rank) = ranks.get(&labels[i]) {
            groups[rank].members.push(i);
        }
    }
    groups
}
