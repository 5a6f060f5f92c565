//! The cells that were run, as front ends ask for them: those of this session, and those of earlier
//! ones, which a file remembers.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jupyter_protocol::{HistoryEntry, HistoryReply, HistoryRequest};
use serde::{Deserialize, Serialize};

/// How many cells are remembered from one session to the next.
const REMEMBERED: usize = 5_000;
/// A file with more bytes is cut to that many cells.
const LARGE: u64 = 8 * 1024 * 1024;
/// How much of a value is remembered, in bytes.
const LONGEST: usize = 4 * 1024;

/// The cells, and the text form of their values.
#[derive(Default)]
pub struct History(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    lines: Vec<Line>,
    /// The number of this session.
    session: i32,
    file: Option<PathBuf>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Line {
    session: i32,
    number: usize,
    input: String,
    output: String,
}

impl History {
    /// With what earlier sessions have left in a file, to which this one adds.
    pub fn open(file: &Path) -> Self {
        let text = fs::read(file).unwrap_or_default();
        let lines = text.split(|&byte| byte == b'\n');
        // A line that was cut when the machine went down is no line.
        let mut lines: Vec<Line> =
            lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        lines.drain(..lines.len().saturating_sub(REMEMBERED));
        if fs::metadata(file).is_ok_and(|file| file.len() > LARGE) {
            // Too large is no misfortune.
            let _ = rewrite(file, &lines);
        }
        let session = lines.iter().map(|line| line.session).max().unwrap_or(0) + 1;
        Self(Mutex::new(Remembered { lines, session, file: Some(file.to_owned()) }))
    }

    /// Remembers a cell.
    pub fn push(&self, number: usize, input: &str, output: &str) {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut end = LONGEST.min(output.len());
        while !output.is_char_boundary(end) {
            end -= 1;
        }
        let (input, output) = (input.to_owned(), output[..end].to_owned());
        let line = Line { session: own.session, number, input, output };
        // Without a file the cells of this session are remembered all the same.
        let _ = own.file.as_ref().map(|file| append(file, &line));
        own.lines.push(line);
    }

    /// Answers a question about the past.
    pub fn answer(&self, request: &HistoryRequest) -> HistoryReply {
        let own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, with_output) = match request {
            HistoryRequest::Range { session, start, stop, output, .. } => {
                (range(&own, session.unwrap_or(0), *start, *stop), *output)
            }
            HistoryRequest::Tail { n, output, .. } => (tail(own.lines.clone(), *n), *output),
            HistoryRequest::Search { pattern, unique, output, n, .. } => {
                (tail(search(&own.lines, pattern, *unique), *n), *output)
            }
        };
        HistoryReply::new(found.into_iter().map(|line| entry(line, with_output)).collect())
    }
}

/// Adds a line in one piece, so that sessions can do so at the same time.
fn append(file: &Path, line: &Line) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    File::options().create(true).append(true).open(file)?.write_all(&text)
}

fn rewrite(file: &Path, lines: &[Line]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    for line in lines {
        serde_json::to_writer(&mut new, line)?;
        writeln!(new)?;
    }
    new.persist(file)?;
    Ok(())
}

fn entry(line: Line, with_output: bool) -> HistoryEntry {
    let session = usize::try_from(line.session).unwrap_or(0);
    if with_output {
        HistoryEntry::InputOutput(session, line.number, (line.input, line.output))
    } else {
        HistoryEntry::Input(session, line.number, line.input)
    }
}

/// The lines numbered from `start` to before `stop`. Session 0 is this one, and negative numbers
/// count back from it.
fn range(own: &Remembered, session: i32, start: i32, stop: i32) -> Vec<Line> {
    let session = if session > 0 { session } else { own.session.saturating_add(session) };
    let within = |line: &&Line| {
        line.session == session
            && i32::try_from(line.number).is_ok_and(|number| number >= start && number < stop)
    };
    own.lines.iter().filter(within).cloned().collect()
}

fn tail(mut lines: Vec<Line>, n: i32) -> Vec<Line> {
    let n = usize::try_from(n).unwrap_or(0);
    lines.split_off(lines.len().saturating_sub(n))
}

/// The lines whose input fits the pattern, in which `*` stands for anything and `?` for one
/// character. Of equal lines only the last one, if they are to be unique.
fn search(lines: &[Line], pattern: &str, unique: bool) -> Vec<Line> {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut found: Vec<Line> = Vec::new();
    for line in lines {
        let input: Vec<char> = line.input.chars().collect();
        if fits(&pattern, &input) {
            if unique {
                found.retain(|other| other.input != line.input);
            }
            found.push(line.clone());
        }
    }
    found
}

/// Whether a text fits a pattern. A `*` that took too little takes one character more; no earlier one
/// need be tried again, so that the time is at most the product of both lengths.
fn fits(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut of) = (0, 0);
    let mut last = None;
    while at < text.len() {
        match pattern.get(of) {
            Some('*') => {
                last = Some((of, at));
                of += 1;
            }
            Some(&own) if own == '?' || own == text[at] => {
                at += 1;
                of += 1;
            }
            _ => {
                let Some((star, begun)) = last else { return false };
                last = Some((star, begun + 1));
                (of, at) = (star + 1, begun + 1);
            }
        }
    }
    pattern[of..].iter().all(|&own| own == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(history: &History, request: &HistoryRequest) -> Vec<String> {
        let entries = history.answer(request).history.into_iter();
        entries
            .map(|entry| match entry {
                HistoryEntry::Input(_, number, input) => format!("{number} {input}"),
                HistoryEntry::InputOutput(_, number, (input, output)) => {
                    format!("{number} {input} -> {output}")
                }
            })
            .collect()
    }

    #[test]
    fn cells_are_found_by_range_at_the_end_and_by_pattern() {
        let history = History::default();
        for (number, input) in [(1, "let a = 1;"), (2, "a"), (3, "a + 1"), (4, "a")] {
            history.push(number, input, "1");
        }
        let range = |start, stop| HistoryRequest::Range {
            session: Some(0),
            start,
            stop,
            output: false,
            raw: true,
        };
        assert_eq!(inputs(&history, &range(2, 4)), ["2 a", "3 a + 1"]);
        let tail = HistoryRequest::Tail { n: 2, output: true, raw: true };
        assert_eq!(inputs(&history, &tail), ["3 a + 1 -> 1", "4 a -> 1"]);
        let search = |pattern: &str, unique| HistoryRequest::Search {
            pattern: pattern.into(),
            unique,
            output: false,
            raw: true,
            n: 10,
        };
        assert_eq!(inputs(&history, &search("a*", false)), ["2 a", "3 a + 1", "4 a"]);
        assert_eq!(inputs(&history, &search("?", true)), ["4 a"]);
        assert!(inputs(&history, &search("b", false)).is_empty());
    }

    #[test]
    fn earlier_sessions_are_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("elbo").join("cells.jsonl");
        let first = History::open(&file);
        first.push(1, "let a = 1;", "");
        first.push(2, "a", "1");
        fs::write(&file, [fs::read(&file).unwrap(), b"{\"session\": 1, \"cut".to_vec()].concat())
            .unwrap();
        let second = History::open(&file);
        second.push(1, "\nb", &"é".repeat(LONGEST));
        let tail = HistoryRequest::Tail { n: 10, output: false, raw: true };
        assert_eq!(inputs(&second, &tail), ["1 let a = 1;", "2 a", "1 \nb"]);
        let range = |session| HistoryRequest::Range {
            session: Some(session),
            start: 1,
            stop: 9,
            output: false,
            raw: true,
        };
        assert_eq!(inputs(&second, &range(0)), ["1 \nb"]);
        assert_eq!(inputs(&second, &range(-1)), ["1 let a = 1;", "2 a"]);
        assert_eq!(inputs(&second, &range(1)), ["1 let a = 1;", "2 a"]);
        assert!(inputs(&second, &range(-2)).is_empty());
    }

    #[test]
    fn a_pattern_that_fits_nowhere_is_soon_done_with() {
        let text: Vec<char> = "a".repeat(50_000).chars().collect();
        let pattern: Vec<char> = "*a*a*a*a*a*a*a*b".chars().collect();
        assert!(!fits(&pattern, &text));
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("a*b?c", "aXXbYc", true),
            ("a*b?c", "aXXbc", false),
            ("*ab", "aab", true),
            ("?", "", false),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(fits(&chars(pattern), &chars(text)), expected, "{pattern} {text}");
        }
    }
}
