//! What stands between two brackets, as long as it is held back.

use std::collections::VecDeque;

use super::{COLUMNS, left_out_note};
use crate::display::text::counted;

/// Values of a list that are shown; of more, the middle is left out.
pub(super) const VALUES: usize = 1000;
/// A value that is longer, in characters, stands on a line of its own.
const SHORT: usize = 32;
/// How the note about values that were left out begins.
const NOTE: char = '…';

/// A list, a set or a tuple that holds nothing but short values so far; or anything else between
/// brackets, once it is written.
#[derive(Default)]
pub(super) struct Group {
    /// Spaces before the line that opens it.
    pub indent: usize,
    /// Whether its lines so far are written. Those that follow are written as they come.
    pub is_written: bool,
    opener: String,
    /// Spaces before its values.
    inner: usize,
    first: Vec<String>,
    last: VecDeque<String>,
    /// Values between the first and the last.
    left_out: usize,
    /// In the place of values that the writer has left out.
    note: Option<String>,
}

/// Whether a line opens a group.
pub(super) fn is_opener(content: &str) -> bool {
    content.ends_with(['[', '(', '{'])
}

impl Group {
    /// A group that this line opens.
    pub(super) fn new(indent: usize, opener: &str) -> Self {
        Self { indent, opener: opener.to_owned(), ..Self::default() }
    }

    /// Whether it is a struct with named fields, which has a line for each.
    pub(super) fn is_struct(&self) -> bool {
        let before = self.opener.strip_suffix('{').map(str::trim_end);
        before.is_some_and(|before| !before.is_empty() && !before.ends_with(':'))
    }

    /// Whether this line closes it.
    pub(super) fn is_ended_by(&self, indent: usize, content: &str) -> bool {
        let closer = match self.opener.chars().last() {
            Some('[') => "]",
            Some('(') => ")",
            _ => "}",
        };
        indent == self.indent && content.trim_end_matches(',') == closer
    }

    /// Whether this line, which is not its end, stands outside of it.
    pub(super) fn ended_before(&self, indent: usize, content: &str) -> bool {
        indent <= self.indent && !content.is_empty() && !self.is_ended_by(indent, content)
    }

    /// Takes a value, if it is a short one and nothing else is in the group.
    pub(super) fn takes(&mut self, indent: usize, value: &str) -> bool {
        if self.is_written || value.is_empty() {
            return false;
        }
        if value.starts_with(NOTE) {
            self.note = Some(value.trim_end_matches(',').to_owned());
            return true;
        }
        let is_first = self.first.is_empty();
        // Several lines of one value.
        let is_torn = !is_first && (indent != self.inner || !self.is_complete());
        let is_entry = self.opener.ends_with('{') && is_entry(value);
        if is_torn || is_entry || value.chars().count() > SHORT + 1 {
            return false;
        }
        self.inner = indent;
        self.keep(value);
        true
    }

    fn keep(&mut self, value: &str) {
        if self.first.len() < VALUES / 2 {
            self.first.push(value.to_owned());
            return;
        }
        self.last.push_back(value.to_owned());
        if self.last.len() > VALUES / 2 {
            self.last.pop_front();
            self.left_out += 1;
        }
    }

    /// Whether a further value may follow the last one.
    fn is_complete(&self) -> bool {
        self.last.back().or(self.first.last()).is_none_or(|value| value.ends_with(','))
    }

    /// The group on one line, without its indentation, if there is room for it.
    pub(super) fn on_one_line(&self, closer: &str) -> Option<String> {
        if self.left_out > 0 || self.note.is_some() {
            return None;
        }
        let values: Vec<&str> = self.first.iter().chain(&self.last).map(String::as_str).collect();
        let values = values.join(" ");
        // A tuple of one value keeps its comma.
        let is_single = self.opener == "(" && self.first.len() == 1;
        let values = if is_single { &values } else { values.trim_end_matches(',') };
        let line = format!("{}{values}{closer}", self.opener);
        (self.indent + line.chars().count() <= COLUMNS).then_some(line)
    }

    /// The group with as many values on a line as there is room for.
    pub(super) fn on_many_lines(&self, closer: &str) -> String {
        let mut lines = self.beginning();
        if let Some(note) = self.note() {
            lines.push_str(&format!("{}{note}\n", " ".repeat(self.inner)));
            lines.push_str(&wrapped(self.last.iter(), self.inner));
        }
        lines.push_str(&format!("{}{closer}\n", " ".repeat(self.indent)));
        lines
    }

    /// The same up to where values are left out.
    pub(super) fn beginning(&self) -> String {
        let opener = format!("{}{}\n", " ".repeat(self.indent), self.opener);
        let first = self.first.iter();
        opener
            + &match self.note() {
                Some(_) => wrapped(first, self.inner),
                None => wrapped(first.chain(&self.last), self.inner),
            }
    }

    /// The group so far, with one value a line.
    pub(super) fn as_it_was(&self) -> String {
        let line = |indent: usize, text: &str| format!("{}{text}\n", " ".repeat(indent));
        let mut lines = line(self.indent, &self.opener);
        lines.extend(self.first.iter().map(|value| line(self.inner, value)));
        lines.extend(self.note().map(|note| line(self.inner, &note)));
        lines.extend(self.last.iter().map(|value| line(self.inner, value)));
        lines
    }

    /// What stands in the place of values that are left out.
    fn note(&self) -> Option<String> {
        let own = || left_out_note(&counted(self.left_out, "value"));
        self.note.clone().or_else(|| (self.left_out > 0).then(own))
    }
}

/// The values, as many on a line as there is room for.
fn wrapped<'v>(values: impl Iterator<Item = &'v String>, indent: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for value in values {
        let width = value.chars().count();
        if column > 0 && column + 1 + width <= COLUMNS {
            text.push(' ');
            column += 1 + width;
        } else {
            if column > 0 {
                text.push('\n');
            }
            text.push_str(&" ".repeat(indent));
            column = indent + width;
        }
        text.push_str(value);
    }
    if column > 0 {
        text.push('\n');
    }
    text
}

/// Whether a line is the entry of a map: a key, a colon and a value.
fn is_entry(line: &str) -> bool {
    let mut quoted = false;
    let mut escaped = false;
    let mut before = ' ';
    for character in line.chars() {
        if escaped {
            escaped = false;
        } else if quoted {
            escaped = character == '\\';
            quoted = character != '"';
        } else if character == '"' {
            quoted = true;
        } else if before == ':' && character == ' ' {
            return true;
        }
        before = character;
    }
    false
}
