//! What a notebook shows of images: some of them, beside how many there are.

use super::Images;
use crate::{
    display::{ImageGrid, MimeBundle, RichDisplay, captioned, impl_evcxr_display},
    error::Result,
};

/// Most images of up to [`SMALL`] pixels a side that are shown.
const MANY: usize = 40;
/// Most images of more pixels.
const FEW: usize = 10;
/// The side of a small image.
const SMALL: usize = 64;

/// Up to forty images, taken at even distances from the first to the last.
///
/// ```
/// use elbo::{data, display::RichDisplay};
/// let digits = data::handwriting().writers(4).repeats(2).images::<28>();
/// let bundle = digits.mime_bundle()?;
/// assert!(bundle.text().starts_with("80 images of 28×28 pixels"));
/// assert!(bundle.png().is_some());
/// # Ok::<(), elbo::Error>(())
/// ```
impl<const H: usize, const W: usize> RichDisplay for Images<H, W> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let bundle = MimeBundle::new(format!("{self:?}"));
        if self.is_empty() {
            return Ok(bundle);
        }
        let most = if H.max(W) > SMALL { FEW } else { MANY };
        let some = self.select(&spread(self.len(), most))?;
        let grid = ImageGrid::new(some.pixels(), some.frame())?.columns(FEW);
        Ok(captioned(bundle.text(), &grid.mime_bundle()?))
    }
}

impl_evcxr_display!([const H: usize, const W: usize] Images<H, W>);

/// At most `most` rows of `length`, from the first to the last.
fn spread(length: usize, most: usize) -> Vec<usize> {
    if length <= most {
        return (0..length).collect();
    }
    (0..most).map(|i| i * (length - 1) / (most - 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;

    #[test]
    fn rows_are_spread_over_all() {
        assert_eq!(spread(3, 4), [0, 1, 2]);
        assert_eq!(spread(10, 4), [0, 3, 6, 9]);
        let spread = spread(13_580, MANY);
        assert_eq!((spread.len(), spread[0], spread[MANY - 1]), (MANY, 0, 13_579));
    }

    #[test]
    fn no_images_are_told_in_words() {
        let none = data::handwriting().writers(2).images::<28>().select(&[]).unwrap();
        let bundle = none.mime_bundle().unwrap();
        assert!(bundle.text().starts_with("0 images of 28×28 pixels"));
        assert_eq!(bundle.png(), None);
    }
}
