//! What cells have at hand beyond the library (feature `notebook`). The kernel calls it.

use plotters::style::{FontStyle, register_font};

use crate::train;

/// Fonts for plotters' bitmaps, by the names that its users write. Pictures in SVG need none.
const FONTS: [(&str, &[u8]); 3] = [
    ("sans-serif", epaint_default_fonts::UBUNTU_LIGHT),
    ("serif", epaint_default_fonts::UBUNTU_LIGHT),
    ("monospace", epaint_default_fonts::HACK_REGULAR),
];

/// Prepares a process that runs cells.
pub fn start() {
    for (name, font) in FONTS {
        for style in [FontStyle::Normal, FontStyle::Oblique, FontStyle::Italic, FontStyle::Bold] {
            // These are fonts; text that has none is not drawn, and plotters says so.
            let _ = register_font(name, style, font);
        }
    }
}

/// A cell begins: an interrupt of an earlier one was not meant for it.
pub fn begin_cell() {
    train::forget_interrupt();
}

/// The name of a value's type, without the modules in which its parts are.
///
/// ```
/// assert_eq!(elbo::notebook::type_name(&vec![Some(1_i32)]), "Vec<Option<i32>>");
/// ```
pub fn type_name<T: ?Sized>(_: &T) -> String {
    let mut short = String::new();
    for (at, part) in std::any::type_name::<T>().split("::").enumerate() {
        if at > 0 {
            // Drops the name before the colons.
            let kept = short.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
            short.truncate(kept);
        }
        short.push_str(part);
    }
    short
}
