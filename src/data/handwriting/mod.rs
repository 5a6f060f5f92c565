//! Handwritten digits without a data file: a generator that moves a pen as writers do.
//!
//! A writer has a style (letterforms, slant, size, pen and so on), drawn once; each repeat of a
//! digit differs a little. Every image has random streams of its own, so it is the same drawing
//! at every resolution, with any number of threads, and whatever else is drawn beside it.

mod letterforms;
mod pen;
mod person;
mod raster;
mod spline;
mod truth;
mod writer;

use ndarray::Array2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use self::person::Person;
pub use self::truth::{HandwritingTruth, Influence};
use self::writer::Style;
use super::images::Images;
use crate::sizes::require;

/// Starts a set of handwritten digits: 60 writers, 10 repeats of all ten digits, seed 0.
///
/// ```
/// let images = elbo::data::handwriting().writers(3).repeats(2).digits([4, 7]).images::<28>();
/// assert_eq!(images.len(), 3 * 2 * 2);
/// assert_eq!(images.label("writer")?[4..8], [1, 1, 1, 1]);
/// # Ok::<(), elbo::Error>(())
/// ```
pub fn handwriting() -> Handwriting {
    Handwriting { writers: 60, repeats: 10, digits: (0..10).collect(), seed: 0, people: false }
}

/// Settings of the handwriting generator, made by [`handwriting`].
#[derive(Clone, Debug, PartialEq)]
pub struct Handwriting {
    writers: usize,
    repeats: usize,
    digits: Vec<u8>,
    seed: u64,
    /// Whether the writers have characteristics.
    people: bool,
}

/// What a random stream decides. Streams of different purposes never meet.
enum Purpose {
    Style,
    Habit,
    Repeat,
    Person,
}

impl Handwriting {
    /// How many people write. Writer 5 is the same person among 10 writers and among 60.
    pub fn writers(self, writers: usize) -> Self {
        Self { writers, ..self }
    }

    /// How often each writer writes each digit.
    pub fn repeats(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    /// Which digits are written, in this order; numbers above 9 are passed over.
    pub fn digits(self, digits: impl IntoIterator<Item = u8>) -> Self {
        Self { digits: digits.into_iter().filter(|&digit| digit < 10).collect(), ..self }
    }

    /// Another seed means other people.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Writers are people with the characteristics of HWD+, drawn at random, and some of these shape
    /// the writing. They become labels: "age" (years), "gender" (0, 1), "height" (of the body, in
    /// centimetres), "language" (0 to 2), "handedness" (0 right, 1 left), "education" (0 to 3) and
    /// "medium" (0 fine, 1 usual, 2 broad). [`truth`](Self::truth) says which shape what. Without
    /// this nobody has characteristics, and the same writers write otherwise.
    ///
    /// ```
    /// let images = elbo::data::handwriting().writers(5).repeats(1).characteristics().images::<28>();
    /// let age = images.label("age")?;
    /// assert!(age.iter().all(|years| (18..=85).contains(years)));
    /// # Ok::<(), elbo::Error>(())
    /// ```
    pub fn characteristics(self) -> Self {
        Self { people: true, ..self }
    }

    /// The design of HWD+: 97 writers with characteristics write each digit 14 times, 13,580 images.
    pub fn like_hwd_plus(self) -> Self {
        self.writers(97).repeats(14).characteristics()
    }

    /// What the [`characteristics`](Self::characteristics) do to the writing, the same for all
    /// settings.
    pub fn truth(&self) -> HandwritingTruth {
        HandwritingTruth::new()
    }

    /// The images, `S`×`S` pixels each (28 to 500): for each writer each digit, and of each digit
    /// all repeats. The labels "digit", "writer" and "repeat" count from 0; with
    /// [`characteristics`](Self::characteristics) those follow. An image takes 4·S²
    /// bytes of memory.
    pub fn images<const S: usize>(&self) -> Images<S, S> {
        const { require(S >= 28 && S <= 500, "handwriting is drawn at 28 to 500 pixels") };
        let (pixels, labels) = self.draw(S);
        Images::trusted(pixels, labels)
    }

    /// Pixels, (n, side²), and labels of all images. Not generic, so that cells need not compile it.
    fn draw(&self, side: usize) -> (Array2<f32>, Vec<(&'static str, Vec<u32>)>) {
        let (people, styles): (Vec<Person>, Vec<Style>) =
            (0..self.writers).map(|writer| self.writer(writer)).unzip();
        let rows: Vec<(usize, u8, usize)> = (0..self.writers)
            .flat_map(|writer| self.digits.iter().map(move |&digit| (writer, digit)))
            .flat_map(|(writer, digit)| (0..self.repeats).map(move |r| (writer, digit, r)))
            .collect();
        let mut pixels = Array2::zeros((rows.len(), side * side));
        // A new array is contiguous, so the slice is always there.
        let images = pixels.as_slice_mut().unwrap_or_default().par_chunks_exact_mut(side * side);
        images.zip(&rows).for_each(|(image, &(writer, digit, repeat))| {
            let lines = self.write(&styles[writer], writer, digit, repeat);
            raster::render(&lines, side, image);
        });
        let label = |value: fn(&(usize, u8, usize)) -> u32| rows.iter().map(value).collect();
        let mut labels = vec![
            ("digit", label(|row| row.1.into())),
            ("writer", label(|row| row.0 as u32)),
            ("repeat", label(|row| row.2 as u32)),
        ];
        if self.people {
            labels.extend(person::NAMES.into_iter().enumerate().map(|(i, name)| {
                (name, rows.iter().map(|row| people[row.0].values()[i]).collect())
            }));
        }
        (pixels, labels)
    }

    /// Who a writer is, and how they write.
    fn writer(&self, writer: usize) -> (Person, Style) {
        let style = Style::draw(&mut self.rng(Purpose::Style, writer, 0, 0));
        let rng = &mut self.rng(Purpose::Person, writer, 0, 0);
        let person = Person::draw(rng);
        let style = if self.people { person.shape(style, rng) } else { style };
        (person, style)
    }

    /// The lines of one image.
    fn write(&self, style: &Style, writer: usize, digit: u8, repeat: usize) -> Vec<Vec<pen::Ink>> {
        let forms = letterforms::DIGITS[usize::from(digit)];
        let form = &forms[style.letterform[usize::from(digit)]];
        let mut habit = self.rng(Purpose::Habit, writer, digit, 0);
        let mut repeat = self.rng(Purpose::Repeat, writer, digit, repeat);
        pen::write(form, style, &mut habit, &mut repeat)
    }

    /// The random stream for a purpose: 4 bits of purpose, 4 of digit, 28 each of writer and
    /// repeat make its number.
    fn rng(&self, purpose: Purpose, writer: usize, digit: u8, repeat: usize) -> ChaCha8Rng {
        let low = |number: usize| number as u64 & 0x0fff_ffff;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let stream = (purpose as u64) << 60 | u64::from(digit) << 56;
        rng.set_stream(stream | low(writer) << 28 | low(repeat));
        rng
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_images_share_a_stream() {
        let mut streams = HashSet::new();
        for purpose in
            [|| Purpose::Style, || Purpose::Habit, || Purpose::Repeat, || Purpose::Person]
        {
            for (writer, digit, repeat) in (0..3usize.pow(3)).map(|i| (i / 9, i / 3 % 3, i % 3)) {
                let rng = handwriting().rng(purpose(), writer, digit as u8, repeat);
                assert!(streams.insert(rng.get_stream()), "{writer} {digit} {repeat}");
            }
        }
    }
}
