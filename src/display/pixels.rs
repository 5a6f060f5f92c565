//! Small grey pictures and the sheets they are laid out on.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use ndarray::ArrayView2;

use crate::error::{Error, Result};

/// Grey pictures of one size, one byte per pixel.
#[derive(Clone, PartialEq)]
pub(super) struct Frames {
    /// Height and width in pixels.
    size: (usize, usize),
    pixels: Vec<u8>,
    /// How many pixels were not finite; they are drawn black.
    broken: usize,
}

// Thousands of images would fill the notebook.
impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} images of {}", self.len(), self.size_text())
    }
}

impl Frames {
    /// Pictures from rows of `height * width` values in \[0, 1\], line by line from the top.
    pub(super) fn new(what: &str, rows: ArrayView2<'_, f32>, size: (usize, usize)) -> Result<Self> {
        check(what, rows.dim(), size)?;
        let broken = rows.iter().filter(|value| !value.is_finite()).count();
        let pixels = rows.iter().map(|&value| shade(value)).collect();
        Ok(Self { size, pixels, broken })
    }

    /// Number of pictures.
    pub(super) fn len(&self) -> usize {
        self.pixels.len() / (self.size.0 * self.size.1)
    }

    /// Height and width in pixels.
    pub(super) fn size(&self) -> (usize, usize) {
        self.size
    }

    /// `28×28 pixels`.
    pub(super) fn size_text(&self) -> String {
        format!("{}×{} pixels", self.size.0, self.size.1)
    }

    /// A line about pixels that were not finite, empty when there are none.
    pub(super) fn broken_text(&self) -> String {
        match self.broken {
            0 => String::new(),
            n => format!("\n{} not finite, drawn black", super::text::counted(n, "pixel")),
        }
    }

    fn picture(&self, index: usize) -> &[u8] {
        let area = self.size.0 * self.size.1;
        self.pixels.get(index * area..(index + 1) * area).unwrap_or_default()
    }

    /// How many screen pixels wide and high a pixel is drawn: a picture is about 56 across.
    pub(super) fn scale(&self) -> usize {
        let longest = self.size.0.max(self.size.1);
        ((56 + longest / 2) / longest).max(1)
    }
}

fn check(what: &str, (rows, columns): (usize, usize), size: (usize, usize)) -> Result<()> {
    let area =
        size.0.checked_mul(size.1).filter(|&area| area > 0).ok_or_else(|| Error::Setting {
            setting: "frame",
            value: format!("{size:?}"),
            requirement: "height and width must be at least 1".to_owned(),
        })?;
    let advice = match (rows, columns) {
        (_, n) if n != area => format!(
            "one row must hold one image, so {} × {} = {area} values; check the frame \
             (height, width)",
            size.0, size.1
        ),
        (0, _) => "pass at least one image".to_owned(),
        _ => return Ok(()),
    };
    let (got, want) = (vec![rows, columns], vec![rows.max(1), area]);
    Err(Error::Shape { what: what.to_owned(), got, want, advice })
}

/// Black for 0, white for 1; what lies outside takes the nearer of the two.
fn shade(value: f32) -> u8 {
    // Written so that NaN becomes black: a cast from float to integer saturates, and NaN gives 0.
    (value * 255.0).round() as u8
}

/// A grey picture put together from smaller ones. Where none was pasted it is transparent, so that
/// the page shows through, be it light or dark.
pub(super) struct Sheet {
    width: usize,
    height: usize,
    /// Shade and opacity of every pixel, line by line.
    pixels: Vec<[u8; 2]>,
}

/// More pixels than this would be a picture of hundreds of megabytes.
const LARGEST: usize = 64 << 20;
/// The shade of borders: apart from the black at the border of most images, and from white.
pub(super) const BORDER: u8 = 0x60;

impl Sheet {
    /// A transparent sheet of this size in pixels.
    pub(super) fn new(width: usize, height: usize) -> Result<Self> {
        let area = width.checked_mul(height).filter(|&area| area <= LARGEST).ok_or_else(|| {
            Error::drawing(format!(
                "{width}×{height} pixels are too many; show fewer or smaller images"
            ))
        })?;
        Ok(Self { width, height, pixels: vec![[0, 0]; area] })
    }

    /// Copies a picture, magnified by whole pixels, so that its upper left corner lies at `(x, y)`.
    pub(super) fn paste(
        &mut self,
        frames: &Frames,
        index: usize,
        scale: usize,
        at: (usize, usize),
    ) {
        let width = frames.size.1;
        for (row, line) in frames.picture(index).chunks(width).enumerate() {
            let wide: Vec<u8> = line.iter().flat_map(|&p| std::iter::repeat_n(p, scale)).collect();
            for copy in 0..scale {
                self.line((at.0, at.1 + row * scale + copy), wide.iter().copied());
            }
        }
    }

    /// The same with a border of this many pixels around the picture.
    pub(super) fn paste_framed(
        &mut self,
        frames: &Frames,
        index: usize,
        (scale, border): (usize, usize),
        (x, y): (usize, usize),
    ) {
        let (height, width) = frames.size;
        for row in 0..height * scale + 2 * border {
            let edge = std::iter::repeat_n(BORDER, width * scale + 2 * border);
            self.line((x.saturating_sub(border), y.saturating_sub(border) + row), edge);
        }
        self.paste(frames, index, scale, (x, y));
    }

    fn line(&mut self, (x, y): (usize, usize), shades: impl Iterator<Item = u8>) {
        let rest = self.pixels.get_mut(y * self.width + x..).unwrap_or_default();
        for (pixel, shade) in rest.iter_mut().zip(shades) {
            *pixel = [shade, u8::MAX];
        }
    }

    /// The bytes of a PNG file.
    pub(super) fn png(&self) -> Result<Vec<u8>> {
        let side = |n: usize| u32::try_from(n).map_err(Error::drawing);
        let (width, height) = (side(self.width)?, side(self.height)?);
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(self.pixels.as_flattened(), width, height, ExtendedColorType::La8)
            .map_err(Error::drawing)?;
        Ok(bytes)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ndarray::{Array2, array};

    use super::*;

    /// Decodes what a display wrote.
    pub(in crate::display) fn decoded(png: &[u8]) -> image::GrayAlphaImage {
        image::load_from_memory(png).unwrap().to_luma_alpha8()
    }

    #[test]
    fn values_become_shades() {
        let rows = array![[0.0, 1.0, 0.5, -3.0, 7.0, f32::NAN]];
        let frames = Frames::new("images", rows.view(), (2, 3)).unwrap();
        assert_eq!(frames.picture(0), [0, 255, 128, 0, 255, 0]);
        assert_eq!(frames.broken_text(), "\n1 pixel not finite, drawn black");
    }

    #[test]
    fn wrong_shapes_are_explained() {
        let rows = Array2::<f32>::zeros((3, 784));
        let error = Frames::new("images", rows.view(), (28, 27)).unwrap_err().to_string();
        assert!(error.contains("[3, 784]") && error.contains("[3, 756]"), "{error}");
        assert!(Frames::new("images", Array2::zeros((0, 784)).view(), (28, 28)).is_err());
        assert!(Frames::new("images", rows.view(), (0, 28)).is_err());
        assert!(Frames::new("images", rows.view(), (usize::MAX, 28)).is_err());
    }

    #[test]
    fn pictures_are_magnified_by_whole_pixels() {
        let frames = Frames::new("images", array![[0.0, 1.0]].view(), (1, 2)).unwrap();
        let mut sheet = Sheet::new(7, 4).unwrap();
        sheet.paste_framed(&frames, 0, (2, 1), (1, 1));
        let picture = decoded(&sheet.png().unwrap());
        let line: Vec<[u8; 2]> = (0..7).map(|x| picture.get_pixel(x, 2).0).collect();
        let (edge, black, white) = ([BORDER, 255], [0, 255], [255, 255]);
        assert_eq!(line, [edge, black, black, white, white, edge, [0, 0]]);
        assert_eq!(picture.get_pixel(1, 3).0, edge);
        assert!(Sheet::new(usize::MAX, 2).is_err());
    }
}
