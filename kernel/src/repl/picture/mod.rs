//! Pictures in the terminal, as sharp as the terminal can.

mod blocks;
mod decode;
mod protocol;
mod size;

use image::RgbaImage;
use image::imageops::{self, FilterType};

use self::decode::Decoder;
use self::protocol::Protocol;
pub use self::size::Size;
use crate::relay::MimeBundle;

/// Something to be written to the terminal, beginning at the start of a line.
pub struct Drawing {
    /// What to write. The cursor then stands at the start of the line below.
    pub text: String,
    /// How many lines it takes.
    pub rows: usize,
}

/// Draws pictures.
pub struct Pictures {
    /// Found out when the first picture comes: most sessions show none.
    protocol: Option<Protocol>,
    decoder: Decoder,
}

impl Pictures {
    /// For the terminal that this process runs in.
    pub fn new() -> Self {
        Self { protocol: None, decoder: Decoder::default() }
    }

    /// The picture in the bundle, or `None` if there is none that can be read. A picture with the
    /// same number takes the place of the earlier one.
    pub fn draw(&mut self, bundle: &MimeBundle, size: Size, number: u32) -> Option<Drawing> {
        let image = self.decoder.decode(bundle)?;
        let protocol = *self.protocol.get_or_insert_with(Protocol::of_terminal);
        let drawing = match protocol {
            Protocol::Blocks { all_colours } => blocks(&image, size, all_colours),
            _ => {
                let (width, height) = size.pixels();
                let image = fit(image, width, height);
                let rows = image.height().div_ceil(size.cell.1.max(1)) as usize;
                // A protocol that fails has half blocks to fall back on.
                protocol
                    .encode(&image, rows, number)
                    .map(|text| placed(&text, rows))
                    .unwrap_or_else(|| {
                        let all_colours = protocol::has_all_colours();
                        blocks(&image, size, all_colours)
                    })
            }
        };
        Some(drawing)
    }

    #[cfg(test)]
    pub fn as_blocks() -> Self {
        let protocol = Some(Protocol::Blocks { all_colours: true });
        Self { protocol, decoder: Decoder::default() }
    }
}

fn blocks(image: &RgbaImage, size: Size, all_colours: bool) -> Drawing {
    let image = fit(image.clone(), size.columns, 2 * size.usable_rows());
    let rows = image.height().div_ceil(2) as usize;
    Drawing { text: blocks::blocks(&image, all_colours), rows }
}

/// A picture at the start of the line. Terminals do not agree on where the cursor is afterwards,
/// so the lines are made first and the cursor goes its own way.
fn placed(picture: &str, rows: usize) -> Drawing {
    let lines = "\n".repeat(rows);
    let text = format!("\x1b[J{lines}\x1b[{rows}A\x1b7{picture}\x1b8\x1b[{rows}B");
    Drawing { text, rows }
}

/// Makes a picture smaller until it fits; never larger.
fn fit(image: RgbaImage, width: u32, height: u32) -> RgbaImage {
    if image.width() <= width && image.height() <= height {
        return image;
    }
    let scale = (f64::from(width) / f64::from(image.width()))
        .min(f64::from(height) / f64::from(image.height()));
    let scaled = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    imageops::resize(&image, scaled(image.width()), scaled(image.height()), FilterType::Triangle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_only_made_smaller_and_keeps_its_shape() {
        let sides = |image: RgbaImage| (image.width(), image.height());
        assert_eq!(sides(fit(RgbaImage::new(28, 28), 80, 40)), (28, 28));
        assert_eq!(sides(fit(RgbaImage::new(640, 480), 80, 40)), (53, 40));
        assert_eq!(sides(fit(RgbaImage::new(1000, 1), 80, 40)), (80, 1));
    }
}
