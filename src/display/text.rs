//! Words and numbers for all displays: counts, values, escaping, shortening.

use std::fmt::Write;

/// `text` for use inside SVG and HTML, in content and in attribute values.
///
/// Everything that comes from data passes through here. Control characters, which XML forbids even
/// when escaped, become the replacement character; a line break becomes a space.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// `text` after its title, if there is one.
pub(super) fn titled(title: &str, text: &str) -> String {
    if title.is_empty() { text.to_owned() } else { format!("{title}: {text}") }
}

/// A count with separators: `10000` is `10,000`.
pub(super) fn count(n: usize) -> String {
    grouped(&n.to_string())
}

/// A count with its noun, which takes an s unless there is one: `1 image`, `64 images`.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A value with about four significant digits.
pub(super) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "not finite".to_owned();
    }
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let decimals = (3.0 - size.log10().floor()).clamp(0.0, 6.0) as usize;
    fixed(value, decimals)
}

/// A value with this many decimals and separators between thousands.
pub(super) fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    // A negative value that rounds to zero is zero, not minus zero.
    let negative = value < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let mut out = if negative { "-".to_owned() } else { String::new() };
    out.push_str(&grouped(whole));
    if !fraction.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(out, ".{fraction}");
    }
    out
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The same number as typeset in drawings: with a true minus sign.
pub(super) fn typeset(number: &str) -> String {
    number.replace('-', "\u{2212}")
}

/// `text` cut to at most `characters`, with an ellipsis where something was cut.
pub(super) fn shorten(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// About how wide a text of this size will be. Wide fonts are assumed, so that nothing is clipped.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let units = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | ' ' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        'A'..='Z' | '−' | '=' | '<' | '>' | '±' | '+' => 0.72,
        // East Asian characters and pictures fill a square.
        '\u{1100}'.. if !('\u{2000}'..='\u{22ff}').contains(&c) => 1.05,
        _ => 0.62,
    };
    text.chars().map(units).sum::<f64>() * size
}

/// `text` cut so that it is at most about `width` pixels wide at this size; empty when not even an
/// ellipsis fits.
pub(super) fn fitted(text: &str, size: f64, width: f64) -> String {
    // No card is wide enough for more.
    let most = text.chars().count().min(300);
    let cuts = (0..=most).rev().map(|characters| shorten(text, characters));
    cuts.into_iter().find(|cut| text_width(cut, size) <= width).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_control_characters_are_replaced() {
        assert_eq!(escape("<script>&\"'"), "&lt;script&gt;&amp;&quot;&#39;");
        assert_eq!(escape("a\nb\u{0}c\u{1b}"), "a b\u{fffd}c\u{fffd}");
    }

    #[test]
    fn numbers_keep_about_four_digits() {
        let cases = [
            (0.0, "0"),
            (-98.306, "-98.31"),
            (0.012_345, "0.01235"),
            (12_345.6, "12,346"),
            (-0.000_001, "-1.000e-6"),
            (3e12, "3.000e12"),
            (f64::NAN, "not finite"),
        ];
        for (value, want) in cases {
            assert_eq!(number(value), want);
        }
        assert_eq!(fixed(-0.001, 1), "0.0");
        assert_eq!(fixed(-1_234_567.25, 1), "-1,234,567.2");
    }

    #[test]
    fn counts_have_separators_and_a_plural() {
        assert_eq!(counted(1, "image"), "1 image");
        assert_eq!(counted(10_000, "image"), "10,000 images");
        assert_eq!(count(999), "999");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(shorten("größer", 6), "größer");
        assert_eq!(shorten("größer als", 6), "größe…");
    }

    #[test]
    fn long_text_is_cut_to_its_width() {
        let cut = fitted("a rather long title", 12.0, 60.0);
        assert!(cut.ends_with('…') && text_width(&cut, 12.0) <= 60.0, "{cut}");
        assert_eq!(fitted("short", 12.0, 600.0), "short");
        assert_eq!(fitted("short", 12.0, 3.0), "");
        assert!(fitted(&"long ".repeat(100_000), 12.0, 1e6).ends_with('…'));
    }
}
