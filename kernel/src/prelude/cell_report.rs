// Comes with the prelude's library, and into every cell that is compiled without one.
//! How a cell tells the relay what has come of it, beside standard output.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;

/// The cell has panicked.
pub fn panicked() {
    tell("\"panicked\"");
}

/// A `?` has ended the cell, with this error.
pub fn failed(message: &str) {
    tell(&format!("{{\"failed\":{{\"message\":{}}}}}", quoted(message)));
}

/// A `?` has ended the cell, with this error; these variables are kept all the same.
pub fn kept(message: &str, names: &[&str]) {
    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    let (message, names) = (quoted(message), names.join(","));
    tell(&format!("{{\"kept\":{{\"message\":{message},\"names\":[{names}]}}}}"));
}

/// A variable is not what it was, or is not there, and is not used.
pub fn changed(name: &str) {
    tell(&format!("{{\"changed\":{{\"name\":{}}}}}", quoted(name)));
}

/// Text as JSON has it.
fn quoted(text: &str) -> String {
    let escaped = |character: char| match character {
        '"' | '\\' => format!("\\{character}"),
        _ if character.is_control() => format!("\\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// Says a line, and waits until it has been heard.
#[inline(never)]
fn tell(line: &str) {
    // What was printed before must be seen before. Nobody reads along when this fails.
    let _ = io::stdout().flush();
    let Some(path) = std::env::var_os("ELBO_DISPLAY") else { return };
    let Ok(socket) = UnixStream::connect(path) else { return };
    let _ = writeln!(&socket, "{line}");
    let _ = BufReader::new(socket).read_line(&mut String::new());
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn text_is_quoted_as_json_wants_it() {
        for text in ["", "a \"b\" \\ c", "two\nlines\tand\u{1b}[0m", "서울 😀 \u{85}"] {
            assert_eq!(serde_json::from_str::<String>(&quoted(text)).unwrap(), text);
        }
    }
}
