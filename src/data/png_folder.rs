//! Folders of PNG files.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use image::codecs::png::PngDecoder;
use image::{DynamicImage, ImageDecoder};
use ndarray::Array2;

use super::images::Images;
use crate::error::{Error, Result};

impl<const H: usize, const W: usize> Images<H, W> {
    /// Reads all PNG files of a folder, in the order of their names: gray or colour (of which the
    /// luminance counts), 8 or 16 bits. Transparency is ignored. Other and hidden files are
    /// passed over. Paper is expected dark; see [`Images::inverted`] for the opposite.
    ///
    /// Each sub-folder, where there are any, is a class and gives its images the label "folder".
    /// If all their names are numbers, as in `0`, `1`, …, `9`, the number is the label. Otherwise
    /// it is the position among the sorted names, counted from 0: of `cat`, `dog` and `owl`, dogs
    /// get 1.
    ///
    /// ```no_run
    /// use elbo::data::Images;
    ///
    /// let scans = Images::<64, 48>::from_png_folder("scans")?.inverted();
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// When a file is damaged or has another size, a folder cannot be read or has no PNG file, or
    /// there are PNG files both in sub-folders and beside them. The error names the file or
    /// folder.
    pub fn from_png_folder(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let content = Folder::read(path)?;
        if content.folders.is_empty() {
            return read_all::<H, W>(path, &content.files).map(|pixels| Self::trusted(pixels, []));
        }
        if let Some(file) = content.files.first() {
            let problem = "lies beside folders of images, so it belongs to no class";
            return Err(Error::file(file, problem, "move it into one of the folders or away"));
        }
        let (mut files, mut labels) = (Vec::new(), Vec::new());
        for (label, folder) in classes(content.folders) {
            let found = Folder::read(&folder)?.files;
            check_some(&folder, &found)?;
            labels.resize(labels.len() + found.len(), label);
            files.extend(found);
        }
        Ok(Self::trusted(read_all::<H, W>(path, &files)?, [("folder", labels)]))
    }
}

/// What lies in a folder, sorted by name.
struct Folder {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Folder {
    fn read(path: &Path) -> Result<Self> {
        let unreadable = |error: std::io::Error| {
            Error::file(path, format!("cannot be read as a folder ({error})"), "check the path")
        };
        let entries = fs::read_dir(path).map_err(unreadable)?;
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(unreadable)?;
        // Notebooks and file managers leave hidden folders such as `.ipynb_checkpoints`.
        paths.retain(|path| !name(path).starts_with('.'));
        paths.sort();
        let (folders, mut files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|p| p.is_dir());
        let is_png = |ending: &OsStr| ending.eq_ignore_ascii_case("png");
        files.retain(|file| file.extension().is_some_and(is_png));
        Ok(Self { files, folders })
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The class folders with their labels, in the order of the labels.
fn classes(folders: Vec<PathBuf>) -> Vec<(u32, PathBuf)> {
    let numbers: Option<Vec<u32>> = folders.iter().map(|path| name(path).parse().ok()).collect();
    let labels = numbers.unwrap_or_else(|| (0..folders.len() as u32).collect());
    let mut classes: Vec<_> = labels.into_iter().zip(folders).collect();
    classes.sort();
    classes
}

fn check_some(folder: &Path, files: &[PathBuf]) -> Result<()> {
    if files.is_empty() {
        let advice = "name the folder that holds the images, or put some there";
        return Err(Error::file(folder, "has no PNG files", advice));
    }
    Ok(())
}

/// The images of `files`, one per row.
fn read_all<const H: usize, const W: usize>(
    folder: &Path,
    files: &[PathBuf],
) -> Result<Array2<f32>> {
    check_some(folder, files)?;
    let mut pixels = Vec::with_capacity(files.len() * H * W);
    for file in files {
        pixels.extend(read::<H, W>(file)?);
    }
    Array2::from_shape_vec((files.len(), H * W), pixels)
        .map_err(|error| Error::file(folder, error, format!("all images must have {H}×{W} pixels")))
}

/// The pixels of one file, row by row, in [0, 1].
fn read<const H: usize, const W: usize>(path: &Path) -> Result<Vec<f32>> {
    let damaged = |error: &dyn std::fmt::Display| {
        let advice = "replace the file or take it out of the folder";
        Error::file(path, format!("cannot be read as a PNG ({error})"), advice)
    };
    let file = File::open(path).map_err(|error| damaged(&error))?;
    let decoder = PngDecoder::new(BufReader::new(file)).map_err(|error| damaged(&error))?;
    let (width, height) = decoder.dimensions();
    // Before decoding, so that a huge picture costs nothing.
    if (height as usize, width as usize) != (H, W) {
        let problem = format!("has {height}×{width} pixels (rows × columns), not {H}×{W}");
        let advice = format!("scale or crop it, or read the folder as Images::<{height}, {width}>");
        return Err(Error::file(path, problem, advice));
    }
    let image = DynamicImage::from_decoder(decoder).map_err(|error| damaged(&error))?;
    Ok(image.to_luma32f().into_raw().into_iter().map(|gray| gray.clamp(0.0, 1.0)).collect())
}
