//! From a letterform and a style to the line that the pen leaves on the paper.

use std::f32::consts::TAU;

use rand::{Rng, RngExt};

use super::letterforms::Letterform;
use super::spline::{Corner, Vector, add, corners, distance, flatten};
use super::writer::{Departure, Style};

/// White border that stays free, as a share of the frame.
const MARGIN: f32 = 0.04;

/// A point of a line of ink. Lengths are shares of the frame, y down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    pub(super) at: Vector,
    /// Half the thickness of the line.
    pub(super) radius: f32,
    /// From 0 (paper) to 1.
    pub(super) darkness: f32,
}

/// The lines of one digit in the frame: one per movement of the pen.
///
/// `habit` draws the writer's own form and must start afresh for each repeat; `repeat` draws what
/// differs between repeats.
pub(super) fn write(
    form: &Letterform,
    usual: &Style,
    habit: &mut impl Rng,
    repeat: &mut impl Rng,
) -> Vec<Vec<Ink>> {
    let style = usual.repeat(repeat);
    let mut own = Departure::draw(usual.habit, habit);
    let mut once = Departure::draw(usual.variability, repeat);
    let paths: Vec<Vec<Corner>> = form.paths.iter().map(|path| corners(path)).collect();
    let middle = middle(paths.iter().flatten().map(|knot| knot.at));
    let lines = paths.into_iter().map(|mut knots| {
        for knot in &mut knots {
            let from_middle = add(knot.at, middle, -1.0);
            knot.at = once.moved(own.moved(from_middle, habit), repeat);
        }
        run_on(&mut knots, style.overshoot);
        let mut line = flatten(&knots, style.roundness);
        shake(&mut line, &style, repeat);
        line.iter_mut().for_each(|at| *at = style.pose(*at));
        style.ink(&line, repeat)
    });
    let mut lines: Vec<Vec<Ink>> = lines.collect();
    place(&mut lines, style.position);
    lines
}

impl Style {
    /// A point of the upright digit, in digit heights from its middle, as it stands on the paper,
    /// in shares of the frame.
    fn pose(&self, [x, y]: Vector) -> Vector {
        let x = x * self.width - y * self.slant.tan();
        let (sin, cos) = self.tilt.sin_cos();
        [self.height * (x * cos - y * sin), self.height * (x * sin + y * cos)]
    }

    /// The ink along a line: thicker downwards, thinner and lighter where the pen leaves fast.
    fn ink(&self, line: &[Vector], rng: &mut impl Rng) -> Vec<Ink> {
        let lengths = lengths(line);
        let total = lengths.last().copied().unwrap_or_default();
        let full = 0.5 * self.thickness * self.height;
        let (phase, waves) = (TAU * rng.random::<f32>(), 1.0 / self.height);
        let ink = |(index, &at): (usize, &Vector)| {
            let next = line[(index + 1).min(line.len() - 1)];
            let previous = line[index.saturating_sub(1)];
            let step = distance(previous, next).max(f32::EPSILON);
            let down = ((next[1] - previous[1]) / step).max(0.0);
            let fast = fade((total - lengths[index]) / (0.35 * self.height));
            let slow = fade(lengths[index] / (0.15 * self.height));
            let swell = 0.05 * (phase + TAU * waves * lengths[index]).sin();
            let shape = 1.0 + self.downstroke * (down - 0.5) + swell;
            let ends = 1.0 - self.taper * (fast + 0.3 * slow);
            Ink {
                at,
                radius: full * shape * ends,
                darkness: (self.pressure * (1.0 - 0.35 * self.taper * fast)).clamp(0.0, 1.0),
            }
        };
        line.iter().enumerate().map(ink).collect()
    }
}

/// 1 at the end of a stroke, falling smoothly to 0 at `share` 1 from it.
fn fade(share: f32) -> f32 {
    (1.0 - share).clamp(0.0, 1.0).powi(2)
}

/// Moves the last knot on by `length` digit heights, or back if negative.
fn run_on(knots: &mut [Corner], length: f32) {
    if let [.., before, last] = knots {
        let step = distance(before.at, last.at);
        // Never back beyond the middle of the last span.
        let scale = (length / step.max(1e-3)).max(-0.5);
        last.at = add(last.at, add(last.at, before.at, -1.0), scale);
    }
}

/// Displaces a line by a few waves of random phase along it.
fn shake(line: &mut [Vector], style: &Style, rng: &mut impl Rng) {
    let lengths = lengths(line);
    // Three waves of equal size in each direction: their mean square adds up to the tremor's.
    let size = style.tremor * (2.0f32 / 3.0).sqrt();
    let waves: [[(f32, f32); 3]; 2] = std::array::from_fn(|_| {
        std::array::from_fn(|_| {
            let frequency = style.tremor_waves * rng.random_range(0.6..1.6);
            (TAU * frequency, TAU * rng.random::<f32>())
        })
    });
    for (at, length) in line.iter_mut().zip(lengths) {
        let shift =
            waves.map(|axis| axis.iter().map(|(f, phase)| (f * length + phase).sin()).sum());
        *at = add(*at, shift, size);
    }
}

/// The length of the line up to each of its points.
fn lengths(line: &[Vector]) -> Vec<f32> {
    let mut total = 0.0;
    let mut previous = line.first().copied();
    line.iter()
        .map(|&at| {
            total += previous.replace(at).map_or(0.0, |before| distance(before, at));
            total
        })
        .collect()
}

/// The middle of the smallest upright rectangle around `points`.
fn middle(points: impl Iterator<Item = Vector>) -> Vector {
    let [low, high] = bounds(points.map(|at| (at, 0.0)));
    [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])]
}

/// The smallest upright rectangle around points with their radii: lower and upper corner.
fn bounds(points: impl Iterator<Item = (Vector, f32)>) -> [Vector; 2] {
    points.fold([[f32::INFINITY; 2], [f32::NEG_INFINITY; 2]], |[low, high], (at, radius)| {
        let least = |axis: usize| low[axis].min(at[axis] - radius);
        let most = |axis: usize| high[axis].max(at[axis] + radius);
        [[least(0), least(1)], [most(0), most(1)]]
    })
}

/// Puts the digit's centre of mass at `position` from the frame's middle, as MNIST has it in the
/// middle; smaller or nearer where the digit would otherwise touch the border.
fn place(lines: &mut [Vec<Ink>], position: Vector) {
    let [low, high] = bounds(lines.iter().flatten().map(|ink| (ink.at, ink.radius)));
    let room = 1.0 - 2.0 * MARGIN;
    let scale = (room / (high[0] - low[0]).max(high[1] - low[1])).min(1.0);
    let centre = centre_of_mass(lines);
    let target = [0, 1].map(|axis| {
        let least = MARGIN + scale * (centre[axis] - low[axis]);
        let most = 1.0 - MARGIN - scale * (high[axis] - centre[axis]);
        // Not `clamp`, which must not be given limits crossed by rounding.
        (0.5 + position[axis]).min(most).max(least)
    });
    for ink in lines.iter_mut().flatten() {
        ink.at = add(target, add(ink.at, centre, -1.0), scale);
        ink.radius *= scale;
    }
}

/// The mean position of the ink.
fn centre_of_mass(lines: &[Vec<Ink>]) -> Vector {
    let (mut sum, mut mass) = ([0.0; 2], 0.0);
    for pair in lines.iter().flat_map(|line| line.windows(2)) {
        let weight = distance(pair[0].at, pair[1].at) * (pair[0].radius + pair[1].radius);
        sum = add(sum, add(pair[0].at, pair[1].at, 1.0), 0.5 * weight);
        mass += weight;
    }
    sum.map(|sum| sum / mass.max(f32::MIN_POSITIVE))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::super::letterforms::DIGITS;
    use super::*;

    /// A style that writes the letterform as it is, upright.
    fn plain() -> Style {
        let style = Style::draw(&mut ChaCha8Rng::seed_from_u64(0));
        Style {
            slant: 0.0,
            tilt: 0.0,
            width: 1.0,
            tremor: 0.0,
            habit: 0.0,
            variability: 0.0,
            taper: 0.0,
            downstroke: 0.0,
            overshoot: 0.0,
            height: 0.6,
            thickness: 0.1,
            position: [0.0; 2],
            ..style
        }
    }

    fn one(style: &Style) -> Vec<Ink> {
        let rng = || ChaCha8Rng::seed_from_u64(0);
        write(&DIGITS[1][0], style, &mut rng(), &mut rng()).concat()
    }

    fn ends(line: &[Ink]) -> (Vector, Vector) {
        (line[0].at, line[line.len() - 1].at)
    }

    #[test]
    fn height_thickness_and_place_are_those_of_the_style() {
        let line = one(&plain());
        let (top, bottom) = ends(&line);
        // Rounding of single precision.
        assert!((bottom[1] - top[1] - 0.6).abs() < 1e-5, "from {top:?} to {bottom:?}");
        assert!((top[1] + bottom[1] - 1.0).abs() < 0.01, "from {top:?} to {bottom:?}");
        // The line swells by up to 5 %.
        assert!(line.iter().all(|ink| (ink.radius / 0.03 - 1.0).abs() < 0.051));
        let lower = one(&Style { position: [0.0, 0.05], ..plain() });
        assert!((lower[0].at[1] - top[1] - 0.05).abs() < 1e-5);
    }

    #[test]
    fn a_positive_slant_leans_to_the_right() {
        let lean = |style: &Style| {
            let (top, bottom) = ends(&one(style));
            ((top[0] - bottom[0]) / (bottom[1] - top[1])).atan()
        };
        let upright = lean(&plain());
        let slanted = lean(&Style { slant: 0.3, ..plain() });
        // The letterform leans a little by itself, so the angles do not quite add up.
        assert!((slanted - upright - 0.3).abs() < 0.01, "{slanted} after {upright}");
        let turned = lean(&Style { tilt: 0.3, ..plain() });
        assert!((turned - upright - 0.3).abs() < 1e-4, "{turned} after {upright}");
    }

    #[test]
    fn a_digit_too_large_for_the_frame_is_made_to_fit() {
        let line = one(&Style { height: 3.0, position: [0.9, -0.9], ..plain() });
        let [low, high] = bounds(line.iter().map(|ink| (ink.at, ink.radius)));
        let inside = |x: f32| (MARGIN - 1e-5..=1.0 - MARGIN + 1e-5).contains(&x);
        assert!([low, high].concat().into_iter().all(inside), "{low:?} to {high:?}");
    }
}
