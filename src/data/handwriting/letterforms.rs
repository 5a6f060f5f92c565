//! How digits are written: several letterforms for each, as paths of the pen.

/// A point the pen passes, in percent of the digit's height: x to the right, y down from the top.
pub(super) type Knot = (i8, i8);

/// One movement of the pen from touching the paper to leaving it: a smooth curve through the
/// knots. A knot given twice in a row is a corner.
pub(super) type Path = &'static [Knot];

/// One way of writing a digit.
pub(super) struct Letterform {
    /// How common the form is among writers, relative to the digit's other forms.
    pub(super) popularity: f32,
    /// The pen's movements, in the order of writing.
    pub(super) paths: &'static [Path],
}

const fn form(popularity: f32, paths: &'static [Path]) -> Letterform {
    Letterform { popularity, paths }
}

/// The letterforms of the digits 0 to 9.
pub(super) static DIGITS: [&[Letterform]; 10] =
    [ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE];

#[rustfmt::skip]
const ZERO: &[Letterform] = &[
    // Closed, from the top counter-clockwise.
    form(4.0, &[
        &[(39, 1), (15, 14), (0, 48), (10, 86), (35, 99), (62, 82), (70, 46), (57, 12), (37, 1)],
    ]),
    // Open: the end passes inside the beginning.
    form(2.0, &[
        &[(43, 0), (17, 10), (0, 44), (7, 82), (32, 99), (58, 84), (67, 48), (58, 18), (45, 9)],
    ]),
    // Narrow and tilted.
    form(2.0, &[
        &[(52, 2), (27, 14), (4, 52), (0, 86), (18, 99), (43, 82), (61, 46), (63, 14), (48, 1)],
    ]),
    // With a small tail that crosses the beginning.
    form(2.0, &[
        &[(23, 5), (4, 34), (0, 70), (20, 97), (50, 92), (66, 58), (58, 16), (36, 4), (18, 14)],
    ]),
    // Round, from the right.
    form(1.5, &[
        &[(64, 14), (42, 1), (12, 12), (0, 48), (15, 88), (44, 98), (71, 76), (75, 38), (59, 10)],
    ]),
];

#[rustfmt::skip]
const ONE: &[Letterform] = &[
    // A plain stroke.
    form(5.0, &[
        &[(12, 0), (11, 50), (10, 100)],
    ]),
    // Leaning and slightly bent.
    form(2.0, &[
        &[(22, 0), (14, 48), (4, 100)],
    ]),
    // With an upstroke.
    form(3.0, &[
        &[(0, 26), (12, 15), (24, 0), (24, 0), (23, 48), (21, 100)],
    ]),
    // With a short flag.
    form(1.5, &[
        &[(6, 14), (20, 1), (20, 1), (19, 52), (20, 100)],
    ]),
    // With an upstroke and a foot.
    form(1.0, &[
        &[(4, 22), (26, 0), (26, 0), (25, 50), (25, 98)],
        &[(2, 99), (26, 98), (52, 98)],
    ]),
];

#[rustfmt::skip]
const TWO: &[Letterform] = &[
    // Plain, with a sharp foot.
    form(3.0, &[
        &[(0, 22), (12, 4), (35, 1), (54, 16), (51, 40), (30, 70), (4, 97), (4, 97), (36, 96),
          (71, 97)],
    ]),
    // Looped at the foot.
    form(3.0, &[
        &[(1, 20), (17, 3), (41, 4), (54, 22), (47, 50), (28, 84), (12, 98), (0, 89), (10, 77),
          (32, 86), (55, 98), (76, 90)],
    ]),
    // Swan neck: a wave for the foot.
    form(2.0, &[
        &[(0, 16), (17, 2), (42, 1), (57, 16), (48, 46), (25, 78), (9, 95), (9, 95), (28, 88),
          (55, 98), (78, 90)],
    ]),
    // Angular, nearly a z.
    form(1.0, &[
        &[(0, 14), (21, 3), (49, 5), (55, 20), (36, 54), (6, 96), (6, 96), (41, 93), (74, 95)],
    ]),
];

#[rustfmt::skip]
const THREE: &[Letterform] = &[
    // Round top.
    form(4.0, &[
        &[(0, 13), (17, 1), (43, 8), (46, 28), (21, 46), (21, 46), (49, 54), (59, 76), (42, 97),
          (18, 98), (2, 87)],
    ]),
    // Round top with a small loop at the waist.
    form(1.5, &[
        &[(0, 12), (21, 0), (47, 10), (45, 32), (27, 46), (18, 46), (25, 40), (48, 50), (63, 72),
          (48, 95), (22, 99), (4, 86)],
    ]),
    // Flat top.
    form(1.5, &[
        &[(0, 3), (47, 2), (47, 2), (22, 40), (22, 40), (47, 48), (59, 72), (45, 95), (21, 99),
          (2, 89)],
    ]),
    // Two even bows without a sharp waist.
    form(2.0, &[
        &[(0, 8), (24, 1), (46, 12), (40, 34), (24, 44), (43, 50), (57, 70), (43, 94), (4, 96)],
    ]),
];

#[rustfmt::skip]
const FOUR: &[Letterform] = &[
    // Open, with a corner.
    form(3.0, &[
        &[(6, 2), (0, 56), (0, 56), (32, 55), (67, 52)],
        &[(50, 8), (48, 52), (45, 100)],
    ]),
    // Open and round, like a u with a stem.
    form(2.5, &[
        &[(4, 4), (0, 34), (11, 53), (36, 50), (53, 38)],
        &[(57, 2), (53, 48), (48, 100)],
    ]),
    // Closed.
    form(2.0, &[
        &[(46, 0), (23, 34), (0, 66), (0, 66), (36, 66), (71, 65)],
        &[(47, 1), (47, 50), (46, 100)],
    ]),
    // Open, in one movement.
    form(1.5, &[
        &[(8, 4), (0, 48), (0, 48), (30, 50), (55, 6), (55, 6), (49, 52), (42, 100)],
    ]),
];

#[rustfmt::skip]
const FIVE: &[Letterform] = &[
    // Two strokes: the body, then the hat.
    form(3.0, &[
        &[(12, 4), (7, 40), (7, 40), (29, 36), (52, 48), (54, 76), (35, 97), (0, 92)],
        &[(11, 4), (35, 3), (60, 0)],
    ]),
    // One stroke from the right end of the hat.
    form(2.5, &[
        &[(61, 2), (15, 4), (15, 4), (9, 42), (9, 42), (32, 37), (55, 50), (56, 78), (34, 98),
          (0, 92)],
    ]),
    // One smooth movement, nearly an s.
    form(1.5, &[
        &[(64, 1), (35, 4), (16, 16), (19, 38), (41, 52), (50, 74), (33, 96), (0, 94)],
    ]),
    // Flat and wide, with a short belly.
    form(1.0, &[
        &[(12, 5), (6, 46), (6, 46), (37, 44), (58, 62), (49, 88), (25, 99), (0, 90)],
        &[(10, 5), (41, 6), (70, 2)],
    ]),
];

#[rustfmt::skip]
const SIX: &[Letterform] = &[
    // Curved stem, closed bowl.
    form(3.0, &[
        &[(41, 3), (17, 14), (0, 48), (3, 80), (26, 99), (51, 90), (52, 66), (28, 55), (5, 76)],
    ]),
    // Straight stem.
    form(2.5, &[
        &[(26, 0), (11, 30), (0, 66), (10, 94), (33, 99), (52, 84), (47, 62), (24, 58), (5, 78)],
    ]),
    // Curled into the bowl.
    form(2.0, &[
        &[(34, 0), (9, 24), (0, 62), (14, 94), (41, 98), (58, 80), (46, 58), (24, 62), (20, 78)],
    ]),
    // Curled at the top, with a low bowl.
    form(1.0, &[
        &[(48, 12), (34, 2), (10, 20), (0, 60), (11, 92), (36, 100), (58, 88), (51, 68), (28, 64),
          (9, 82)],
    ]),
];

#[rustfmt::skip]
const SEVEN: &[Letterform] = &[
    // Plain, the stem bent.
    form(4.0, &[
        &[(0, 5), (28, 4), (61, 2), (61, 2), (45, 42), (40, 100)],
    ]),
    // Crossed.
    form(2.5, &[
        &[(0, 5), (30, 4), (62, 3), (62, 3), (45, 48), (34, 100)],
        &[(19, 54), (67, 49)],
    ]),
    // With a short downstroke at the left.
    form(1.5, &[
        &[(0, 20), (1, 3), (1, 3), (62, 3), (62, 3), (42, 46), (41, 100)],
    ]),
    // With a wave for the top.
    form(1.0, &[
        &[(0, 14), (13, 3), (38, 8), (65, 2), (65, 2), (47, 44), (44, 100)],
    ]),
];

#[rustfmt::skip]
const EIGHT: &[Letterform] = &[
    // One loop from the upper right.
    form(3.0, &[
        &[(45, 12), (24, 0), (2, 14), (10, 36), (34, 52), (52, 76), (34, 99), (6, 92), (0, 72),
          (21, 52), (42, 34), (45, 12)],
    ]),
    // One loop, open at the top.
    form(2.0, &[
        &[(47, 6), (22, 3), (3, 18), (13, 38), (34, 54), (44, 78), (23, 99), (0, 86), (7, 62),
          (32, 40), (53, 10)],
    ]),
    // Two circles.
    form(1.5, &[
        &[(24, 1), (5, 12), (6, 34), (23, 44), (42, 34), (41, 12), (21, 1)],
        &[(23, 45), (1, 60), (0, 84), (25, 99), (50, 84), (47, 58), (23, 45)],
    ]),
    // One loop from the crossing.
    form(1.5, &[
        &[(24, 48), (3, 30), (8, 6), (31, 1), (44, 20), (24, 48), (0, 74), (14, 98), (41, 94),
          (48, 72), (24, 46)],
    ]),
];

#[rustfmt::skip]
const NINE: &[Letterform] = &[
    // Straight stem.
    form(3.0, &[
        &[(50, 12), (30, 1), (6, 14), (6, 38), (26, 49), (48, 30), (52, 8), (52, 8), (49, 54),
          (46, 100)],
    ]),
    // The stem curves back.
    form(2.0, &[
        &[(50, 14), (30, 1), (6, 16), (8, 40), (30, 48), (50, 28), (53, 12), (53, 12), (52, 62),
          (36, 96), (4, 92)],
    ]),
    // Drawn without a corner.
    form(2.0, &[
        &[(44, 42), (20, 50), (3, 30), (16, 4), (42, 3), (52, 24), (44, 62), (30, 100)],
    ]),
    // A flat bowl and a leaning stem.
    form(1.5, &[
        &[(54, 8), (28, 3), (4, 20), (10, 42), (36, 36), (56, 6), (56, 6), (44, 56), (32, 100)],
    ]),
];
