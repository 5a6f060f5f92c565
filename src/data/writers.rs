//! MNIST with who wrote each image.
//!
//! Source of the writers: Yadav and Bottou 2019, "Cold case: the lost MNIST digits" (QMNIST), which
//! traced MNIST's images back to NIST's Special Database 19.

use std::path::{Path, PathBuf};

use super::images::Images;
use super::mnist::{FILES, Mnist, load};
use super::packed::Content;
use super::places::{files, places};
use crate::error::{Error, Result};

/// The files with the writers of the images for training and for testing.
const WRITERS: [&str; 2] = ["train-writers.tsv", "t10k-writers.tsv"];
/// The columns of these files, separated by tabs.
const COLUMNS: &str = "index\tdigit\twriter\tpartition";

/// MNIST with the labels "digit", "writer" (the number of the person in NIST's collection; 539 for
/// training, other people for testing) and "partition" (0: an employee of the United States Census
/// Bureau, 4: a high-school student; hsf_0 and hsf_4 in NIST's words).
///
/// Read from the folder `mnist` in the folder that `ELBO_DATA` names, or from `elbo/mnist` in the
/// user's data folder: the four files of [`mnist`](super::mnist) and `train-writers.tsv` and
/// `t10k-writers.tsv`, each with or without `.gz`. The latter are tables with one line an image in
/// the order of the images, and the columns `index` (counted from 0), `digit`, `writer` and
/// `partition`, separated by tabs. The QMNIST labels hold these numbers.
///
/// ```no_run
/// let mnist = elbo::data::mnist_with_writers()?;
/// // The writer task of the lecture: 97 people to be told apart. The others' names are not used.
/// let (known, others) = mnist.train.choose_values("writer", 97, 110, 0)?;
/// assert_eq!(known.len() + others.len(), 60_000);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFound`] when no place has all six files; it says why for each place. When a place has
/// them but one is damaged, or a digit is not that of the label file, [`Error::File`] with the line.
pub fn mnist_with_writers() -> Result<Mnist> {
    let mut failures = Vec::new();
    let places = places("mnist", &mut failures);
    find(&places, &mut failures)?.ok_or_else(|| missing(failures))
}

/// Loads the first of `places` that has all files; notes why the others do not.
pub(super) fn find(places: &[PathBuf], failures: &mut Vec<String>) -> Result<Option<Mnist>> {
    for place in places {
        let both = files(place, FILES).and_then(|mnist| Ok((mnist, files(place, WRITERS)?)));
        match both {
            Ok((mnist, [train, test])) => {
                let mnist = load(mnist)?;
                return Ok(Some(Mnist {
                    train: with_writers(mnist.train, &train)?,
                    test: with_writers(mnist.test, &test)?,
                }));
            }
            Err(failure) => failures.push(format!("{}: {failure}", place.display())),
        }
    }
    Ok(None)
}

fn missing(places: Vec<String>) -> Error {
    Error::NotFound {
        dataset: "MNIST with writers".into(),
        places,
        advice: format!(
            "Put the four files of MNIST and {} (each with or without .gz) into one folder named \
             mnist and set ELBO_DATA to the folder that holds it; the writers are among the QMNIST \
             labels. Or use elbo::data::handwriting(), which needs no files",
            WRITERS.join(" and ")
        ),
    }
}

/// Adds the labels of the file at `path`, which must agree about the digits.
pub(super) fn with_writers<const H: usize, const W: usize>(
    images: Images<H, W>,
    path: &Path,
) -> Result<Images<H, W>> {
    let text = Content::open(path)?.text()?;
    let table = WriterTable { path, digits: images.label("digit")? };
    let (writers, partitions) = table.read(&text)?;
    images.with_label("writer", writers)?.with_label("partition", partitions)
}

/// A table of writers being read.
struct WriterTable<'a> {
    path: &'a Path,
    /// Those of the label file.
    digits: &'a [u32],
}

impl WriterTable<'_> {
    /// Writers and partitions.
    fn read(&self, text: &str) -> Result<(Vec<u32>, Vec<u32>)> {
        let mut lines = text.lines();
        let heading = lines.next().unwrap_or_default();
        if heading != COLUMNS {
            let advice = format!("it should be {COLUMNS:?}: four columns separated by tabs");
            return Err(Error::file(self.path, format!("line 1 is {heading:?}"), advice));
        }
        let rows: Vec<(u32, u32)> =
            lines.enumerate().map(|(index, line)| self.row(index, line)).collect::<Result<_>>()?;
        if rows.len() != self.digits.len() {
            let problem =
                format!("holds {} writers, but there are {} images", rows.len(), self.digits.len());
            return Err(Error::file(self.path, problem, "take the files of the same set, whole"));
        }
        Ok(rows.into_iter().unzip())
    }

    /// Writer and partition of the image at `index`.
    fn row(&self, index: usize, line: &str) -> Result<(u32, u32)> {
        // Lines are counted from 1, and the first is the heading.
        let wrong = |problem: String, advice: &str| {
            Error::file(self.path, format!("line {}: {problem}", index + 2), advice)
        };
        let numbers =
            line.split('\t').map(str::parse).collect::<std::result::Result<Vec<u32>, _>>();
        let Ok(&[place, digit, writer, partition]) = numbers.as_deref() else {
            let problem = format!("{line:?} is not four whole numbers separated by tabs");
            return Err(wrong(problem, "repair the line or fetch the file again"));
        };
        if place as usize != index {
            let problem = format!("the index is {place}, but the line is that of image {index}");
            return Err(wrong(problem, "lines stand in the order of the images, without a gap"));
        }
        match self.digits.get(index) {
            Some(&label) if label != digit => {
                let problem = format!("the digit is {digit}, but the label file says {label}");
                Err(wrong(problem, "take the writers and the labels of the same set"))
            }
            // Too many lines are noticed when all are read.
            _ => Ok((writer, partition)),
        }
    }
}
