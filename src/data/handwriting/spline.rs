//! Smooth curves through knots.

use super::letterforms::Knot;

/// A point or a direction: x to the right, y down.
pub(super) type Vector = [f32; 2];

/// Straight pieces per span between two knots: enough to look round at 500 pixels.
const PIECES: usize = 16;

pub(super) fn add(a: Vector, b: Vector, scale: f32) -> Vector {
    [a[0] + scale * b[0], a[1] + scale * b[1]]
}

pub(super) fn distance(a: Vector, b: Vector) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn mix(a: Vector, b: Vector, share: f32) -> Vector {
    [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
}

/// A point of the curve and whether the curve has a corner there.
#[derive(Clone, Copy)]
pub(super) struct Corner {
    pub(super) at: Vector,
    pub(super) sharp: bool,
}

/// The distinct knots in units of the digit's height; those given twice are corners.
pub(super) fn corners(path: &[Knot]) -> Vec<Corner> {
    path.chunk_by(|a, b| a == b)
        .map(|same| {
            let (x, y) = same[0];
            Corner { at: [f32::from(x) / 100.0, f32::from(y) / 100.0], sharp: same.len() > 1 }
        })
        .collect()
}

/// The curve through `knots` as a polyline: a centripetal Catmull-Rom spline (Yuksel et al. 2011,
/// no loops between uneven knots). Corners are taken sharply at `roundness` 0 and as part of the
/// curve at 1.
pub(super) fn flatten(knots: &[Corner], roundness: f32) -> Vec<Vector> {
    let Some(first) = knots.first() else { return Vec::new() };
    let times: Vec<f32> = knots.windows(2).map(|k| duration(k[0].at, k[1].at)).collect();
    let through: Vec<Vector> = (0..knots.len()).map(|k| velocity(knots, &times, k)).collect();
    let mut line = vec![first.at];
    for (span, &time) in times.iter().enumerate() {
        let (from, to) = (span, span + 1);
        let straight = slope(knots[from].at, knots[to].at, time);
        let ends = |k: usize| k == 0 || k + 1 == knots.len() || knots[k].sharp;
        // A span that ends in a corner has the curvature of its other side, as a parabola has.
        let parabola = |other: usize| match ends(other) {
            true => straight,
            false => add(add([0.0; 2], straight, 2.0), through[other], -1.0),
        };
        let leave = |k: usize, other: usize| match (ends(k), knots[k].sharp) {
            (false, _) => through[k],
            (true, true) => mix(parabola(other), through[k], roundness),
            (true, false) => parabola(other),
        };
        let (start, stop) = (leave(from, to), leave(to, from));
        line.extend((1..=PIECES).map(|piece| {
            let u = piece as f32 / PIECES as f32;
            hermite([knots[from].at, knots[to].at], [start, stop], time, u)
        }));
    }
    line
}

/// The centripetal "time" between two knots. Never zero, so that velocities stay finite.
fn duration(a: Vector, b: Vector) -> f32 {
    distance(a, b).sqrt().max(1e-3)
}

fn slope(a: Vector, b: Vector, time: f32) -> Vector {
    [(b[0] - a[0]) / time, (b[1] - a[1]) / time]
}

/// The velocity with which the spline passes knot `k`; at the ends, that of the straight line.
fn velocity(knots: &[Corner], times: &[f32], k: usize) -> Vector {
    let before = k.checked_sub(1).map(|b| (slope(knots[b].at, knots[k].at, times[b]), times[b]));
    let after = times.get(k).map(|&time| (slope(knots[k].at, knots[k + 1].at, time), time));
    match (before, after) {
        (Some((a, time_a)), Some((b, time_b))) => mix(a, b, time_a / (time_a + time_b)),
        (Some((slope, _)), None) | (None, Some((slope, _))) => slope,
        (None, None) => [0.0; 2],
    }
}

/// The cubic between two points with given velocities at share `u` of the time.
fn hermite(points: [Vector; 2], velocities: [Vector; 2], time: f32, u: f32) -> Vector {
    let (u2, u3) = (u * u, u * u * u);
    let mut at = [0.0; 2];
    at = add(at, points[0], 2.0 * u3 - 3.0 * u2 + 1.0);
    at = add(at, points[1], 3.0 * u2 - 2.0 * u3);
    at = add(at, velocities[0], time * (u3 - 2.0 * u2 + u));
    add(at, velocities[1], time * (u3 - u2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_through_points_of_a_circle_is_nearly_that_circle() {
        let point = |k: i32| {
            let (sin, cos) = (k as f32 * std::f32::consts::TAU / 8.0).sin_cos();
            Corner { at: [cos, sin], sharp: false }
        };
        let line = flatten(&(0..9).map(point).collect::<Vec<_>>(), 0.0);
        assert_eq!(line.len(), 1 + 8 * PIECES);
        for at in line {
            let radius = distance(at, [0.0; 2]);
            // The ends do not know that the circle closes; the inner spans are within 0.3 %.
            assert!((radius - 1.0).abs() < 0.02, "radius {radius} at {at:?}");
        }
    }

    #[test]
    fn doubled_knots_are_corners_between_straight_lines() {
        let knots = corners(&[(0, 0), (50, 0), (50, 0), (50, 100)]);
        assert_eq!(knots.iter().map(|knot| knot.sharp).collect::<Vec<_>>(), [false, true, false]);
        let sharp = flatten(&knots, 0.0);
        assert!(sharp.iter().all(|at| at[1].abs() < 1e-6 || (at[0] - 0.5).abs() < 1e-6));
        let round = flatten(&knots, 1.0);
        assert!(round.iter().any(|at| at[1].abs() > 0.01 && (at[0] - 0.5).abs() > 0.01));
        for line in [sharp, round] {
            assert!(line.contains(&[0.5, 0.0]), "a corner is still passed");
        }
    }
}
