//! The cells that were run, as front ends ask for them.

use std::sync::Mutex;
use std::sync::PoisonError;

use jupyter_protocol::{HistoryEntry, HistoryReply, HistoryRequest};

/// The cells of this session, and the text form of their values.
#[derive(Default)]
pub struct History(Mutex<Vec<Line>>);

#[derive(Clone)]
struct Line {
    number: usize,
    input: String,
    output: String,
}

/// Earlier sessions are not remembered; this one is always the first.
const SESSION: usize = 1;

impl History {
    /// Remembers a cell.
    pub fn push(&self, number: usize, input: &str, output: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(Line { number, input: input.to_owned(), output });
    }

    /// Answers a question about the past.
    pub fn answer(&self, request: &HistoryRequest) -> HistoryReply {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, with_output) = match request {
            HistoryRequest::Range { session, start, stop, output, .. } => {
                (range(&lines, *session, *start, *stop), *output)
            }
            HistoryRequest::Tail { n, output, .. } => (tail(lines.to_vec(), *n), *output),
            HistoryRequest::Search { pattern, unique, output, n, .. } => {
                (tail(search(&lines, pattern, *unique), *n), *output)
            }
        };
        HistoryReply::new(found.into_iter().map(|line| entry(line, with_output)).collect())
    }
}

fn entry(line: Line, with_output: bool) -> HistoryEntry {
    if with_output {
        HistoryEntry::InputOutput(SESSION, line.number, (line.input, line.output))
    } else {
        HistoryEntry::Input(SESSION, line.number, line.input)
    }
}

/// The lines numbered from `start` to before `stop`. Session 0 is this one, and negative numbers
/// count back from it.
fn range(lines: &[Line], session: Option<i32>, start: i32, stop: i32) -> Vec<Line> {
    if !matches!(session, None | Some(0 | 1)) {
        return Vec::new();
    }
    let within = |line: &&Line| {
        i32::try_from(line.number).is_ok_and(|number| number >= start && number < stop)
    };
    lines.iter().filter(within).cloned().collect()
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

fn fits(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|skipped| fits(rest, &text[skipped..])),
        Some(('?', rest)) => text.split_first().is_some_and(|(_, others)| fits(rest, others)),
        Some((own, rest)) => {
            text.split_first().is_some_and(|(first, others)| first == own && fits(rest, others))
        }
    }
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
            history.push(number, input, "1".into());
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
}
