//! Colours are checked as seen by eyes that lack one of the three cone types.

use super::*;

type Matrix = [[f64; 3]; 3];

/// Machado, Oliveira and Fernandes 2009, severity 1, applied to linear RGB.
const VISIONS: [(&str, Matrix); 4] = [
    ("full", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ),
];

fn linear(colour: Rgb) -> [f64; 3] {
    [colour.0, colour.1, colour.2].map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

fn seen(colour: Rgb, vision: &Matrix) -> [f64; 3] {
    let rgb = linear(colour);
    vision.map(|row| row.iter().zip(rgb).map(|(m, c)| m * c).sum::<f64>().clamp(0.0, 1.0))
}

fn luminance([r, g, b]: [f64; 3]) -> f64 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let [r, g, b] = rgb;
    let f = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    let y = f(luminance(rgb));
    let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(linear(a)) + 0.05, luminance(linear(b)) + 0.05);
    a.max(b) / a.min(b)
}

#[test]
fn every_pair_of_label_colours_stays_apart_for_every_kind_of_colour_vision() {
    // A distance of 2.3 is just noticeable side by side; small points far apart need many times that.
    for (name, vision) in &VISIONS {
        let least = if *name == "full" { 30.0 } else { 18.0 };
        for (i, a) in LABELS.iter().enumerate() {
            for b in &LABELS[..i] {
                let (p, q) = (lab(seen(*a, vision)), lab(seen(*b, vision)));
                let gap = p.iter().zip(q).map(|(p, q)| (p - q).powi(2)).sum::<f64>().sqrt();
                assert!(gap >= least, "{a} and {b} are {gap:.1} apart for {name} colour vision");
            }
        }
    }
}

#[test]
fn colours_stand_out_from_their_background() {
    for colour in LABELS {
        assert!(contrast(colour, CARD) >= 2.99, "{colour}: {:.2}", contrast(colour, CARD));
        let dark = contrast(colour, Rgb(0x11, 0x11, 0x11));
        assert!(dark >= 1.9, "{colour}: {dark:.2} on near-black");
    }
    // WCAG AA for text; grid lines must stay faint.
    assert!(contrast(INK, CARD) >= 7.0);
    assert!(contrast(QUIET, CARD) >= 4.5);
    assert!(contrast(GRID, CARD) < 1.3);
}

#[test]
fn viridis_meets_the_published_colours() {
    let published = [
        (0.0, Rgb(0x44, 0x01, 0x54)),
        (0.25, Rgb(0x3B, 0x52, 0x8B)),
        (0.5, Rgb(0x21, 0x91, 0x8C)),
        (0.75, Rgb(0x5E, 0xC9, 0x62)),
        (1.0, Rgb(0xFD, 0xE7, 0x25)),
    ];
    for (position, want) in published {
        let got = viridis(position);
        // The fit of the polynomials is good to a few of 255 steps.
        for (got, want) in [(got.0, want.0), (got.1, want.1), (got.2, want.2)] {
            assert!(got.abs_diff(want) <= 6, "at {position}: {got} for {want}");
        }
    }
    assert_eq!(viridis(f64::NAN), viridis(0.0));
    assert_eq!(viridis(7.0), viridis(1.0));
}

#[test]
fn labels_of_one_colour_differ_in_shape() {
    for i in 0..32 {
        for j in 0..i {
            assert_ne!(label(i), label(j), "labels {i} and {j} look the same");
        }
    }
}
