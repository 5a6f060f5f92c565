//! From what a cell shows to pixels.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use image::{Rgba, RgbaImage};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Family, Query};
use resvg::usvg::{self, Tree};

use crate::relay::MimeBundle;

/// The longest side to which a drawing is rasterised, in pixels.
const LONGEST: f32 = 4000.0;

/// Reads pictures; remembers the fonts, which take a moment to find.
#[derive(Default)]
pub struct Decoder {
    fonts: Option<Arc<Database>>,
}

impl Decoder {
    /// The picture in the bundle on a white ground, or `None` if there is none that can be read.
    pub fn decode(&mut self, bundle: &MimeBundle) -> Option<RgbaImage> {
        let png = bundle.get("image/png").and_then(decode_png);
        png.or_else(|| bundle.get("image/svg+xml").and_then(|svg| self.rasterise(svg)))
    }

    fn rasterise(&mut self, svg: &str) -> Option<RgbaImage> {
        let fonts = self.fonts.get_or_insert_with(|| Arc::new(system_fonts()));
        let tree = Tree::from_str(svg, &options(Arc::clone(fonts))).ok()?;
        let size = tree.size();
        let scale = (LONGEST / size.width().max(size.height())).min(1.0);
        let side = |length: f32| ((length * scale).round() as u32).max(1);
        let mut pixels = Pixmap::new(side(size.width()), side(size.height()))?;
        pixels.fill(Color::WHITE);
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        RgbaImage::from_raw(pixels.width(), pixels.height(), pixels.take())
    }
}

fn decode_png(text: &str) -> Option<RgbaImage> {
    let compact: String = text.split_whitespace().collect();
    let bytes = BASE64_STANDARD.decode(compact).ok()?;
    let mut image = image::load_from_memory(&bytes).ok()?.into_rgba8();
    image.pixels_mut().for_each(put_on_white);
    Some(image)
}

/// What is transparent is meant for paper.
fn put_on_white(pixel: &mut Rgba<u8>) {
    let Rgba([red, green, blue, alpha]) = *pixel;
    let mix = |colour: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        ((colour * alpha + 255 * (255 - alpha)) / 255) as u8
    };
    *pixel = Rgba([mix(red), mix(green), mix(blue), 255]);
}

/// Files that a drawing names are not read: it may come from data.
fn options(fonts: Arc<Database>) -> usvg::Options<'static> {
    let mut options = usvg::Options { fontdb: fonts, ..usvg::Options::default() };
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    options
}

/// The fonts of this system. Where the usual ones are missing, any one is better than no text.
fn system_fonts() -> Database {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    let any = fonts.faces().find_map(|face| face.families.first().map(|(name, _)| name.clone()));
    let Some(any) = any else { return fonts };
    let is_missing = |fonts: &Database, family: Family<'_>| {
        fonts.query(&Query { families: &[family], ..Query::default() }).is_none()
    };
    if is_missing(&fonts, Family::SansSerif) {
        fonts.set_sans_serif_family(any.clone());
    }
    if is_missing(&fonts, Family::Serif) {
        fonts.set_serif_family(any.clone());
    }
    if is_missing(&fonts, Family::Monospace) {
        fonts.set_monospace_family(any);
    }
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"2\">\
        <rect width=\"2\" height=\"2\" fill=\"#ff0000\"/><text x=\"9\" y=\"9\">µ</text></svg>";

    #[test]
    fn a_drawing_is_rasterised_on_white_also_without_any_font() {
        let bundle = |svg: &str| {
            let mut bundle = MimeBundle::text("a plot");
            bundle.push("image/svg+xml".to_owned(), svg.to_owned());
            bundle
        };
        let mut without_fonts = Decoder { fonts: Some(Arc::new(Database::new())) };
        for decoder in [&mut Decoder::default(), &mut without_fonts] {
            let image = decoder.decode(&bundle(DRAWING)).unwrap();
            assert_eq!((image.width(), image.height()), (4, 2));
            assert_eq!(image.get_pixel(0, 0).0, [255, 0, 0, 255]);
            assert_eq!(image.get_pixel(3, 1).0, [255, 255, 255, 255]);
            assert!(decoder.decode(&bundle("<svg")).is_none());
        }
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        // By the definition of alpha: half of 0 and half of 255 is 127 or 128.
        let mut pixel = Rgba([0, 255, 0, 128]);
        put_on_white(&mut pixel);
        assert!(pixel.0 == [127, 255, 127, 255], "{pixel:?}");
    }
}
