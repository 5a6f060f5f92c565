//! Pictures out of half blocks, for terminals that know only characters.

use std::fmt::Write as _;

use image::{Rgba, RgbaImage};

/// Two pixels, one above the other, are one character: its colour and its background.
pub fn blocks(image: &RgbaImage, all_colours: bool) -> String {
    let mut text = String::new();
    for row in (0..image.height()).step_by(2) {
        let mut before = None;
        for column in 0..image.width() {
            let pixel = |row| image.get_pixel_checked(column, row).copied();
            let colours = (pixel(row), pixel(row + 1));
            if before != Some(colours) {
                set_colours(&mut text, colours, all_colours);
                before = Some(colours);
            }
            text.push('▀');
        }
        text.push_str("\x1b[0m\x1b[K\n");
    }
    text
}

fn set_colours(text: &mut String, colours: (Option<Rgba<u8>>, Option<Rgba<u8>>), all: bool) {
    for (ground, colour) in [(38, colours.0), (48, colours.1)] {
        // Writing to a string cannot fail.
        let _ = match colour {
            None => write!(text, "\x1b[{}m", ground + 1),
            Some(Rgba([red, green, blue, _])) if all => {
                write!(text, "\x1b[{ground};2;{red};{green};{blue}m")
            }
            Some(Rgba([red, green, blue, _])) => {
                write!(text, "\x1b[{ground};5;{}m", index([red, green, blue]))
            }
        };
    }
}

/// The nearest of xterm's 256 colours: 216 in a cube and 24 greys between black and white.
fn index([red, green, blue]: [u8; 3]) -> u32 {
    let (lowest, highest) = (red.min(green).min(blue), red.max(green).max(blue));
    if highest - lowest < 8 {
        let grey = (u32::from(red) + u32::from(green) + u32::from(blue)) / 3;
        return match grey {
            0..4 => 16,
            247.. => 231,
            // The greys are 8, 18, ..., 238.
            _ => 232 + (grey.saturating_sub(3) / 10).min(23),
        };
    }
    // The levels are 0, 95, 135, 175, 215, 255.
    let level = |colour: u8| match colour {
        0..48 => 0,
        48..115 => 1,
        _ => u32::from((colour - 35) / 40),
    };
    16 + 36 * level(red) + 6 * level(green) + level(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rows_of_pixels_are_one_line_and_an_odd_one_has_no_ground() {
        let mut image = RgbaImage::from_pixel(1, 3, Rgba([1, 2, 3, 255]));
        image.put_pixel(0, 1, Rgba([4, 5, 6, 255]));
        let expected = "\x1b[38;2;1;2;3m\x1b[48;2;4;5;6m▀\x1b[0m\x1b[K\n\
                        \x1b[38;2;1;2;3m\x1b[49m▀\x1b[0m\x1b[K\n";
        assert_eq!(blocks(&image, true), expected);
    }

    /// xterm's colours from 16 on, as its documentation defines them.
    fn colour(index: u32) -> [i32; 3] {
        if index >= 232 {
            return [8 + 10 * (index as i32 - 232); 3];
        }
        let level = |step: u32| [0, 95, 135, 175, 215, 255][step as usize % 6];
        let cube = index - 16;
        [level(cube / 36), level(cube / 6), level(cube)]
    }

    #[test]
    fn colours_are_near_the_ones_meant() {
        for value in (0..=255_u8).step_by(3) {
            for wanted in [[value; 3], [value, 0, 255], [255, value, 90], [10, 200, value]] {
                let got = colour(index(wanted));
                // Half of the widest gap of the cube, 95, and half of one of the others, 40.
                let near = |(got, wanted): (i32, u8)| (got - i32::from(wanted)).abs() <= 48;
                assert!(got.into_iter().zip(wanted).all(near), "{wanted:?}: {got:?}");
            }
        }
    }
}
