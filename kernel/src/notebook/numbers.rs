//! Finds the numbers in a line of text.

/// A piece of a line. All pieces together are the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'t> {
    /// A decimal number that stands free: neither part of a word (`12.3s`, `x86`) nor of a version
    /// (`1.2.3`).
    Number(&'t str),
    /// White space.
    Space(&'t str),
    /// A word, or a character that belongs to none.
    Other(&'t str),
}

/// Takes a line apart.
pub fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = line;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let number = number_length(rest, before);
        let length = number.unwrap_or_else(|| piece_length(rest, first));
        let (piece, after) = rest.split_at(length);
        tokens.push(match number {
            Some(_) => Token::Number(piece),
            None if first.is_whitespace() => Token::Space(piece),
            None => Token::Other(piece),
        });
        before = piece.chars().next_back();
        rest = after;
    }
    tokens
}

/// Whether the number is written without a fraction and without an exponent.
pub fn is_whole(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}

/// The number's value.
pub fn value(number: &str) -> Option<f64> {
    number.replace('−', "-").parse().ok()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

/// The length of the number at the beginning of the text, if one stands there free.
fn number_length(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|character| is_word(character) || character == '.') {
        return None;
    }
    let unsigned = text.strip_prefix(['-', '+', '−']).unwrap_or(text);
    let mut rest = after_digits(unsigned)?;
    if let Some(after) = rest.strip_prefix('.').and_then(after_digits) {
        rest = after;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        rest = after_digits(digits)?;
    }
    let goes_on = rest.starts_with(is_word)
        || rest.strip_prefix('.').is_some_and(|fraction| fraction.starts_with(is_digit));
    (!goes_on).then(|| text.len() - rest.len())
}

/// What follows the digits at the beginning; none if there are no digits.
fn after_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(is_digit);
    (rest.len() < text.len()).then_some(rest)
}

/// The length of the space, the word or the single character at the beginning.
fn piece_length(text: &str, first: char) -> usize {
    let kind: fn(char) -> bool = if first.is_whitespace() {
        char::is_whitespace
    } else if is_word(first) {
        is_word
    } else {
        return first.len_utf8();
    };
    text.len() - text.trim_start_matches(kind).len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(line: &str) -> Vec<&str> {
        let numbers = tokens(line).into_iter().filter_map(|token| match token {
            Token::Number(number) => Some(number),
            _ => None,
        });
        numbers.collect()
    }

    #[test]
    fn numbers_stand_free_and_may_have_a_sign_a_fraction_and_an_exponent() {
        for (line, expected) in [
            ("bound -141.25 nats", vec!["-141.25"]),
            ("(1.5e-3, +2E10, −3.0)", vec!["1.5e-3", "+2E10", "−3.0"]),
            ("x=0.5;y=[1,2.0]", vec!["0.5", "1", "2.0"]),
            ("it is 3.", vec!["3"]),
            ("97.5%", vec!["97.5"]),
            ("│ 1.0 ┆ 2.0 │", vec!["1.0", "2.0"]),
        ] {
            assert_eq!(numbers(line), expected, "{line}");
        }
    }

    #[test]
    fn what_belongs_to_a_word_or_a_version_is_no_number() {
        for line in ["12.3s", "x86", "1.2.3", "v2.0", "f64", "1_000", "0x1F", "3e", "a.5", "id_7"] {
            assert_eq!(numbers(line), [""; 0], "{line}");
        }
    }

    proptest! {
        #[test]
        fn all_pieces_together_are_the_line(line in "[-+ .eE0-9a-z_│−]{0,40}|.{0,40}") {
            let pieces: String = tokens(&line)
                .into_iter()
                .map(|token| match token {
                    Token::Number(text) | Token::Space(text) | Token::Other(text) => text,
                })
                .collect();
            prop_assert_eq!(pieces, line);
        }

        #[test]
        fn every_float_is_found_and_read_as_it_was_printed(number in proptest::num::f64::NORMAL) {
            for text in [format!("{number}"), format!("{number:?}"), format!("{number:e}")] {
                let line = format!("a ({text}) b");
                prop_assert_eq!(numbers(&line), [text.as_str()]);
                prop_assert_eq!(value(&text), Some(number));
            }
        }
    }
}
