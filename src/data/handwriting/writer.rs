//! What is particular to a writer, and what differs from one repeat to the next.

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use super::letterforms::DIGITS;

/// Standard deviation of the slant among writers of the same haste, in radians.
pub(super) const SLANT_SD: f32 = 0.17;
/// Median thickness of the line, the standard deviation of its logarithm, and the thinnest and the
/// thickest line.
pub(super) const THICKNESS: f32 = 0.14;
pub(super) const THICKNESS_SD: f32 = 0.26;
pub(super) const THICKNESS_LIMITS: [f32; 2] = [0.075, 0.21];
/// So many standard deviations from the mean everything ends: rare extremes would be illegible.
pub(super) const EXTREME: f32 = 2.5;

/// A writer's style. Lengths are shares of the digit's height unless stated otherwise.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Style {
    /// Which letterform the writer uses, for each digit.
    pub(crate) letterform: [usize; 10],
    /// Lean of the upright strokes in radians; positive leans to the right.
    pub(crate) slant: f32,
    /// Height of a digit as a share of the frame's height.
    pub(crate) height: f32,
    /// Width relative to the letterform's.
    pub(crate) width: f32,
    /// How far corners are taken as curves: 0 sharp, 1 round.
    pub(crate) roundness: f32,
    /// Thickness of the line.
    pub(crate) thickness: f32,
    /// Rotation of the whole digit in radians; positive turns clockwise.
    pub(crate) tilt: f32,
    /// Where the digit's centre of mass lies from the frame's middle, right and down, as shares
    /// of the frame.
    pub(crate) position: [f32; 2],
    /// Size of the hand's tremor (root mean square).
    pub(crate) tremor: f32,
    /// Waves of the tremor per digit height.
    pub(crate) tremor_waves: f32,
    /// Darkness of the ink, from 0 (none) to 1.
    pub(crate) pressure: f32,
    /// How much thinner the line becomes at the end of a stroke, as a share of its thickness.
    pub(crate) taper: f32,
    /// How much thicker downward strokes are than sideways ones, as a share of the thickness.
    pub(crate) downstroke: f32,
    /// How far the strokes' ends run on; negative when they stop short.
    pub(crate) overshoot: f32,
    /// How far the writer's own forms depart from the letterforms (root mean square).
    pub(crate) habit: f32,
    /// How far a repeat departs from the writer's usual form (root mean square).
    pub(crate) variability: f32,
}

impl Style {
    /// Draws the style of one writer. Hasty writers lean, curl, taper and vary more.
    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        let haste: f32 = rng.random();
        Self {
            letterform: DIGITS.map(|forms| {
                let popularity: Vec<f32> = forms.iter().map(|form| form.popularity).collect();
                weighted(rng, &popularity)
            }),
            slant: 0.04 + 0.22 * haste + normal(rng, SLANT_SD),
            height: (0.625 + normal(rng, 0.045)).clamp(0.52, 0.74),
            width: (0.02 + normal(rng, 0.14)).exp(),
            roundness: (0.5 * haste + normal(rng, 0.2)).clamp(0.0, 0.9),
            thickness: (THICKNESS * normal(rng, THICKNESS_SD).exp())
                .clamp(THICKNESS_LIMITS[0], THICKNESS_LIMITS[1]),
            tilt: normal(rng, 0.05),
            position: [normal(rng, 0.018), normal(rng, 0.018)],
            tremor: 0.002 * normal(rng, 0.5).exp(),
            tremor_waves: rng.random_range(2.0..5.0),
            pressure: 1.0 - 0.12 * rng.random::<f32>().powi(2),
            taper: 0.05 + 0.40 * haste * rng.random::<f32>(),
            downstroke: 0.25 * rng.random::<f32>(),
            overshoot: 0.02 * haste + normal(rng, 0.015),
            habit: 0.022 + 0.018 * haste,
            variability: 0.007 + 0.009 * haste,
        }
    }

    /// The style as it turns out in one repeat.
    pub(super) fn repeat(&self, rng: &mut impl Rng) -> Self {
        let spread = self.variability;
        Self {
            slant: self.slant + normal(rng, 2.0 * spread),
            height: self.height * normal(rng, 2.0 * spread).exp(),
            width: self.width * normal(rng, 3.0 * spread).exp(),
            thickness: self.thickness * normal(rng, 3.0 * spread).exp(),
            tilt: self.tilt + normal(rng, 2.0 * spread),
            position: self.position.map(|share| share + normal(rng, 0.7 * spread)),
            overshoot: self.overshoot + normal(rng, spread),
            ..self.clone()
        }
    }
}

/// A departure from a form: the whole is bent by a smooth quadratic warp, and the knots wander,
/// each partly following the one before, as a hand does.
pub(super) struct Departure {
    size: f32,
    bend: [[f32; 3]; 2],
    wander: [f32; 2],
}

impl Departure {
    /// Draws a departure of root mean square `size`, in digit heights.
    pub(super) fn draw(size: f32, rng: &mut impl Rng) -> Self {
        let mut coefficient = || normal(rng, 3.0 * size);
        let bend = std::array::from_fn(|_| std::array::from_fn(|_| coefficient()));
        Self { size, bend, wander: [normal(rng, size), normal(rng, size)] }
    }

    /// Where the next knot of the path, at `at` (digit heights from the digit's middle), goes.
    pub(super) fn moved(&mut self, [x, y]: [f32; 2], rng: &mut impl Rng) -> [f32; 2] {
        /// Correlation of a knot's departure with the one before.
        const FOLLOW: f32 = 0.6;
        let fresh = self.size * (1.0 - FOLLOW * FOLLOW).sqrt();
        self.wander = self.wander.map(|old| FOLLOW * old + normal(rng, fresh));
        // A vertical stroke, y from -0.5 to 0.5, keeps its middle: the mean of y² is taken off.
        let warp = |[xx, xy, yy]: [f32; 3]| xx * x * x + xy * x * y + yy * (y * y - 1.0 / 12.0);
        [x + warp(self.bend[0]) + self.wander[0], y + warp(self.bend[1]) + self.wander[1]]
    }
}

/// A normal number with standard deviation `sd`, at most [`EXTREME`] of them from zero.
pub(super) fn normal(rng: &mut impl Rng, sd: f32) -> f32 {
    rng.sample::<f32, _>(StandardNormal).clamp(-EXTREME, EXTREME) * sd
}

/// An index drawn in proportion to `weights`.
pub(super) fn weighted(rng: &mut impl Rng, weights: &[f32]) -> usize {
    let mut left = rng.random::<f32>() * weights.iter().sum::<f32>();
    let chosen = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    // Rounding can leave a trace of the total after the last weight.
    chosen.unwrap_or(weights.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn every_letterform_has_its_writers_in_proportion() {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let n = 2000;
        let styles: Vec<Style> = (0..n).map(|_| Style::draw(&mut rng)).collect();
        for (digit, forms) in DIGITS.iter().enumerate() {
            let total: f32 = forms.iter().map(|form| form.popularity).sum();
            for (index, form) in forms.iter().enumerate() {
                let users = styles.iter().filter(|style| style.letterform[digit] == index).count();
                let (got, want) = (users as f32 / n as f32, form.popularity / total);
                // Four standard errors; the seed is fixed.
                let tolerance = 4.0 * (want * (1.0 - want) / n as f32).sqrt();
                assert!((got - want).abs() <= tolerance, "{digit}/{index}: {got}, want {want}");
            }
        }
    }

    #[test]
    fn a_repeat_stays_near_the_writer() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let style = Style::draw(&mut rng);
        let repeat = style.repeat(&mut rng);
        assert_ne!(repeat, style);
        assert_eq!(repeat.letterform, style.letterform);
        let limit = 5.0 * style.variability;
        assert!((repeat.slant - style.slant).abs() <= limit);
        assert!((repeat.height / style.height).ln().abs() <= limit);
    }
}
