//! Images in rows and columns.

use ndarray::ArrayView2;

use super::{
    MimeBundle, RichDisplay, impl_evcxr_display,
    pixels::{Frames, Sheet},
    text::{count, counted, titled},
};
use crate::error::{Error, Result};

/// Pixels between images.
const GAP: usize = 2;
/// So many images are shown when no limit is set; more would be a wall.
const USUAL_LIMIT: usize = 256;

/// Grey images of one size, in rows and columns: a PNG picture of all of them.
///
/// A value of 0 is black and 1 is white. Small images are magnified by whole pixels, so that one of
/// 28×28 is 56 pixels wide.
///
/// ```
/// use elbo::display::{ImageGrid, RichDisplay};
/// use ndarray::Array2;
///
/// let images = Array2::<f32>::from_elem((64, 28 * 28), 0.5);
/// let grid = ImageGrid::new(images.view(), (28, 28))?.title("Samples");
/// assert_eq!(grid.mime_bundle()?.text(), "Samples: 64 images of 28×28 pixels, 8 per row");
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImageGrid {
    frames: Frames,
    title: String,
    captions: Vec<String>,
    columns: Option<usize>,
    limit: usize,
}

impl ImageGrid {
    /// Images from the rows of an array of shape (images, height × width) with values in \[0, 1\],
    /// line by line from the top. `frame` is (height, width). Values outside are clipped.
    ///
    /// # Errors
    /// [`Error::Shape`] when a row does not hold height × width values or there is no row,
    /// [`Error::Setting`] when the frame is empty.
    pub fn new(rows: ArrayView2<'_, f32>, frame: (usize, usize)) -> Result<Self> {
        Ok(Self {
            frames: Frames::new("images", rows, frame)?,
            title: "Images".to_owned(),
            captions: Vec::new(),
            columns: None,
            limit: USUAL_LIMIT,
        })
    }

    /// What the images are; the first words of the text form.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// What the rows of the grid are, from the top; lines of the text form.
    pub fn row_captions<C: Into<String>>(self, captions: impl IntoIterator<Item = C>) -> Self {
        Self { captions: captions.into_iter().map(Into::into).collect(), ..self }
    }

    /// Images per row, at least 1. Without this a number is chosen that fills the rows.
    pub fn columns(self, columns: usize) -> Self {
        Self { columns: Some(columns), ..self }
    }

    /// Shows the first `limit` images only, at least 1; the text form says of how many. Without
    /// this at most 256 are shown.
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    fn shown(&self) -> usize {
        self.frames.len().min(self.limit)
    }

    fn text(&self, columns: usize) -> String {
        let (shown, all) = (self.shown(), self.frames.len());
        let of = if shown < all { format!("{} of ", count(shown)) } else { String::new() };
        let (images, size) = (counted(all, "image"), self.frames.size_text());
        let mut text = titled(&self.title, &format!("{of}{images} of {size}, {columns} per row"));
        for (row, caption) in self.captions.iter().take(shown.div_ceil(columns)).enumerate() {
            text.push_str(&format!("\nrow {}: {caption}", row + 1));
        }
        text + &self.frames.broken_text()
    }
}

impl RichDisplay for ImageGrid {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let shown = at_least_one("limit", self.shown())?;
        let columns = match self.columns {
            Some(columns) => at_least_one("columns", columns)?.min(shown),
            None => pleasant_columns(shown),
        };
        let scale = self.frames.scale();
        let (height, width) = self.frames.size();
        let (step_x, step_y) = (width * scale + GAP, height * scale + GAP);
        let rows = shown.div_ceil(columns);
        let mut sheet = Sheet::new(columns * step_x + GAP, rows * step_y + GAP)?;
        for i in 0..shown {
            let corner = (GAP + i % columns * step_x, GAP + i / columns * step_y);
            sheet.paste_framed(&self.frames, i, (scale, GAP), corner);
        }
        Ok(MimeBundle::new(self.text(columns)).with_png(sheet.png()?))
    }
}

impl_evcxr_display!(ImageGrid);

/// The number itself, or an error about the setting it belongs to.
pub(super) fn at_least_one(setting: &'static str, value: usize) -> Result<usize> {
    let requirement = "it must be at least 1".to_owned();
    if value > 0 {
        Ok(value)
    } else {
        Err(Error::Setting { setting, value: value.to_string(), requirement })
    }
}

/// Images per row: one row up to ten; beyond, a grid a little wider than high, in which as few
/// places as possible stay empty.
fn pleasant_columns(images: usize) -> usize {
    if images <= 10 {
        return images.max(1);
    }
    let square = (images as f64).sqrt().ceil() as usize;
    (square..=square * 3 / 2)
        .min_by_key(|&columns| (images.next_multiple_of(columns) - images, columns))
        .unwrap_or(square)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::{
        super::pixels::{BORDER, tests::decoded},
        *,
    };

    fn ramp(images: usize) -> Array2<f32> {
        Array2::from_shape_fn((images, 28 * 28), |(i, _)| i as f32 / images as f32)
    }

    #[test]
    fn the_picture_has_every_image_at_its_place() {
        let grid = ImageGrid::new(ramp(12).view(), (28, 28)).unwrap().columns(4);
        let bundle = grid.mime_bundle().unwrap();
        let picture = decoded(bundle.png().unwrap());
        assert_eq!(picture.dimensions(), (4 * 58 + 2, 3 * 58 + 2));
        for i in 0..12 {
            let (x, y) = (2 + i % 4 * 58, 2 + i / 4 * 58);
            let want = (f64::from(i) / 12.0 * 255.0).round() as u8;
            assert_eq!(picture.get_pixel(x, y).0[0], want);
            assert_eq!(picture.get_pixel(x + 55, y + 55).0[0], want);
            assert_eq!(picture.get_pixel(x + 56, y).0[0], BORDER);
        }
        assert_eq!(bundle, grid.mime_bundle().unwrap());
    }

    #[test]
    fn columns_fill_the_rows() {
        let chosen = [1, 7, 10, 12, 20, 25, 64, 100, 256].map(pleasant_columns);
        assert_eq!(chosen, [1, 7, 10, 4, 5, 5, 8, 10, 16]);
    }

    #[test]
    fn the_text_says_how_many_of_how_many() {
        let grid = ImageGrid::new(ramp(1200).view(), (28, 28)).unwrap().title("MNIST");
        let grid = grid.limit(20).columns(10).row_captions(["zeros", "ones", "twos"]);
        let bundle = grid.mime_bundle().unwrap();
        let want =
            "MNIST: 20 of 1,200 images of 28×28 pixels, 10 per row\nrow 1: zeros\nrow 2: ones";
        assert_eq!(bundle.text(), want);
    }

    #[test]
    fn settings_of_zero_are_errors() {
        let grid = ImageGrid::new(ramp(3).view(), (28, 28)).unwrap();
        assert!(matches!(grid.clone().columns(0).mime_bundle(), Err(Error::Setting { .. })));
        assert!(matches!(grid.limit(0).mime_bundle(), Err(Error::Setting { .. })));
    }
}
