//! Help for people who write cells: completions, and whether a cell is finished.

use serde::{Deserialize, Serialize};

use super::brackets::{Brackets, brackets};
use super::commands;

/// Most characters of a line of code in a message.
const LONGEST: usize = 60;

/// What could stand at a place in the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The bytes to be replaced.
    pub start: usize,
    /// The end of the bytes to be replaced.
    pub end: usize,
    /// What to put there.
    pub matches: Vec<Match>,
}

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    /// What to write.
    pub text: String,
    /// Such as `function` or `keyword`.
    pub kind: String,
    /// How it is declared, or the text again.
    pub signature: String,
}

/// Completes a name from a list of known ones, without understanding the code.
pub fn complete_words(code: &str, position: usize, known: &[String]) -> Completion {
    let before = &code[..position];
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let start = before
        .rfind(|c| !is_part(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = &before[start..];
    let fits = |name: &&String| !word.is_empty() && name.starts_with(word);
    let names = known.iter().filter(fits);
    let matches = names
        .map(|name| Match {
            text: name.clone(),
            kind: "instance".to_owned(),
            signature: name.clone(),
        })
        .collect();
    Completion { start, end: position, matches }
}

/// Whether a cell can be run as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It can be run.
    Complete,
    /// Something is still open.
    Incomplete,
    /// No further line can make it valid.
    Invalid,
}

/// Judges the syntax alone.
pub fn completeness(code: &str) -> Completeness {
    let rust = commands::split(code).rust;
    match brackets(&rust) {
        Brackets::Open => return Completeness::Incomplete,
        Brackets::Wrong | Brackets::Deep => return Completeness::Invalid,
        Brackets::Closed => {}
    }
    match syn::parse_str::<syn::File>(&format!("async fn cell() {{ {rust}\n }}")) {
        Ok(_) => Completeness::Complete,
        Err(error) if error.to_string().starts_with("unexpected end of input") => {
            Completeness::Incomplete
        }
        Err(_) => Completeness::Invalid,
    }
}

/// Translates a place in the generated file into one in the cell, if the line tells which it is.
pub fn place_in_cell(place: &str, generated: &str, code: &str) -> Option<String> {
    let line = place.strip_prefix("src/lib.rs:")?.split(':').next()?.parse::<usize>().ok()?;
    let text = generated.lines().nth(line.checked_sub(1)?)?.trim();
    if text.is_empty() {
        return None;
    }
    // evcxr begins a new line with every statement.
    let whole = lines_with(code, |own| own.trim() == text);
    let found = if whole.is_empty() { lines_with(code, |own| own.contains(text)) } else { whole };
    Some(match found[..] {
        [line] => format!("line {line} of the cell"),
        [] => format!("`{}` of an earlier cell", shortened(text)),
        _ => format!("`{}`", shortened(text)),
    })
}

/// The numbers, counted from 1, of the lines for which something holds.
fn lines_with(code: &str, holds: impl Fn(&str) -> bool) -> Vec<usize> {
    let lines = (1..).zip(code.lines());
    lines.filter(|(_, line)| holds(line)).map(|(number, _)| number).collect()
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_and_strings_ask_for_more() {
        for code in ["fn f() {", "let x = (1,", "println!(\"a", "/* a", "let x =", "if a {\n b()"] {
            assert_eq!(completeness(code), Completeness::Incomplete, "{code}");
        }
    }

    #[test]
    fn statements_expressions_items_and_commands_are_complete() {
        for code in [
            "1 + 1",
            "let x = 1;",
            "use std::fmt;\nx",
            ":dep rand = \"0.9\"",
            "",
            "f()?",
            "!ls -l (",
            "?Vec",
        ] {
            assert_eq!(completeness(code), Completeness::Complete, "{code}");
        }
    }

    #[test]
    fn what_no_line_can_mend_is_invalid() {
        for code in ["let = 1;", "fn f() }", "1 2;"] {
            assert_eq!(completeness(code), Completeness::Invalid, "{code}");
        }
    }

    #[test]
    fn known_names_are_completed_after_any_code() {
        let known = ["vae".to_owned(), "value".to_owned(), "x".to_owned()];
        let texts = |code: &str| -> Vec<String> {
            let found = complete_words(code, code.len(), &known);
            found.matches.into_iter().map(|item| item.text).collect()
        };
        assert_eq!(texts("σ + va"), ["vae", "value"]);
        assert_eq!(complete_words("σ + va", 7, &known).start, 5);
        assert!(texts("f(").is_empty());
        assert_eq!(texts("x"), ["x"]);
    }

    #[test]
    fn a_panic_is_located_in_the_cell_when_its_line_is_unique() {
        let generated = "a\nfn run() {\nlet v = vec![1];\nv[3];\n}";
        let code = "let v = vec![1];\nv[3];";
        let place = place_in_cell("src/lib.rs:4:1", generated, code);
        assert_eq!(place.as_deref(), Some("line 2 of the cell"));
        assert_eq!(place_in_cell("src/other.rs:4:1", generated, code), None);
        let places = |code| place_in_cell("src/lib.rs:4:1", generated, code);
        assert_eq!(places("v[3];\nv[3];").as_deref(), Some("`v[3];`"));
        assert_eq!(places("let v = w; v[3];\n1").as_deref(), Some("line 1 of the cell"));
        assert_eq!(places("f(3)").as_deref(), Some("`v[3];` of an earlier cell"));
    }
}
