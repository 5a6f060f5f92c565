//! Jupyter counts characters, Rust counts bytes.

/// The byte at which the given character begins, or the end.
pub fn byte_offset(text: &str, characters: usize) -> usize {
    text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
}

/// How many characters there are before a byte.
pub fn character_offset(text: &str, bytes: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < bytes).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_agree_on_greek() {
        let text = "let μσ = 1";
        assert_eq!(byte_offset(text, 6), 8);
        assert_eq!(character_offset(text, 8), 6);
        assert_eq!(byte_offset(text, 99), text.len());
        assert_eq!(character_offset(text, text.len()), 10);
    }
}
