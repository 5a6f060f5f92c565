//! Text that comes from data, made safe for a page.

/// Escapes text for use between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Text with terminal colours as HTML. Everything else in it is escaped.
pub fn from_terminal(text: &str) -> String {
    ansi_to_html::convert(text).unwrap_or_else(|_| escape(text))
}
