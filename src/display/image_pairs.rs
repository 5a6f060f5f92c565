//! Images above their reconstructions.

use ndarray::{ArrayView2, Zip};

use super::{
    MimeBundle, RichDisplay,
    image_grid::at_least_one,
    impl_evcxr_display,
    pixels::{Frames, Sheet},
    text::{count, counted, number, titled},
};
use crate::error::{Error, Result};

/// Pixels between an image and its reconstruction, and between neighbours.
const GAP: usize = 2;
/// Pixels between one pair of lines and the next.
const WIDE_GAP: usize = 10;
const USUAL_COLUMNS: usize = 10;
const USUAL_LIMIT: usize = 40;

/// Grey images, each with its reconstruction under it: a PNG picture in blocks of two lines.
///
/// The text form has the mean squared error per pixel over all pairs, also those not shown.
///
/// ```
/// use elbo::display::{ImagePairs, RichDisplay};
/// use ndarray::Array2;
///
/// let originals = Array2::<f32>::from_elem((5, 28 * 28), 0.5);
/// let reconstructions = Array2::<f32>::from_elem((5, 28 * 28), 0.6);
/// let pairs = ImagePairs::new(originals.view(), reconstructions.view(), (28, 28))?;
/// assert!(pairs.mime_bundle()?.text().contains("mean squared error 0.01000 per pixel"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ImagePairs {
    originals: Frames,
    reconstructions: Frames,
    mean_squared_error: f64,
    title: String,
    columns: usize,
    limit: usize,
}

impl ImagePairs {
    /// Pairs from the rows of two arrays of the same shape (images, height × width) with values in
    /// \[0, 1\], line by line from the top. `frame` is (height, width). Values outside are clipped
    /// for the picture, not for the error.
    ///
    /// # Errors
    /// [`Error::Shape`] when the two differ in shape, a row does not hold height × width values or
    /// there is no row; [`Error::Setting`] when the frame is empty.
    pub fn new(
        originals: ArrayView2<'_, f32>,
        reconstructions: ArrayView2<'_, f32>,
        frame: (usize, usize),
    ) -> Result<Self> {
        if originals.dim() != reconstructions.dim() {
            return Err(Error::Shape {
                what: "reconstructions".to_owned(),
                got: reconstructions.shape().to_vec(),
                want: originals.shape().to_vec(),
                advice: "every original needs its reconstruction, in the same order".to_owned(),
            });
        }
        Ok(Self {
            originals: Frames::new("originals", originals, frame)?,
            reconstructions: Frames::new("reconstructions", reconstructions, frame)?,
            mean_squared_error: mean_squared_error(originals, reconstructions),
            title: "Originals above their reconstructions".to_owned(),
            columns: USUAL_COLUMNS,
            limit: USUAL_LIMIT,
        })
    }

    /// What the images are; the first words of the text form.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// Pairs per line, at least 1; 10 without this.
    pub fn columns(self, columns: usize) -> Self {
        Self { columns, ..self }
    }

    /// Shows the first `limit` pairs only, at least 1; 40 without this.
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// Mean over pixels and images of the squared difference; lower is better.
    pub fn mean_squared_error(&self) -> f64 {
        self.mean_squared_error
    }

    fn text(&self, shown: usize) -> String {
        let all = self.originals.len();
        let of = if shown < all { format!("{} of ", count(shown)) } else { String::new() };
        let text = format!(
            "{of}{} of {}, mean squared error {} per pixel{}{}",
            counted(all, "pair"),
            self.originals.size_text(),
            number(self.mean_squared_error),
            self.originals.broken_text(),
            self.reconstructions.broken_text(),
        );
        titled(&self.title, &text)
    }
}

impl RichDisplay for ImagePairs {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let shown = at_least_one("limit", self.originals.len().min(self.limit))?;
        let columns = at_least_one("columns", self.columns)?.min(shown);
        let scale = self.originals.scale();
        let (height, width) = self.originals.size();
        let (wide, high) = (width * scale, height * scale);
        let block = 2 * high + GAP + WIDE_GAP;
        let blocks = shown.div_ceil(columns);
        let sheet_height = blocks * block - WIDE_GAP + 2 * GAP;
        let mut sheet = Sheet::new(columns * (wide + GAP) + GAP, sheet_height)?;
        for i in 0..shown {
            let (x, y) = (GAP + i % columns * (wide + GAP), GAP + i / columns * block);
            sheet.paste_framed(&self.originals, i, (scale, GAP), (x, y));
            sheet.paste_framed(&self.reconstructions, i, (scale, GAP), (x, y + high + GAP));
        }
        Ok(MimeBundle::new(self.text(shown)).with_png(sheet.png()?))
    }
}

impl_evcxr_display!(ImagePairs);

/// In double precision: a sum of millions of small terms loses digits in single precision.
fn mean_squared_error(a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>) -> f64 {
    let add = |sum, &a: &f32, &b: &f32| sum + (f64::from(a) - f64::from(b)).powi(2);
    Zip::from(a).and(b).fold(0.0, add) / a.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::{
        super::pixels::{BORDER, tests::decoded},
        *,
    };

    fn pairs(n: usize) -> ImagePairs {
        let (white, black) = (Array2::ones((n, 12)), Array2::zeros((n, 12)));
        ImagePairs::new(white.view(), black.view(), (4, 3)).unwrap()
    }

    #[test]
    fn reconstructions_lie_under_their_originals() {
        let bundle = pairs(5).columns(3).mime_bundle().unwrap();
        let picture = decoded(bundle.png().unwrap());
        let (wide, high) = (3 * 14, 4 * 14);
        assert_eq!(picture.dimensions(), (3 * (wide + 2) + 2, 2 * (2 * high + 2) + 10 + 4));
        assert_eq!(picture.get_pixel(2, 2).0[0], 255);
        assert_eq!(picture.get_pixel(2, 2 + high).0[0], BORDER);
        assert_eq!(picture.get_pixel(2, 2 + high + 2).0[0], 0);
        // Between two blocks, and at the sixth place, there is nothing.
        assert_eq!(picture.get_pixel(2, 2 + 2 * (high + 2)).0, [0, 0]);
        assert_eq!(picture.get_pixel(4 + 2 * (wide + 2), 2 + 2 * high + 12).0, [0, 0]);
    }

    #[test]
    fn the_text_has_the_error_over_all_pairs() {
        let want = "Originals above their reconstructions: 4 of 5 pairs of 4×3 pixels, \
                    mean squared error 1.000 per pixel";
        assert_eq!(pairs(5).limit(4).mime_bundle().unwrap().text(), want);
        assert_eq!(pairs(5).mean_squared_error(), 1.0);
    }

    #[test]
    fn wrong_input_is_an_error_and_not_finite_input_is_named() {
        let (five, four) = (Array2::<f32>::zeros((5, 12)), Array2::<f32>::zeros((4, 12)));
        let shapes = ImagePairs::new(five.view(), four.view(), (4, 3));
        assert!(matches!(shapes, Err(Error::Shape { .. })));
        assert!(ImagePairs::new(five.view(), five.view(), (4, 4)).is_err());
        assert!(pairs(2).columns(0).mime_bundle().is_err());

        let broken = Array2::from_elem((1, 12), f32::NAN);
        let pair = ImagePairs::new(four.slice(ndarray::s![..1, ..]), broken.view(), (4, 3));
        let text = pair.unwrap().mime_bundle().unwrap().text().to_owned();
        assert!(text.contains("error not finite") && text.contains("12 pixels"), "{text}");
    }
}
