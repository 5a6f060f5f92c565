//! Colours for all drawings: ten for labels, a scale for values, neutrals for everything else.

use std::fmt;

/// A colour in sRGB: red, green and blue from 0 to 255. Its text form is `#RRGGBB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

/// Ten colours for labels, in the order of use.
///
/// No published set has ten colours that all stand out from white and stay apart for every kind of
/// colour vision, so these were searched for: the smallest distance in CIELAB over all pairs was
/// made large at once for full colour vision and for simulated protanopia, deuteranopia and
/// tritanopia (Machado, Oliveira and Fernandes 2009), with a contrast of 3:1 or more against white
/// and about 2:1 or more against near-black. Drawings have a light background of their own, so the
/// former counts. The tests of this file repeat the check.
pub const LABELS: [Rgb; 10] = [
    Rgb(0x00, 0x68, 0xEA), // blue
    Rgb(0xEA, 0x74, 0x00), // orange
    Rgb(0x25, 0x6B, 0x56), // green
    Rgb(0xAB, 0x00, 0x89), // magenta
    Rgb(0x09, 0x9F, 0xD8), // sky
    Rgb(0x8F, 0x00, 0x2D), // crimson
    Rgb(0xCA, 0x84, 0x5C), // tan
    Rgb(0x62, 0x1E, 0xA4), // violet
    Rgb(0x6A, 0x5C, 0x00), // olive
    Rgb(0x9B, 0x92, 0x9D), // grey
];

/// The background of drawings.
pub const CARD: Rgb = Rgb(0xFF, 0xFF, 0xFF);
/// The edge of the background.
pub const EDGE: Rgb = Rgb(0xE2, 0xE4, 0xE8);
/// Titles and other text that is read first.
pub const INK: Rgb = Rgb(0x1F, 0x23, 0x28);
/// Axis numbers, units and other text that is read second.
pub const QUIET: Rgb = Rgb(0x5F, 0x66, 0x70);
/// Axis lines and ticks.
pub const AXIS: Rgb = Rgb(0xB4, 0xBA, 0xC2);
/// Grid lines.
pub const GRID: Rgb = Rgb(0xEC, 0xEE, 0xF1);

/// The shape of a point: the second channel beside colour once there are many labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marker {
    /// A filled disc.
    Disc,
    /// A filled square.
    Square,
    /// A filled triangle that stands on its base.
    Triangle,
    /// A filled square that stands on its corner.
    Diamond,
}

/// The colour and the shape of the label with this index, counted from 0.
///
/// Colours repeat after ten labels and shapes change after every eight, so the first 32 labels all
/// look different.
///
/// ```
/// use elbo::display::palette::{Marker, label};
/// assert_eq!(label(0).1, Marker::Disc);
/// assert_eq!(label(8).1, Marker::Square);
/// assert_eq!(label(0).0, label(10).0);
/// assert_ne!(label(0).1, label(10).1);
/// ```
pub fn label(index: usize) -> (Rgb, Marker) {
    let marker = match index / 8 % 4 {
        0 => Marker::Disc,
        1 => Marker::Square,
        2 => Marker::Triangle,
        _ => Marker::Diamond,
    };
    (LABELS[index % LABELS.len()], marker)
}

/// The colour for a value on a scale from 0 (dark violet) to 1 (yellow): the map viridis.
///
/// Values outside are moved to the nearest end; NaN counts as 0. Source: matplotlib's viridis
/// (Smith and van der Walt 2015), as the polynomials of degree six fitted by Matt Zucker.
///
/// ```
/// use elbo::display::palette::viridis;
/// assert_eq!(viridis(-1.0), viridis(0.0));
/// ```
pub fn viridis(position: f64) -> Rgb {
    // Lowest power first; one row per channel.
    const RED: [f64; 7] = [0.27773, 0.10509, -0.33086, -4.63423, 6.22827, 4.77638, -5.43546];
    const GREEN: [f64; 7] = [0.00541, 1.40461, 0.21485, -5.79910, 14.17993, -13.74515, 4.64585];
    const BLUE: [f64; 7] = [0.33410, 1.38459, 0.09510, -19.33244, 56.69055, -65.35303, 26.31244];
    let t = if position.is_nan() { 0.0 } else { position.clamp(0.0, 1.0) };
    let channel = |c: &[f64; 7]| {
        let value = c.iter().rev().fold(0.0, |sum, c| sum * t + c);
        (value.clamp(0.0, 1.0) * 255.0).round() as u8
    };
    Rgb(channel(&RED), channel(&GREEN), channel(&BLUE))
}

#[cfg(test)]
#[path = "palette_tests.rs"]
mod tests;
