//! HWD+: handwritten digits in high resolution, with characteristics of their writers.
//!
//! Source: Beaulac and Rosenthal 2022, "Introducing a new high-resolution handwritten digits data
//! set with writer characteristics", SN Computer Science 4, 66, doi 10.1007/s42979-022-01494-2.

mod mapped;
mod writer_info;

use std::path::{Path, PathBuf};

pub use mapped::MappedImages;

use self::writer_info::read_writer_info;
use super::images::Images;
use super::places::places;
use crate::error::{Error, Result};

/// What the columns of the table of writers are, unless they are set.
const COLUMNS: [&str; 9] =
    ["digit", "writer", "age", "gender", "height", "language", "handedness", "education", "medium"];
const WRITER_INFO: &str = "WriterInfo.npy";
/// Of these files of images there must be at least one.
const IMAGES: [&str; 3] = ["Images(28x28).npy", "Images(100x100).npy", "Images(500x500).npy"];

/// Finds HWD+ in the first of these places that has it: the folder `hwd-plus` in the folder that the
/// environment variable `ELBO_DATA` names, and the folder `elbo/hwd-plus` in the user's data folder
/// (on Linux `~/.local/share`). The authors publish the files with their paper; nothing is fetched.
///
/// HWD+ (Beaulac and Rosenthal 2022) has 97 writers who wrote each digit 14 times, 13,580 images.
///
/// ```no_run
/// let hwd = elbo::data::hwd_plus()?;
/// let small = hwd.images::<28>()?;
/// let age = small.label("age")?;
/// // 3.4 GB that stay in the file until they are asked for.
/// let large = hwd.map::<500>()?;
/// let some = large.select(&[0, 14, 28])?;
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFound`] when no place has the table of writers and a file of images; it says why for
/// each place, and where the files come from.
pub fn hwd_plus() -> Result<HwdPlus> {
    let mut failures = Vec::new();
    let places = places("hwd-plus", &mut failures);
    find(&places, &mut failures).ok_or_else(|| missing(failures))
}

/// The first of `places` that has the files; notes why the others do not.
pub(super) fn find(places: &[PathBuf], failures: &mut Vec<String>) -> Option<HwdPlus> {
    let lacks = |place: &Path| -> Option<String> {
        if !place.is_dir() {
            return Some("there is no such folder".to_owned());
        }
        if !place.join(WRITER_INFO).is_file() {
            return Some(format!("{WRITER_INFO} is missing"));
        }
        let none = !IMAGES.iter().any(|name| place.join(name).is_file());
        none.then(|| format!("none of {} is there", IMAGES.join(", ")))
    };
    places.iter().find_map(|place| match lacks(place) {
        None => Some(HwdPlus::at(place)),
        Some(failure) => {
            failures.push(format!("{}: {failure}", place.display()));
            None
        }
    })
}

pub(super) fn missing(places: Vec<String>) -> Error {
    Error::NotFound {
        dataset: "HWD+".into(),
        places,
        advice: format!(
            "Put {WRITER_INFO} and {} into a folder named hwd-plus and set ELBO_DATA to the folder \
             that holds it. The files are published with the paper by Beaulac and Rosenthal (doi \
             10.1007/s42979-022-01494-2; the first author's page cedricbeaulac.github.io leads to \
             them). Or use elbo::data::handwriting().like_hwd_plus(), which needs no files",
            IMAGES.join(" or ")
        ),
    }
}

/// A folder with the files of HWD+; found by [`hwd_plus`], or named.
#[derive(Clone, Debug, PartialEq)]
pub struct HwdPlus {
    folder: PathBuf,
    columns: Vec<String>,
}

impl HwdPlus {
    /// The files in this folder: `WriterInfo.npy`, and for each size that is asked for a file such
    /// as `Images(28x28).npy`. They are NumPy arrays, of 32-bit integers with one row an image, and
    /// of unsigned bytes in the shape (images, side, side), black ink on white.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), columns: COLUMNS.map(String::from).to_vec() }
    }

    /// What the columns of the table of writers are, from the left; they become the labels. Unless
    /// set: digit, writer, age, gender, height, language, handedness, education, medium. "digit" and
    /// "writer" must be among them.
    pub fn columns<C: Into<String>>(self, columns: impl IntoIterator<Item = C>) -> Self {
        Self { columns: columns.into_iter().map(Into::into).collect(), ..self }
    }

    /// Where the files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All images of `S`×`S` pixels, white ink on black, with the columns of the table of writers as
    /// labels. They take 4·S² bytes each: at 500 pixels use [`Self::map`].
    ///
    /// # Errors
    /// Those of [`Self::map`].
    pub fn images<const S: usize>(&self) -> Result<Images<S, S>> {
        let mapped = self.map()?;
        Ok(mapped.take(mapped.len()))
    }

    /// The images of `S`×`S` pixels where they are, in the file.
    ///
    /// # Errors
    /// [`Error::File`] when a file is missing, or not of the form that [`Self::at`] describes; when
    /// there is not one row of the table for each image; when a digit is above 9, a number negative,
    /// or a characteristic of a writer not the same in all rows. It names the file and the place.
    /// [`Error::Setting`] when "digit" or "writer" is not among the columns or a name comes twice.
    pub fn map<const S: usize>(&self) -> Result<MappedImages<S>> {
        check_columns(&self.columns)?;
        let labels = read_writer_info(&self.folder.join(WRITER_INFO), &self.columns)?;
        MappedImages::open(&self.folder.join(format!("Images({S}x{S}).npy")), labels)
    }
}

fn check_columns(columns: &[String]) -> Result<()> {
    let is_twice = |(place, name): (usize, &String)| columns[..place].contains(name);
    let twice = columns.iter().enumerate().any(is_twice);
    let complete = ["digit", "writer"].iter().all(|name| columns.iter().any(|c| c == name));
    if complete && !twice {
        return Ok(());
    }
    let requirement = "each has a name of its own, and \"digit\" and \"writer\" are among them";
    Err(Error::setting("the columns of the table of writers", format!("{columns:?}"), requirement))
}
