//! What is wrong with a cell that is no Rust.
//!
//! evcxr's parser mends what it reads: it leaves out what it does not understand, and the rest of the
//! cell would run. Where a cell cannot be parsed, rustc says why.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use super::build::write_source;
use super::settings::{Settings, outer_path};

/// What is put around a cell, on lines of its own.
const AROUND: (&str, &str) = ("async fn cell() {\n", "\n}\n");

/// What rustc says of an opening bracket that has no other.
const UNCLOSED: &str = "unclosed delimiter";

/// An error with the bytes of the cell that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// What it says.
    pub message: String,
    /// What it says of the place.
    pub label: Option<String>,
    /// The place.
    pub place: std::ops::Range<usize>,
}

/// The errors that rustc's parser finds in a cell.
///
/// # Errors
/// When rustc does not start or the session's folder cannot be written.
pub fn syntax_errors(session: &Path, settings: &Settings, code: &str) -> Result<Vec<SyntaxError>> {
    let folder = session.join("syntax");
    write_source(&folder, &format!("{}{code}{}", AROUND.0, AROUND.1))?;
    let output = Command::new(&settings.rustc)
        .args(["--edition=2024", "--crate-type=lib", "--error-format=json", "src/lib.rs"])
        // Parses the code and prints it.
        .arg("-Zunpretty=normal")
        // That is not stable.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("PATH", outer_path())
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("rustc does not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let messages = said.lines().filter_map(|line| serde_json::from_str(line).ok());
    Ok(messages.filter_map(|message| read(&message, code)).collect())
}

fn read(message: &Value, code: &str) -> Option<SyntaxError> {
    if message["level"] != "error" {
        return None;
    }
    let spans = message["spans"].as_array()?;
    // What closes in its place may be what stands around the cell.
    let is_open = |span: &&Value| span["label"].as_str().is_some_and(|label| label == UNCLOSED);
    let open = spans.iter().find(is_open);
    let span = open.or_else(|| spans.iter().find(|span| span["is_primary"] == true))?;
    let byte = |key: &str| {
        let at = usize::try_from(span[key].as_u64()?).ok()?;
        // What is missing at the end is missed behind it.
        let at = at.saturating_sub(AROUND.0.len()).min(code.trim_end().len());
        (0..=at).rev().find(|&at| code.is_char_boundary(at))
    };
    let told = if open.is_some() { UNCLOSED } else { message["message"].as_str()? };
    Some(SyntaxError {
        message: told.to_owned(),
        label: span["label"].as_str().map(str::to_owned).filter(|label| label != UNCLOSED),
        place: byte("byte_start")?..byte("byte_end")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_those_of_the_cell() {
        let at = AROUND.0.len();
        let message = |start: usize, end: usize| {
            json!({"level": "error", "message": "expected pattern", "spans": [{"is_primary": true,
                "label": null, "byte_start": start, "byte_end": end}]})
        };
        let place = |start, end| read(&message(start, end), "let = 5;").unwrap().place;
        assert_eq!(place(at + 4, at + 5), 4..5);
        assert_eq!(place(at + 9, at + 10), 8..8);
    }
}
