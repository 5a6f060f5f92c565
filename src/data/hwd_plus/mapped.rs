//! Images that stay in their file.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use ndarray::{Array2, ArrayView3};
use ndarray_npy::ViewNpyExt;
use rayon::prelude::*;

use super::super::image_set::Labelled;
use super::super::images::{Images, Label};
use super::super::partition::shuffled;
use crate::error::{Error, Result};
use crate::ops::MappedFile;
use crate::sizes::require;

/// Labelled images of `S`×`S` pixels in a file that is mapped into memory: of its bytes only those
/// of images that are asked for are read, and the system gives their memory back when it needs it.
///
/// Select some images, or go through all of them in batches; the parts are ordinary [`Images`].
/// [`Partition::indices`](super::super::Partition::indices) divides them. The file must not be
/// changed while it is mapped; if it is cut short, the system ends the program.
#[derive(Clone)]
pub struct MappedImages<const S: usize> {
    file: Arc<MappedFile>,
    /// Where the pixels begin.
    start: usize,
    labels: Arc<Vec<Label>>,
    len: usize,
}

impl<const S: usize> MappedImages<S> {
    /// Opens a NumPy array of unsigned bytes, (images, S, S), with `labels` for each image.
    pub(super) fn open(path: &Path, labels: Vec<Label>) -> Result<Self> {
        const { require(S > 0, "an image has at least one pixel") };
        let file = File::open(path).and_then(|file| MappedFile::open(&file)).map_err(|error| {
            Error::file(path, format!("cannot be opened ({error})"), "check the path")
        })?;
        let (start, len) = place_of_pixels(path, &file, S)?;
        if let Some(label) = labels.iter().find(|label| label.values.len() != len) {
            let problem = format!(
                "holds {len} images, but the table of writers has {} rows",
                label.values.len()
            );
            return Err(Error::file(path, problem, "take the two files of the same set"));
        }
        Ok(Self { file: Arc::new(file), start, labels: Arc::new(labels), len })
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The names of the labels.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|label| label.name.as_str())
    }

    /// The values of the label `name`, one per image.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when there is no such label.
    pub fn label(&self, name: &str) -> Result<&[u32]> {
        Label::values(&self.labels, name)
    }

    /// The images at `indices` with their labels, in that order; an index may come repeatedly.
    ///
    /// # Errors
    /// [`Error::Setting`] when an index is not below [`len`](Self::len).
    pub fn select(&self, indices: &[usize]) -> Result<Images<S, S>> {
        if let Some(index) = indices.iter().find(|&&index| index >= self.len) {
            let requirement = format!("there are {} images, counted from 0", self.len);
            return Err(Error::setting("image index", index, requirement));
        }
        Ok(self.read(indices))
    }

    /// The first `n` images, or all if there are fewer.
    pub fn take(&self, n: usize) -> Images<S, S> {
        self.read(&(0..n.min(self.len)).collect::<Vec<_>>())
    }

    /// All images once, in random order, `size` at a time (at least one); the last batch has what is
    /// left. Use another `seed` for each epoch.
    pub fn batches(&self, size: usize, seed: u64) -> impl Iterator<Item = Images<S, S>> {
        let order = shuffled((0..self.len).collect(), seed);
        let size = size.max(1);
        let starts = (0..order.len()).step_by(size);
        starts.map(move |start| self.read(&order[start..(start + size).min(order.len())]))
    }

    /// The images at `indices`, which are known to be below the length: ink 1, paper 0.
    fn read(&self, indices: &[usize]) -> Images<S, S> {
        let bytes = &self.file.bytes()[self.start..];
        let mut pixels = Array2::zeros((indices.len(), S * S));
        // A new array is contiguous, so the slice is always there.
        let images = pixels.as_slice_mut().unwrap_or_default().par_chunks_exact_mut(S * S);
        images.zip(indices).for_each(|(image, &index)| {
            let levels = &bytes[index * S * S..][..S * S];
            for (pixel, &level) in image.iter_mut().zip(levels) {
                *pixel = f32::from(255 - level) / 255.0;
            }
        });
        let labels = self.labels.iter().map(|label| label.pick(indices)).collect();
        Images { pixels, labels }
    }
}

/// Where in the file the pixels begin, and the number of images of `side`×`side` pixels.
fn place_of_pixels(path: &Path, file: &MappedFile, side: usize) -> Result<(usize, usize)> {
    let bytes = file.bytes();
    let view = ArrayView3::<u8>::view_npy(bytes).map_err(|error| {
        let advice = "it should be a NumPy array of unsigned bytes in three dimensions, (images, \
                      side, side), and whole";
        Error::file(path, format!("cannot be read ({error})"), advice)
    })?;
    let (len, height, width) = view.dim();
    if (height, width) != (side, side) {
        let problem = format!("holds images of {height}×{width} pixels, not of {side}×{side}");
        return Err(Error::file(path, problem, "give the file of this size"));
    }
    if !view.is_standard_layout() {
        let advice = "save it again with numpy.ascontiguousarray";
        return Err(Error::file(path, "stores its values in Fortran order", advice));
    }
    Ok((bytes.len() - view.len(), len))
}

impl<const S: usize> Labelled for MappedImages<S> {
    fn len(&self) -> usize {
        self.len
    }

    fn label(&self, name: &str) -> Result<&[u32]> {
        self.label(name)
    }
}

impl<const S: usize> fmt::Debug for MappedImages<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.label_names().collect();
        write!(f, "{} images of {S}×{S} pixels in a file, labels {names:?}", self.len)
    }
}
