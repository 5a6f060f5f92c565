//! Pretty text of values, as `{:#?}` and serde_json write it, with lists of short values in few
//! lines.
//!
//! ```text
//! [                   [
//!     1,                  1, 2, 3, … as many as a line has room for
//!     2,                  30, 31, 32,
//!     3,              ]
//!     …
//! ```
//!
//! The text is taken in line by line. A list is held back until it ends or turns out to hold
//! something else than short values; then its lines stay as they are. Of a long list only the first
//! and the last values are kept, so that little memory is needed.

mod group;

use std::fmt;

use self::group::Group;
use super::text::counted;

/// Columns of a line of values.
const COLUMNS: usize = 100;
/// Lines that are shown; of more, the middle is left out.
const LINES: usize = 1000;
/// Text that is taken in, in bytes; after that the writer is told to stop.
const MOST: usize = 4 << 20;
/// Of a line that does not end, this much is shown, in characters.
const BEGINNING: usize = 1000;

/// Takes in pretty text.
#[derive(Default)]
pub(super) struct Packed {
    /// What is done.
    text: String,
    /// The line that is being written.
    line: String,
    /// The groups around it, the outermost first.
    open: Vec<Group>,
    /// How much was taken in, in bytes.
    taken: usize,
}

impl fmt::Write for Packed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let was_full = self.is_full();
        self.taken += text.len();
        if self.is_full() {
            // A long string comes in one piece, of which nothing would be seen.
            let line = text.lines().next().filter(|_| !was_full).unwrap_or_default();
            self.line.extend(line.chars().take(BEGINNING));
            return Err(fmt::Error);
        }
        for piece in text.split_inclusive('\n') {
            match piece.strip_suffix('\n') {
                Some(end) => {
                    self.line.push_str(end);
                    self.end_line();
                }
                None => self.line.push_str(piece),
            }
        }
        Ok(())
    }
}

impl Packed {
    /// Whether there was more text than is taken in.
    pub(super) fn is_full(&self) -> bool {
        self.taken > MOST
    }

    /// The text, with at most about [`LINES`] lines. It ends with … where the writer was told to stop.
    pub(super) fn finish(mut self) -> String {
        if self.is_full() {
            return self.cut();
        }
        self.end_line();
        self.flush();
        without_middle(self.text.trim_end_matches('\n'))
    }

    /// The first lines of a text that goes on.
    fn cut(mut self) -> String {
        let innermost = self.open.pop();
        self.flush();
        if let Some(group) = innermost.filter(|group| !group.is_written) {
            self.text.push_str(&group.beginning());
        }
        let line: String = self.line.chars().take(BEGINNING).collect();
        let lines: Vec<&str> = self.text.lines().chain([line.as_str()]).take(LINES).collect();
        format!("{}\n…", lines.join("\n").trim_end())
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let indent = line.len() - line.trim_start_matches(' ').len();
        let content = line.get(indent..).unwrap_or_default();
        // A group whose end did not look like one.
        while self.open.last().is_some_and(|group| group.ended_before(indent, content)) {
            self.flush();
            self.open.pop();
        }
        if self.open.last().is_some_and(|group| group.is_ended_by(indent, content)) {
            self.close(content);
        } else if group::is_opener(content) {
            self.open(Group::new(indent, content));
        } else if !self.open.last_mut().is_some_and(|group| group.takes(indent, content)) {
            self.flush();
            // A note is no value.
            let note = line.strip_suffix(',').filter(|note| note.ends_with('…'));
            self.put(note.unwrap_or(&line));
        }
    }

    fn open(&mut self, group: Group) {
        let is_struct = group.is_struct();
        self.open.push(group);
        if is_struct {
            self.flush();
        }
    }

    /// The last group has ended.
    fn close(&mut self, closer: &str) {
        let Some(group) = self.open.pop() else { return };
        if group.is_written {
            self.put(&format!("{}{closer}", " ".repeat(group.indent)));
            return;
        }
        let Some(line) = group.on_one_line(closer) else {
            self.flush();
            self.text.push_str(&group.on_many_lines(closer));
            return;
        };
        // Rows of numbers stay below each other; pairs may stand side by side.
        let is_tuple = line.trim_end_matches(',').ends_with(')');
        let takes = |around: &mut Group| is_tuple && around.takes(group.indent, &line);
        if !self.open.last_mut().is_some_and(takes) {
            self.flush();
            self.put(&format!("{}{line}", " ".repeat(group.indent)));
        }
    }

    /// Writes what is held back, one value a line: there is something in it that is not short.
    fn flush(&mut self) {
        for group in self.open.iter_mut().filter(|group| !group.is_written) {
            self.text.push_str(&group.as_it_was());
            group.is_written = true;
        }
    }

    fn put(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// The text with at most [`LINES`] lines.
fn without_middle(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let half = LINES / 2;
    let Some(count @ 1..) = lines.len().checked_sub(LINES) else { return text.to_owned() };
    let (first, rest) = lines.split_at(half);
    let (middle, last) = rest.split_at(count);
    // A note of the list of which this is the middle.
    let notes: Vec<&str> = middle.iter().filter_map(|line| said_left_out(line)).collect();
    let note = match notes[..] {
        [values] => format!("{} and {values}", counted(count - 1, "line")),
        _ => counted(count, "line"),
    };
    [first, &[left_out_note(&note).as_str()], last].concat().join("\n")
}

/// What stands in the place of so many lines or values.
fn left_out_note(what: &str) -> String {
    format!("… {what} left out …")
}

/// What a line says is left out.
fn said_left_out(line: &str) -> Option<&str> {
    line.trim().strip_prefix("… ")?.strip_suffix(" left out …")
}

/// A list of which at most about [`VALUES`](group::VALUES) are written, and how many are not.
pub(super) struct Excerpt<'a, T>(pub &'a [T]);

impl<T: fmt::Debug> fmt::Debug for Excerpt<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = group::VALUES / 2;
        let mut list = f.debug_list();
        match self.0.len().checked_sub(group::VALUES) {
            None | Some(0) => list.entries(self.0),
            Some(left_out) => list
                .entries(&self.0[..half])
                .entry(&format_args!("{}", left_out_note(&counted(left_out, "value"))))
                .entries(&self.0[half + left_out..]),
        };
        list.finish()
    }
}

#[cfg(test)]
mod tests;
