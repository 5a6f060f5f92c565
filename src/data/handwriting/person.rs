//! Who the writers are, and what of it shows in their writing.

use rand::{Rng, RngExt};

use super::writer::{Style, normal, weighted};

/// The shares of the codes among writers.
pub(super) const GENDER: [f32; 2] = [0.5, 0.5];
pub(super) const LANGUAGE: [f32; 3] = [0.5, 0.3, 0.2];
pub(super) const HANDEDNESS: [f32; 2] = [0.8, 0.2];
pub(super) const EDUCATION: [f32; 4] = [0.15, 0.3, 0.35, 0.2];
pub(super) const MEDIUM: [f32; 3] = [0.4, 0.35, 0.25];

/// Ages in years, from the first on and so many more.
const AGES: (f32, f32) = (18.0, 67.0);
/// Mean body height in centimetres of each gender, and the standard deviation in both.
const BODY_HEIGHT: ([f32; 2], f32) = ([177.0, 164.0], 7.0);

/// How far left-handed writers lean to the left of right-handed ones, in radians.
pub(super) const LEFT_LEAN: f32 = 0.42;
/// The digits that languages write differently.
pub(super) const TAUGHT: [usize; 3] = [1, 4, 7];
/// The letterform of these digits that is taught in each language.
pub(super) const TAUGHT_FORM: [[usize; 3]; 3] = [[0, 0, 0], [2, 2, 1], [4, 3, 2]];
/// How often a writer keeps to what was taught; else the form is any, in proportion to popularity.
pub(super) const FAITHFUL: f32 = 0.7;
/// How much thicker the line of each medium is.
pub(super) const MEDIUM_THICKNESS: [f32; 3] = [0.72, 1.0, 1.38];
/// The tremor of the oldest beyond that of the young, in digit heights; it grows with the square of
/// the years.
const OLD_TREMOR: f32 = 0.015;
/// How much more repeats differ than among writers without characteristics, so that a writer is not
/// told at a glance: people do not copy their own digits.
const FREEDOM: f32 = 2.5;
/// Size of the youngest's and the oldest's digits relative to the usual one.
const SIZE: (f32, f32) = (1.06, 0.86);

/// The names of the characteristics, in the order of HWD+.
pub(super) const NAMES: [&str; 7] =
    ["age", "gender", "height", "language", "handedness", "education", "medium"];

/// A writer's characteristics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// In years.
    pub(super) age: u32,
    pub(super) gender: u32,
    /// Of the body, in centimetres.
    pub(super) height: u32,
    pub(super) language: u32,
    /// 0 right, 1 left.
    pub(super) handedness: u32,
    pub(super) education: u32,
    pub(super) medium: u32,
}

impl Person {
    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        // More young people than old ones.
        let age = AGES.0 + AGES.1 * rng.random::<f32>().powf(1.3);
        let gender = weighted(rng, &GENDER);
        let height = BODY_HEIGHT.0[gender] + normal(rng, BODY_HEIGHT.1);
        Self {
            age: age.round() as u32,
            gender: gender as u32,
            height: height.round() as u32,
            language: weighted(rng, &LANGUAGE) as u32,
            handedness: weighted(rng, &HANDEDNESS) as u32,
            education: weighted(rng, &EDUCATION) as u32,
            medium: weighted(rng, &MEDIUM) as u32,
        }
    }

    /// The style that somebody with the habits of `style` has as this person.
    pub(super) fn shape(&self, style: Style, rng: &mut impl Rng) -> Style {
        let years = ((self.age as f32 - AGES.0) / AGES.1).clamp(0.0, 1.0);
        let tremor = OLD_TREMOR * years.powi(2) * normal(rng, 0.6).exp();
        let size = SIZE.0 + (SIZE.1 - SIZE.0) * years;
        let mut letterform = style.letterform;
        for (digit, form) in TAUGHT.into_iter().zip(TAUGHT_FORM[self.language as usize]) {
            if rng.random::<f32>() < FAITHFUL {
                letterform[digit] = form;
            }
        }
        let thickness = style.thickness * MEDIUM_THICKNESS[self.medium as usize];
        Style {
            letterform,
            slant: style.slant - LEFT_LEAN * self.handedness as f32,
            height: (style.height * size).clamp(0.44, 0.76),
            thickness: thickness.clamp(0.05, 0.25),
            tremor: style.tremor + tremor,
            tremor_waves: style.tremor_waves * (1.0 + 0.3 * years),
            variability: style.variability * FREEDOM,
            ..style
        }
    }

    /// The characteristics, in the order of [`NAMES`].
    pub(super) fn values(&self) -> [u32; 7] {
        let Self { age, gender, height, language, handedness, education, medium } = *self;
        [age, gender, height, language, handedness, education, medium]
    }
}
