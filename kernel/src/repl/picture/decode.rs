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
        let drawing = || bundle.get("image/svg+xml").and_then(|svg| self.rasterise(svg));
        png.or_else(drawing).or_else(|| {
            let mut others = OTHERS.iter().filter_map(|mime| Some((*mime, bundle.get(mime)?)));
            others.find_map(|(mime, data)| self.rasterise(&drawing_of(mime, data)))
        })
    }

    fn rasterise(&mut self, svg: &str) -> Option<RgbaImage> {
        let fonts = self.fonts.get_or_insert_with(|| Arc::new(system_fonts()));
        let tree = Tree::from_str(svg, &options(Arc::clone(fonts))).ok()?;
        // A picture that cannot be read leaves nothing.
        tree.root().has_children().then_some(())?;
        let size = tree.size();
        let scale = (LONGEST / size.width().max(size.height())).min(1.0);
        let side = |length: f32| ((length * scale).round() as u32).max(1);
        let mut pixels = Pixmap::new(side(size.width()), side(size.height()))?;
        pixels.fill(Color::WHITE);
        resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
        RgbaImage::from_raw(pixels.width(), pixels.height(), pixels.take())
    }
}

/// Pictures that the reader of drawings reads as well.
const OTHERS: [&str; 3] = ["image/jpeg", "image/gif", "image/webp"];

/// A drawing of nothing but this picture, whose content is in base64. It is as large as the picture.
fn drawing_of(mime: &str, data: &str) -> String {
    let data: String = data.chars().filter(|character| is_base64(*character)).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"data:{mime};base64,{data}\"/></svg>"
    )
}

fn is_base64(character: char) -> bool {
    character.is_ascii_alphanumeric() || "+/=".contains(character)
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

    /// Three wide and two high, all of one red.
    const JPEG: &str = "\
        /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+\
        MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09P\
        T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAACAAMDASIAAhEBAxEB/8QAFQABAQAAAAAA\
        AAAAAAAAAAAAAAb/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABQf/xAAUEQEA\
        AAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCfADKS/9k=";

    #[test]
    fn a_photograph_is_as_large_as_it_is_and_a_broken_one_is_none() {
        let bundle = |data: &str| {
            let mut bundle = MimeBundle::text("a photograph");
            bundle.push("image/jpeg".to_owned(), data.to_owned());
            bundle
        };
        let image = Decoder::default().decode(&bundle(JPEG)).unwrap();
        assert_eq!((image.width(), image.height()), (3, 2));
        // The format keeps colours roughly.
        let [red, green, blue, _] = image.get_pixel(1, 1).0;
        assert!(red > 200 && green < 60 && blue < 60, "{red} {green} {blue}");
        for broken in ["", "AAAA", "\"/><text>", &JPEG[..100]] {
            assert!(Decoder::default().decode(&bundle(broken)).is_none(), "{broken}");
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
