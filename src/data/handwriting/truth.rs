//! What can be read from the writing about its writer, and how well at best.

use statrs::function::erf::erf;

use super::letterforms::DIGITS;
use super::person::{
    EDUCATION, FAITHFUL, GENDER, HANDEDNESS, LANGUAGE, LEFT_LEAN, MEDIUM, MEDIUM_THICKNESS, TAUGHT,
    TAUGHT_FORM,
};
use super::writer::{EXTREME, SLANT_SD, THICKNESS, THICKNESS_LIMITS, THICKNESS_SD};
use crate::display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display};
use crate::error::Result;

/// What one characteristic does to the writing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Influence {
    /// The name of the label.
    pub characteristic: &'static str,
    /// What its values mean.
    pub values: &'static str,
    /// What it shapes, or `None` where the writing is independent of it.
    pub shapes: Option<&'static str>,
    /// The share of the most common value among all possible writers; `None` for ages and heights,
    /// which are numbers and not classes.
    pub majority: Option<f64>,
    /// The largest possible accuracy for an image of a writer never seen before: that of a reader
    /// who sees the style in the image without error and knows how writers are drawn. The majority
    /// where nothing can be read.
    pub best: Option<f64>,
}

/// The truth about the writers of [`handwriting`](super::handwriting) with characteristics: what
/// can be predicted from images of people never seen before, and what cannot.
///
/// The accuracies are those over all possible writers. A few dozen have other shares.
///
/// ```
/// let truth = elbo::data::handwriting().truth();
/// let hand = truth.of("handedness").expect("it is one of the seven");
/// assert!(hand.best > hand.majority);
/// let gender = truth.of("gender").expect("it is one of the seven");
/// assert_eq!((gender.shapes, gender.best), (None, gender.majority));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HandwritingTruth {
    /// One for each characteristic, in the order of the labels.
    pub influences: Vec<Influence>,
}

impl HandwritingTruth {
    pub(super) fn new() -> Self {
        let nothing = |characteristic, values, shares: &[f32]| {
            let majority = Some(largest(shares));
            Influence { characteristic, values, shapes: None, majority, best: majority }
        };
        let lean = [0.0, -LEFT_LEAN];
        let slant_limits = [-EXTREME * SLANT_SD, EXTREME * SLANT_SD];
        let thickness_limits = THICKNESS_LIMITS.map(|limit| (limit / THICKNESS).ln());
        let age = Influence {
            characteristic: "age",
            values: "years, 18 to 85",
            shapes: Some("tremor (old: more), size (old: smaller)"),
            majority: None,
            best: None,
        };
        let height = Influence {
            characteristic: "height",
            values: "centimetres; depends on gender",
            shapes: None,
            majority: None,
            best: None,
        };
        let language = Influence {
            shapes: Some("letterforms of 1, 4 and 7"),
            best: Some(language_best()),
            ..nothing("language", "0 to 2", &LANGUAGE)
        };
        let handedness = Influence {
            shapes: Some("slant (left-handed: to the left)"),
            best: Some(shift_best(&HANDEDNESS, &lean, SLANT_SD, slant_limits)),
            ..nothing("handedness", "0 right, 1 left", &HANDEDNESS)
        };
        let log_thickness = MEDIUM_THICKNESS.map(f32::ln);
        let medium = Influence {
            shapes: Some("thickness of the line"),
            best: Some(shift_best(&MEDIUM, &log_thickness, THICKNESS_SD, thickness_limits)),
            ..nothing("medium", "0 fine, 1 usual, 2 broad", &MEDIUM)
        };
        let gender = nothing("gender", "0, 1", &GENDER);
        let education = nothing("education", "0 to 3", &EDUCATION);
        let influences = vec![age, gender, height, language, handedness, education, medium];
        Self { influences }
    }

    /// That of the characteristic with this name.
    pub fn of(&self, characteristic: &str) -> Option<&Influence> {
        self.influences.iter().find(|influence| influence.characteristic == characteristic)
    }
}

fn largest(shares: &[f32]) -> f64 {
    shares.iter().copied().map(f64::from).fold(0.0, f64::max)
}

/// For an image of any of the ten digits. Only some show the language, by their letterform.
fn language_best() -> f64 {
    let of_digit = |digit: usize| -> f64 {
        let Some(place) = TAUGHT.iter().position(|&taught| taught == digit) else {
            return largest(&LANGUAGE);
        };
        let total: f32 = DIGITS[digit].iter().map(|form| form.popularity).sum();
        let best_of_form = |form: usize| {
            let popular = (1.0 - FAITHFUL) * DIGITS[digit][form].popularity / total;
            let joint = |language: usize| {
                let taught = TAUGHT_FORM[language][place] == form;
                LANGUAGE[language] * (popular + if taught { FAITHFUL } else { 0.0 })
            };
            f64::from((0..LANGUAGE.len()).map(joint).fold(0.0, f32::max))
        };
        (0..DIGITS[digit].len()).map(best_of_form).sum()
    };
    (0..10).map(of_digit).sum::<f64>() / 10.0
}

/// The accuracy of Bayes' rule for classes with these shares from a number that is the class's
/// shift plus a normal number, of standard deviation `sd` and cut at the limits.
fn shift_best(shares: &[f32], shifts: &[f32], sd: f32, [low, high]: [f32; 2]) -> f64 {
    let [sd, low, high] = [sd, low, high].map(f64::from);
    let classes: Vec<(f64, f64)> =
        shares.iter().zip(shifts).map(|(&p, &shift)| (f64::from(p), f64::from(shift))).collect();
    let below = |x: f64| 0.5 * (1.0 + erf(x / (sd * std::f64::consts::SQRT_2)));
    // What was cut lies on the limits, where only one class has so much of it.
    let on_limits = below(low) + 1.0 - below(high);
    let density = |x: f64| match (low..=high).contains(&x) {
        true => (-0.5 * (x / sd).powi(2)).exp() / (sd * (2.0 * std::f64::consts::PI).sqrt()),
        false => 0.0,
    };
    let best = |x: f64| classes.iter().map(|(p, shift)| p * density(x - shift)).fold(0.0, f64::max);
    let shifts = classes.iter().map(|class| class.1);
    let start = low + shifts.clone().fold(f64::INFINITY, f64::min);
    let end = high + shifts.fold(f64::NEG_INFINITY, f64::max);
    const PIECES: usize = 20_000;
    let step = (end - start) / PIECES as f64;
    let within: f64 = (0..PIECES).map(|piece| best(start + (piece as f64 + 0.5) * step)).sum();
    on_limits + within * step
}

impl RichDisplay for HandwritingTruth {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let columns = ["characteristic", "values", "shapes", "majority", "best accuracy"];
        let mut table = Table::new("What characteristics do to the writing", columns);
        let share = |share: Option<f64>| match share {
            Some(share) => Cell::decimals(share, 3),
            None => Cell::Number("–".to_owned()),
        };
        for influence in &self.influences {
            table = table.row([
                influence.characteristic.into(),
                influence.values.into(),
                influence.shapes.unwrap_or("nothing").into(),
                share(influence.majority),
                share(influence.best),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(HandwritingTruth);

#[cfg(test)]
mod tests {
    use super::super::{Purpose, handwriting, person::Person, writer::Style};
    use super::*;

    const WRITERS: usize = 40_000;

    /// Many writers, each with the style they would have without characteristics.
    fn writers() -> Vec<(Person, Style, Style)> {
        let settings = handwriting().characteristics();
        let writer = |number| {
            let usual = Style::draw(&mut settings.rng(Purpose::Style, number, 0, 0));
            let (person, style) = settings.writer(number);
            (person, usual, style)
        };
        (0..WRITERS).map(writer).collect()
    }

    /// Four standard errors of a share among the writers.
    fn tolerance(share: f64) -> f64 {
        4.0 * (share * (1.0 - share) / WRITERS as f64).sqrt()
    }

    /// The share of classes found by a rule.
    fn found(classes: &[u32], rule: impl Fn(usize) -> usize) -> f64 {
        let right = (0..WRITERS).filter(|&writer| rule(writer) == classes[writer] as usize);
        right.count() as f64 / WRITERS as f64
    }

    /// Bayes' rule for a number that is the class's shift plus a normal number cut at the limits.
    fn bayes(shares: &[f32], shifts: &[f32], sd: f32, [low, high]: [f32; 2], x: f32) -> usize {
        let score = |class: usize| {
            let rest = x - shifts[class];
            // Rounding of single precision.
            let on_limit = [low, high].iter().any(|limit| (rest - limit).abs() < 1e-5);
            match (on_limit, (low..=high).contains(&rest)) {
                (true, _) => f32::INFINITY,
                (false, true) => shares[class] * (-0.5 * (rest / sd).powi(2)).exp(),
                (false, false) => 0.0,
            }
        };
        (0..shares.len()).max_by(|&a, &b| score(a).total_cmp(&score(b))).unwrap()
    }

    /// As [`found`], for letterforms: the class with the most writers of each form.
    fn found_by_form(classes: &[u32], forms: &[usize]) -> f64 {
        let mut counts = [[0usize; 3]; 5];
        classes.iter().zip(forms).for_each(|(&class, &form)| counts[form][class as usize] += 1);
        counts.iter().map(|of| of.iter().max().unwrap()).sum::<usize>() as f64 / WRITERS as f64
    }

    #[test]
    fn the_best_accuracies_are_those_of_a_reader_who_knows_the_style() {
        let (writers, truth) = (writers(), HandwritingTruth::new());
        let best = |name: &str| truth.of(name).unwrap().best.unwrap();
        let class = |of: fn(&Person) -> u32| -> Vec<u32> {
            writers.iter().map(|(person, ..)| of(person)).collect()
        };
        // Habit tells the haste, which the slant depends on.
        let lean = |style: &Style| style.slant - 0.04 - 0.22 * (style.habit - 0.022) / 0.018;
        let limits = [-EXTREME * SLANT_SD, EXTREME * SLANT_SD];
        let got = found(&class(|person| person.handedness), |writer| {
            bayes(&HANDEDNESS, &[0.0, -LEFT_LEAN], SLANT_SD, limits, lean(&writers[writer].2))
        });
        let want = best("handedness");
        assert!((got - want).abs() <= tolerance(want), "hand: got {got}, want {want}");
        let (shifts, limits) =
            (MEDIUM_THICKNESS.map(f32::ln), THICKNESS_LIMITS.map(|limit| (limit / THICKNESS).ln()));
        let got = found(&class(|person| person.medium), |writer| {
            let thickness = (writers[writer].2.thickness / THICKNESS).ln();
            bayes(&MEDIUM, &shifts, THICKNESS_SD, limits, thickness)
        });
        let want = best("medium");
        assert!((got - want).abs() <= tolerance(want), "medium: got {got}, want {want}");
        let languages = class(|person| person.language);
        let of_digit = |digit: usize| {
            let forms: Vec<usize> =
                writers.iter().map(|(_, _, style)| style.letterform[digit]).collect();
            found_by_form(&languages, &forms)
        };
        let got = (0..10).map(of_digit).sum::<f64>() / 10.0;
        let want = best("language");
        assert!((got - want).abs() <= tolerance(want), "language: got {got}, want {want}");
    }

    #[test]
    fn shares_are_as_stated_and_what_shapes_nothing_is_independent_of_the_style() {
        let (writers, truth) = (writers(), HandwritingTruth::new());
        type ClassOf = fn(&Person) -> u32;
        let classes: [(&str, ClassOf); 5] = [
            ("gender", |person| person.gender),
            ("language", |person| person.language),
            ("handedness", |person| person.handedness),
            ("education", |person| person.education),
            ("medium", |person| person.medium),
        ];
        for (name, class) in classes {
            let mut counts = [0; 4];
            writers.iter().for_each(|(person, ..)| counts[class(person) as usize] += 1);
            let got = f64::from(*counts.iter().max().unwrap()) / WRITERS as f64;
            let want = truth.of(name).unwrap().majority.unwrap();
            assert!((got - want).abs() <= tolerance(want), "{name}: got {got}, want {want}");
        }
        // A style knows nothing of gender, height and education: the same person with others of them
        // has the same style. Body height depends on gender, and both on nothing else.
        let settings = handwriting().characteristics();
        for (number, (person, usual, style)) in writers.iter().enumerate().take(50) {
            let mut rng = settings.rng(Purpose::Person, number, 0, 0);
            assert_eq!(Person::draw(&mut rng), *person);
            let other = Person { gender: 1 - person.gender, height: 150, education: 3, ..*person };
            assert_eq!(other.shape(usual.clone(), &mut rng), *style);
        }
    }

    #[test]
    fn the_strengths_are_those_stated() {
        let writers = writers();
        let mean = |keep: &dyn Fn(&Person) -> bool, of: &dyn Fn(&Style, &Style) -> f32| -> f32 {
            let chosen = writers.iter().filter(|(person, ..)| keep(person));
            let values: Vec<f32> = chosen.map(|(_, usual, style)| of(usual, style)).collect();
            values.iter().sum::<f32>() / values.len() as f32
        };
        let lean = |usual: &Style, style: &Style| style.slant - usual.slant;
        let left = mean(&|person| person.handedness == 1, &lean);
        assert!((left + LEFT_LEAN).abs() < 1e-4, "left-handed writers lean by {left}");
        assert_eq!(mean(&|person| person.handedness == 0, &lean), 0.0);
        let tremor = |_: &Style, style: &Style| style.tremor;
        let size = |_: &Style, style: &Style| style.height;
        let [young, old] = [|person: &Person| person.age < 30, |person: &Person| person.age >= 70];
        assert!(mean(&old, &tremor) > 4.0 * mean(&young, &tremor));
        assert!(mean(&old, &size) < 0.88 * mean(&young, &size));
        // Overlapping all the same: some old hands are steadier and larger than some young ones.
        let extreme = |keep: &dyn Fn(&Person) -> bool, of: &dyn Fn(&Style) -> f32, start: f32| {
            let chosen = writers.iter().filter(|(person, ..)| keep(person));
            let better =
                |best: f32, value: f32| if start > 0.0 { best.min(value) } else { best.max(value) };
            chosen.map(|(_, _, style)| of(style)).fold(start, better)
        };
        let largest_old = extreme(&old, &|style| style.height, f32::NEG_INFINITY);
        let smallest_young = extreme(&young, &|style| style.height, f32::INFINITY);
        assert!(largest_old > smallest_young);
    }
}
