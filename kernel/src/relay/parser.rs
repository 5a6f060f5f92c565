//! Takes the standard output of the cells apart: text, and the displays and questions of crates that
//! know evcxr's markers. How a cell ends does not stand there; whatever else a cell prints is text.

use memchr::memmem;

use super::event::{Event, MimeBundle};

/// Every line that is not plain output starts with this.
const MARK: &[u8] = b"EVCXR_";
const BEGIN: &str = "EVCXR_BEGIN_CONTENT ";
const END: &[u8] = b"EVCXR_END_CONTENT\n";
/// How the crate `evcxr_input` asks the user; with a password, the word stands before the colon.
const ASK: &str = "EVCXR_INPUT_REQUEST";
const ASK_PASSWORD: &str = "_PASSWORD";

/// One thing found in the stream, to be handled in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// For the engine.
    Tell(Event),
    /// What the cell asks when it next reads its standard input.
    Prompt {
        /// The line as it was printed.
        line: String,
        /// What to ask.
        prompt: String,
        /// Whether the answer must not be seen.
        is_password: bool,
    },
}

/// Reads the stream chunk by chunk; a marker may be split anywhere.
#[derive(Default)]
pub struct Parser {
    pending: Vec<u8>,
    /// The line that has opened the content block being read, and its format.
    open: Option<(String, String)>,
    /// Finished blocks of the display being read.
    bundle: MimeBundle,
}

impl Parser {
    /// Takes the next bytes and returns what has become certain.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Step> {
        self.pending.extend_from_slice(bytes);
        let mut steps = Vec::new();
        while if self.open.is_some() { self.content(&mut steps) } else { self.text(&mut steps) } {}
        steps
    }

    /// Called when nothing has come for a while: a display that could have had further formats is
    /// taken as finished, and text that could have begun a marker is taken as text.
    pub fn pause(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.open.is_none() {
            self.close_bundle(&mut steps);
            if !self.pending.starts_with(MARK) {
                self.emit_text(self.pending.len(), &mut steps);
            }
        }
        steps
    }

    /// Called at the end of a cell: everything left is text, also a display that was never closed.
    pub fn finish(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some((line, _)) = self.open.take() {
            self.pending.splice(0..0, format!("{line}\n").into_bytes());
        }
        self.emit_text(self.pending.len(), &mut steps);
        self.close_bundle(&mut steps);
        steps
    }

    /// Called when the cell has panicked: half a display is of no use.
    pub fn give_up_display(&mut self) {
        if self.open.take().is_some() {
            self.pending.clear();
        }
    }

    /// Reads up to the next marker line. True if there may be more to read.
    fn text(&mut self, steps: &mut Vec<Step>) -> bool {
        let Some(start) = memmem::find(&self.pending, MARK) else {
            self.emit_text(self.pending.len() - undecided(&self.pending), steps);
            return false;
        };
        self.emit_text(start, steps);
        let Some(end) = memchr::memchr(b'\n', &self.pending) else { return false };
        let line: Vec<u8> = self.pending.drain(..=end).collect();
        let line = String::from_utf8_lossy(&line);
        self.marker(line.trim_end_matches('\n'), steps);
        true
    }

    fn marker(&mut self, line: &str, steps: &mut Vec<Step>) {
        if let Some(mime) = line.strip_prefix(BEGIN) {
            self.open = Some((line.to_owned(), mime.trim().to_owned()));
            return;
        }
        self.close_bundle(steps);
        let text = || Step::Tell(Event::Stdout(format!("{line}\n")));
        steps.push(question(line).unwrap_or_else(text));
    }

    /// Reads a content block up to its end. True if there may be more to read.
    fn content(&mut self, steps: &mut Vec<Step>) -> bool {
        let Some(end) = line_start(&self.pending, END) else { return false };
        let content = String::from_utf8_lossy(&self.pending[..end]);
        let content = content.strip_suffix('\n').unwrap_or(&content).to_owned();
        self.pending.drain(..end + END.len());
        let Some((_, mime)) = self.open.take() else { return true };
        if !self.bundle.accepts(&mime) {
            self.close_bundle(steps);
        }
        self.bundle.push(mime, content);
        true
    }

    fn close_bundle(&mut self, steps: &mut Vec<Step>) {
        if !self.bundle.is_empty() {
            steps.push(Step::Tell(Event::Display(std::mem::take(&mut self.bundle), None)));
        }
    }

    fn emit_text(&mut self, length: usize, steps: &mut Vec<Step>) {
        if length == 0 {
            return;
        }
        self.close_bundle(steps);
        let text: Vec<u8> = self.pending.drain(..length).collect();
        steps.push(Step::Tell(Event::Stdout(String::from_utf8_lossy(&text).into_owned())));
    }
}

/// The question that a line asks.
fn question(line: &str) -> Option<Step> {
    let rest = line.strip_prefix(ASK)?;
    let (is_password, rest) =
        rest.strip_prefix(ASK_PASSWORD).map_or((false, rest), |rest| (true, rest));
    let prompt = rest.strip_prefix(':')?.to_owned();
    Some(Step::Prompt { line: line.to_owned(), prompt, is_password })
}

/// Where `line` stands at the start of a line.
fn line_start(haystack: &[u8], line: &[u8]) -> Option<usize> {
    memmem::find_iter(haystack, line).find(|&at| at == 0 || haystack[at - 1] == b'\n')
}

/// How many bytes at the end may belong to a marker or to a character not yet complete.
fn undecided(text: &[u8]) -> usize {
    let marker = (1..MARK.len()).rev().find(|&length| text.ends_with(&MARK[..length]));
    marker.unwrap_or_else(|| incomplete_character(text))
}

/// How many bytes at the end begin a UTF-8 character whose rest is still to come.
pub fn incomplete_character(text: &[u8]) -> usize {
    match std::str::from_utf8(&text[text.len().saturating_sub(3)..]) {
        Ok(_) => 0,
        Err(_) => (1..=3.min(text.len()))
            .find(|&back| starts_longer_character(text[text.len() - back], back))
            .unwrap_or(0),
    }
}

/// Whether a first byte promises more bytes than the `present` ones.
fn starts_longer_character(first: u8, present: usize) -> bool {
    let length = match first {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 0,
    };
    length > present
}

#[cfg(test)]
#[path = "parser_tests.rs"]
mod tests;
