//! How a terminal wants its pictures, and how to find out.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _, stdin, stdout};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use icy_sixel::SixelImage;
use image::{ImageFormat, RgbaImage};

use crate::relay::poll_all;

/// Names a protocol where the terminal does not: `kitty`, `iterm`, `sixel` or `blocks`.
const CHOICE: &str = "ELBO_PICTURES";
/// How long the terminal may take to say what it can.
const PATIENCE: Duration = Duration::from_millis(200);
/// The most bytes that kitty takes in one piece.
const PIECE: usize = 4096;

/// A way to show pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// Of kitty, Ghostty and Konsole.
    Kitty,
    /// Of iTerm2 and WezTerm.
    Iterm,
    /// Of DEC's terminals, and of many newer ones.
    Sixel,
    /// Characters.
    Blocks {
        /// Whether the terminal knows more than 256 colours.
        all_colours: bool,
    },
}

impl Protocol {
    /// The best one that the terminal knows. One that does not introduce itself by its environment
    /// is asked, and need not answer.
    pub fn of_terminal() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let blocks = Self::Blocks { all_colours: has_all_colours() };
        match from_environment(variable) {
            Some(known) => known.unwrap_or(blocks),
            None if answers_sixel() => Self::Sixel,
            None => blocks,
        }
    }

    /// The bytes that show a picture over so many lines. `None` if it cannot be encoded.
    pub fn encode(self, image: &RgbaImage, rows: usize, number: u32) -> Option<String> {
        match self {
            Self::Kitty => Some(kitty(&png(image)?, rows, number)),
            Self::Iterm => Some(iterm(&png(image)?, rows)),
            Self::Sixel => sixel(image),
            Self::Blocks { .. } => None,
        }
    }
}

/// What the environment says: `Some(None)` that only characters are sure, `None` nothing.
fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Option<Protocol>> {
    let value = |name: &str| variable(name).unwrap_or_default();
    match value(CHOICE).as_str() {
        "kitty" => return Some(Some(Protocol::Kitty)),
        "iterm" => return Some(Some(Protocol::Iterm)),
        "sixel" => return Some(Some(Protocol::Sixel)),
        "blocks" => return Some(None),
        _ => {}
    }
    let (term, program) = (value("TERM"), value("TERM_PROGRAM"));
    // A multiplexer inherits its terminal's environment, but not what that terminal can do.
    let is_multiplexed = term.starts_with("tmux") || term.starts_with("screen");
    if is_multiplexed {
        return None;
    }
    if matches!(term.as_str(), "dumb" | "linux") {
        return Some(None);
    }
    let is_kitty = term.contains("kitty") || term.contains("ghostty") || program == "ghostty";
    if is_kitty || variable("KONSOLE_VERSION").is_some() {
        return Some(Some(Protocol::Kitty));
    }
    let is_iterm = program == "iTerm.app" || program == "WezTerm";
    if is_iterm || value("LC_TERMINAL") == "iTerm2" {
        return Some(Some(Protocol::Iterm));
    }
    None
}

/// Whether the terminal says that it knows more than 256 colours.
pub fn has_all_colours() -> bool {
    std::env::var("COLORTERM").is_ok_and(|value| value == "truecolor" || value == "24bit")
}

/// Asks the terminal for its attributes; number 4 is sixel.
fn answers_sixel() -> bool {
    if enable_raw_mode().is_err() {
        return false;
    }
    let answer = primary_attributes();
    // Raw mode was set just before, so it can be left again.
    let _ = disable_raw_mode();
    answer.is_some_and(|answer| has_sixel(&answer))
}

/// The answer to a request for the primary device attributes, such as `ESC [ ? 62 ; 4 c`.
fn primary_attributes() -> Option<String> {
    print!("\x1b[c");
    stdout().flush().ok()?;
    let deadline = Instant::now() + PATIENCE;
    let mut answer = Vec::new();
    loop {
        let left = deadline.checked_duration_since(Instant::now())?;
        let millis = i64::try_from(left.as_millis()).unwrap_or(0);
        poll_all(&[stdin().as_fd()], millis).ok()??;
        let mut bytes = [0; 64];
        // Past the buffer of `Stdin`, from which the prompt does not read.
        let count = rustix::io::read(stdin(), &mut bytes).ok()?;
        answer.extend_from_slice(bytes.get(..count)?);
        let text = String::from_utf8_lossy(&answer);
        if count == 0 || text.split_once("\x1b[?").is_some_and(|(_, rest)| rest.contains('c')) {
            return Some(text.into_owned());
        }
    }
}

fn has_sixel(answer: &str) -> bool {
    let attributes = answer.split_once("\x1b[?").and_then(|(_, rest)| rest.split_once('c'));
    attributes.is_some_and(|(attributes, _)| attributes.split(';').skip(1).any(|one| one == "4"))
}

fn png(image: &RgbaImage) -> Option<String> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(BASE64_STANDARD.encode(bytes.into_inner()))
}

/// See <https://sw.kovidgoyal.net/kitty/graphics-protocol/>. A second picture with the same number
/// takes the place of the first.
fn kitty(png: &str, rows: usize, number: u32) -> String {
    let mut text = String::new();
    let mut rest = png;
    let mut control = format!("a=T,f=100,i={number},p=1,r={rows},C=1,q=2,");
    while !rest.is_empty() {
        // Base64 has one byte per character.
        let (piece, after) = rest.split_at(PIECE.min(rest.len()));
        let more = u8::from(!after.is_empty());
        // Writing to a string cannot fail.
        let _ = write!(text, "\x1b_G{control}m={more};{piece}\x1b\\");
        control.clear();
        rest = after;
    }
    text
}

/// See <https://iterm2.com/documentation-images.html>.
fn iterm(png: &str, rows: usize) -> String {
    format!("\x1b]1337;File=inline=1;height={rows};preserveAspectRatio=1:{png}\x07")
}

fn sixel(image: &RgbaImage) -> Option<String> {
    let (width, height) = (image.width() as usize, image.height() as usize);
    SixelImage::try_from_rgba(image.as_raw().clone(), width, height).ok()?.encode().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Option<Option<Protocol>> {
        from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn terminals_are_known_by_their_environment_but_not_through_a_multiplexer() {
        assert_eq!(with(&[("TERM", "xterm-kitty")]), Some(Some(Protocol::Kitty)));
        assert_eq!(with(&[("TERM_PROGRAM", "WezTerm")]), Some(Some(Protocol::Iterm)));
        assert_eq!(with(&[("TERM", "screen"), ("TERM_PROGRAM", "iTerm.app")]), None);
        assert_eq!(with(&[("TERM", "xterm-256color")]), None);
        let chosen = [("TERM", "xterm-kitty"), ("ELBO_PICTURES", "blocks")];
        assert_eq!(with(&chosen), Some(None));
    }

    #[test]
    fn sixel_is_attribute_4_and_not_the_class_64() {
        assert!(has_sixel("\x1b[?62;4;22c"));
        assert!(!has_sixel("\x1b[?64;1;22c"));
        assert!(!has_sixel("\x1b[?4c"));
        assert!(!has_sixel(""));
    }

    #[test]
    fn kitty_gets_its_picture_in_pieces_of_which_only_the_last_says_so() {
        let png = "A".repeat(PIECE + 8);
        let text = kitty(&png, 3, 7);
        let pieces: Vec<_> = text.split("\x1b\\").collect();
        let first = format!("\x1b_Ga=T,f=100,i=7,p=1,r=3,C=1,q=2,m=1;{}", "A".repeat(PIECE));
        assert_eq!(pieces, [first.as_str(), "\x1b_Gm=0;AAAAAAAA", ""]);
    }

    #[test]
    fn a_sixel_picture_decodes_to_itself() {
        // Pure colours survive the palette and the scale of 0 to 100 exactly.
        let mut image = RgbaImage::from_pixel(4, 6, image::Rgba([255, 0, 0, 255]));
        image.put_pixel(1, 2, image::Rgba([0, 0, 255, 255]));
        let text = sixel(&image).unwrap();
        let decoded = SixelImage::decode(text.as_bytes()).unwrap();
        assert_eq!((decoded.width, decoded.height), (4, 6));
        assert_eq!(decoded.pixels, image.into_raw());
    }
}
