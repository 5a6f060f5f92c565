//! The IDX file format of MNIST and its kin: big-endian header, then one byte per value.
//!
//! Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", file formats.

use std::path::Path;

use ndarray::Array2;

use super::images::Images;
use super::packed::{Content, RENEW};
use crate::error::{Error, Result};

/// First number of a file of images: unsigned bytes in three dimensions.
const IMAGES: u32 = 2051;
/// First number of a file of labels: unsigned bytes in one dimension.
const LABELS: u32 = 2049;

impl<const H: usize, const W: usize> Images<H, W> {
    /// Reads an IDX file of images, plain or gzip (told apart by content, not by name). Gray
    /// levels 0 to 255 become 0 to 1.
    ///
    /// ```no_run
    /// use elbo::data::Images;
    ///
    /// let images = Images::<28, 28>::from_idx("t10k-images-idx3-ubyte.gz")?
    ///     .with_idx_label("digit", "t10k-labels-idx1-ubyte.gz")?;
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// When the file cannot be read, is no IDX file of images, holds images of another size, or
    /// is shorter or longer than its header says. The error names the file, what was found at
    /// which byte (of the unpacked content) and what to do.
    pub fn from_idx(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Idx::open(path)?.images::<H, W>().map(|pixels| Self::trusted(pixels, []))
    }

    /// Adds the values of an IDX file of labels, plain or gzip, under `name`.
    ///
    /// # Errors
    /// As [`Images::from_idx`], and when the file does not hold one label for each image.
    pub fn with_idx_label(self, name: impl Into<String>, path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let labels = Idx::open(path)?.labels()?;
        if labels.len() != self.len() {
            let problem =
                format!("holds {} labels, but there are {} images", labels.len(), self.len());
            return Err(Error::file(path, problem, "take the images and labels of the same set"));
        }
        self.with_label(name, labels)
    }
}

/// An IDX file being read.
pub(super) struct Idx<'a>(pub(super) Content<'a>);

impl<'a> Idx<'a> {
    fn open(path: &'a Path) -> Result<Self> {
        Content::open(path).map(Self)
    }

    /// The images, one per row, in [0, 1].
    pub(super) fn images<const H: usize, const W: usize>(mut self) -> Result<Array2<f32>> {
        self.magic(IMAGES, "images")?;
        let count = self.number("the number of images")?;
        let [rows, columns] = [self.number("the rows")?, self.number("the columns")?];
        if (rows as usize, columns as usize) != (H, W) {
            let problem =
                format!("holds images of {rows}×{columns} pixels (bytes 8 to 15), not of {H}×{W}");
            let advice = format!("read it as Images::<{rows}, {columns}>");
            return Err(Error::file(self.0.path, problem, advice));
        }
        let bytes = self.payload(u64::from(count) * u64::from(rows) * u64::from(columns))?;
        let pixels = bytes.iter().map(|&gray| f32::from(gray) / 255.0).collect();
        Array2::from_shape_vec((count as usize, H * W), pixels)
            .map_err(|error| Error::file(self.0.path, error, RENEW))
    }

    /// The labels.
    pub(super) fn labels(mut self) -> Result<Vec<u32>> {
        self.magic(LABELS, "labels")?;
        let count = self.number("the number of labels")?;
        Ok(self.payload(count.into())?.into_iter().map(u32::from).collect())
    }

    fn magic(&mut self, want: u32, things: &str) -> Result<()> {
        let got = self.number("the magic number")?;
        if got == want {
            return Ok(());
        }
        let meaning = match got {
            IMAGES => " (a file of images)",
            LABELS => " (a file of labels)",
            _ => "",
        };
        let problem = format!("starts with the magic number {got}{meaning}, not {want}");
        Err(Error::file(self.0.path, problem, format!("give an IDX file of {things}")))
    }

    /// The next number of the header.
    fn number(&mut self, what: &str) -> Result<u32> {
        let start = self.0.offset;
        let bytes = <[u8; 4]>::try_from(self.0.read(4)?).map_err(|_| {
            let end = self.0.offset;
            let problem = format!("ends at byte {end}, within {what} (from byte {start})");
            Error::file(self.0.path, problem, RENEW)
        })?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// Everything after the header, which must be `size` bytes.
    fn payload(&mut self, size: u64) -> Result<Vec<u8>> {
        let header = self.0.offset;
        // One byte more than wanted shows a file that is too long, without reading all of it.
        let bytes = self.0.read(size.saturating_add(1))?;
        let got = bytes.len() as u64;
        if got == size {
            return Ok(bytes);
        }
        let end = header.saturating_add(size);
        let problem = match got < size {
            true => format!("ends at byte {}, but its header promises {end} bytes", self.0.offset),
            false => format!("goes on after byte {end}, where its header says that it ends"),
        };
        Err(Error::file(self.0.path, problem, RENEW))
    }
}
