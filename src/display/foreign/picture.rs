//! Pictures of the image crate.

use std::{io::Cursor, ops::Deref};

use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageBuffer, ImageFormat, PixelWithColorType,
    imageops::FilterType,
};

use crate::{
    display::{MimeBundle, RichDisplay},
    error::{Error, Result},
};

/// Pictures smaller than this are enlarged to at least this, in pixels of the longer side.
const SMALL: u32 = 128;
/// Pictures larger than this would make the notebook's file huge.
const LARGE: u32 = 2048;

/// A PNG picture. Small ones are enlarged by a whole number without smoothing, those of more than
/// 2,048 pixels made smaller. More than 8 bits a channel are rounded.
///
/// ```
/// use elbo::display::RichDisplay;
/// let bundle = elbo::image::DynamicImage::new_luma8(28, 28).mime_bundle()?;
/// assert_eq!(bundle.text(), "L8 picture, 28 wide and 28 high, enlarged 5 times");
/// assert!(bundle.png().is_some());
/// # Ok::<(), elbo::Error>(())
/// ```
impl RichDisplay for DynamicImage {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (width, height) = (self.width(), self.height());
        let about = format!("{:?} picture, {width} wide and {height} high", self.color());
        let longest = width.max(height);
        if width.min(height) == 0 {
            return Ok(MimeBundle::new(about));
        }
        if longest > LARGE {
            let smaller = self.thumbnail(LARGE, LARGE);
            let size = format!("{} wide and {} high", smaller.width(), smaller.height());
            return Ok(MimeBundle::new(format!("{about}, shown {size}")).with_png(png(&smaller)?));
        }
        let times = SMALL.div_ceil(longest);
        if times == 1 {
            return Ok(MimeBundle::new(about).with_png(png(self)?));
        }
        let larger = self.resize_exact(width * times, height * times, FilterType::Nearest);
        let about = format!("{about}, enlarged {times} times");
        Ok(MimeBundle::new(about).with_png(png(&larger)?))
    }
}

/// As a [`DynamicImage`].
impl<P, C> RichDisplay for ImageBuffer<P, C>
where
    P: PixelWithColorType<Subpixel = u8>,
    C: Deref<Target = [u8]>,
{
    fn mime_bundle(&self) -> Result<MimeBundle> {
        dynamic(P::COLOR_TYPE, self.dimensions(), self.as_raw())?.mime_bundle()
    }
}

fn dynamic(
    colour: ExtendedColorType,
    (width, height): (u32, u32),
    samples: &[u8],
) -> Result<DynamicImage> {
    let samples = samples.to_vec();
    let picture = match colour {
        ExtendedColorType::L8 => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma8)
        }
        ExtendedColorType::La8 => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8)
        }
        ExtendedColorType::Rgb8 => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb8)
        }
        ExtendedColorType::Rgba8 => {
            ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba8)
        }
        _ => None,
    };
    let advice = "turn the picture into a DynamicImage first";
    picture.ok_or_else(|| Error::drawing(format!("{colour:?} has no display; {advice}")))
}

/// The bytes of a PNG file.
fn png(picture: &DynamicImage) -> Result<Vec<u8>> {
    let eight_bits =
        |picture: &DynamicImage| match (picture.color().has_color(), picture.color().has_alpha()) {
            (false, false) => DynamicImage::ImageLuma8(picture.to_luma8()),
            (false, true) => DynamicImage::ImageLumaA8(picture.to_luma_alpha8()),
            (true, false) => DynamicImage::ImageRgb8(picture.to_rgb8()),
            (true, true) => DynamicImage::ImageRgba8(picture.to_rgba8()),
        };
    let mut bytes = Cursor::new(Vec::new());
    let written = match picture.color() {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => {
            picture.write_to(&mut bytes, ImageFormat::Png)
        }
        _ => eight_bits(picture).write_to(&mut bytes, ImageFormat::Png),
    };
    written.map_err(Error::drawing)?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use image::{Luma, Rgb, RgbImage, Rgba};

    use super::*;

    fn decoded(bundle: &MimeBundle) -> DynamicImage {
        image::load_from_memory(bundle.png().unwrap()).unwrap()
    }

    #[test]
    fn small_pictures_are_enlarged_without_smoothing() {
        let mut picture = RgbImage::new(2, 1);
        picture.put_pixel(1, 0, Rgb([200, 100, 0]));
        let bundle = picture.mime_bundle().unwrap();
        assert_eq!(bundle.text(), "Rgb8 picture, 2 wide and 1 high, enlarged 64 times");
        let shown = decoded(&bundle).to_rgb8();
        assert_eq!(shown.dimensions(), (128, 64));
        for (x, y, pixel) in shown.enumerate_pixels() {
            let want = if x < 64 { [0, 0, 0] } else { [200, 100, 0] };
            assert_eq!(pixel.0, want, "at {x}, {y}");
        }
    }

    #[test]
    fn colours_and_opacity_stay_what_they_are() {
        let grey = ImageBuffer::from_pixel(128, 3, Luma([77_u8]));
        assert_eq!(decoded(&grey.mime_bundle().unwrap()), DynamicImage::ImageLuma8(grey));
        let glass = ImageBuffer::from_pixel(128, 3, Rgba([1_u8, 2, 3, 4]));
        assert_eq!(decoded(&glass.mime_bundle().unwrap()), DynamicImage::ImageRgba8(glass));
    }

    #[test]
    fn borrowed_pixels_and_sixteen_bits_are_shown() {
        let samples = [0_u8, 255];
        let borrowed = ImageBuffer::<Luma<u8>, &[u8]>::from_raw(2, 1, &samples[..]).unwrap();
        let shown = decoded(&borrowed.mime_bundle().unwrap()).to_luma8();
        assert_eq!((shown.get_pixel(0, 0).0, shown.get_pixel(127, 63).0), ([0], [255]));
        let deep = DynamicImage::ImageLuma16(ImageBuffer::from_pixel(200, 1, Luma([0x8080_u16])));
        let bundle = deep.mime_bundle().unwrap();
        assert_eq!(bundle.text(), "L16 picture, 200 wide and 1 high");
        assert_eq!(decoded(&bundle).to_luma8().get_pixel(0, 0).0, [0x80]);
    }

    #[test]
    fn huge_pictures_are_made_smaller_and_empty_ones_are_words() {
        let bundle = DynamicImage::new_luma8(4096, 20).mime_bundle().unwrap();
        assert_eq!(bundle.text(), "L8 picture, 4096 wide and 20 high, shown 2048 wide and 10 high");
        assert_eq!(decoded(&bundle).width(), 2048);
        let empty = DynamicImage::new_rgb8(0, 7).mime_bundle().unwrap();
        assert_eq!((empty.text(), empty.png()), ("Rgb8 picture, 0 wide and 7 high", None));
    }
}
