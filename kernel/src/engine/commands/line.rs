//! Which lines of a cell are commands.

use super::super::documentation::asked_for;

/// A line that is not Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A command with what stands behind it.
    Command {
        /// Its name, with the colon.
        name: &'a str,
        /// The rest of the line.
        argument: &'a str,
    },
    /// A line for the shell.
    Shell(&'a str),
    /// A question for documentation.
    Question(&'a str),
}

/// A cell taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// The lines before the first line of Rust, each with its number, counted from 1.
    pub lines: Vec<(usize, Line<'a>)>,
    /// The cell with blanks in their place: whatever stands in it stands where it stood.
    pub rust: String,
}

/// Takes a cell apart. Only before the first line of Rust can a line be a command: behind it, a line
/// that begins with `!` or `:` continues an expression.
pub fn split(code: &str) -> Head<'_> {
    if let Some(name) = asked_for(code) {
        let rust = blank(code);
        return Head { lines: vec![(1, Line::Question(name))], rust };
    }
    let (mut lines, mut rust) = (Vec::new(), String::with_capacity(code.len()));
    let mut rest = code;
    for (number, text) in (1..).zip(code.split_inclusive('\n')) {
        let content = text.trim();
        match understood(text) {
            Some(line) => {
                lines.push((number, line));
                rust.push_str(&blank(text));
            }
            None if content.is_empty() || content.starts_with("//") => rust.push_str(text),
            None => break,
        }
        rest = &rest[text.len()..];
    }
    rust.push_str(rest);
    Head { lines, rust }
}

fn understood(text: &str) -> Option<Line<'_>> {
    let line = text.trim_end_matches(['\n', '\r']);
    if let Some(command) = line.strip_prefix('!') {
        return Some(Line::Shell(command.trim()));
    }
    let line = line.trim();
    // A path such as `::std` is Rust.
    if !line.strip_prefix(':')?.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    Some(Line::Command { name, argument: argument.trim() })
}

fn blank(text: &str) -> String {
    let blank = |c: char| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) };
    text.chars().map(blank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(code: &str) -> Vec<Line<'_>> {
        split(code).lines.into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn commands_stand_before_the_first_line_of_rust() {
        let code = "// first\n\n:dep heck = \"0.5\"\n!ls -l é\nuse heck::ToSnakeCase;\n!x\n:y";
        let expected =
            [Line::Command { name: ":dep", argument: "heck = \"0.5\"" }, Line::Shell("ls -l é")];
        assert_eq!(lines(code), expected);
        let rust = split(code).rust;
        assert_eq!(rust.len(), code.len());
        assert_eq!(rust.find("use"), code.find("use"));
        assert!(rust.ends_with("use heck::ToSnakeCase;\n!x\n:y"), "{rust:?}");
        assert_eq!(split(code).lines[1].0, 4);
    }

    #[test]
    fn rust_that_looks_like_a_command_is_rust() {
        for code in ["::std::thread::spawn(|| {})", "let ok = a ||\n!b;\nok", "(\n:x)"] {
            assert_eq!(lines(code), [], "{code}");
            assert_eq!(split(code).rust, code);
        }
        assert_eq!(lines("?Vae"), [Line::Question("Vae")]);
        assert_eq!(lines(":doc Vae"), [Line::Question("Vae")]);
    }
}
