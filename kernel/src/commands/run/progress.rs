//! What `elbo run` says on standard error while it works.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::cells::{Failure, Outcome};
use crate::engine::Output;

/// The longest piece of a cell that is shown.
const HEAD: usize = 60;

/// Reports cell by cell; on a terminal with a line that moves.
pub struct Progress {
    total: usize,
    width: usize,
    number: i32,
    head: String,
    begun: Instant,
    run_begun: Instant,
    is_terminal: bool,
    line: ProgressBar,
}

impl Progress {
    /// For a notebook with this many cells of code.
    pub fn new(total: usize) -> Self {
        Self {
            total,
            width: total.to_string().len(),
            number: 0,
            head: String::new(),
            begun: Instant::now(),
            run_begun: Instant::now(),
            is_terminal: stderr().is_terminal(),
            line: ProgressBar::hidden(),
        }
    }

    /// The session is being started.
    pub fn starting(&mut self) {
        self.begun = Instant::now();
        self.spin("starting the session".to_owned());
    }

    /// The session has been started.
    pub fn started(&mut self) {
        self.line.finish_and_clear();
        eprintln!("session started in {}", seconds(self.begun.elapsed()));
    }

    /// A cell begins.
    pub fn cell(&mut self, number: i32, code: &str) {
        self.number = number;
        self.head = first_line(code);
        self.begun = Instant::now();
        self.spin(self.label());
    }

    /// The cell shows something. The last line of its text stands beside its name.
    pub fn output(&mut self, output: &Output) {
        let (Output::Stdout(text) | Output::Stderr(text)) = output else { return };
        let last = text.split(['\n', '\r']).rfind(|line| !line.trim().is_empty());
        if let Some(last) = last {
            self.line.set_message(format!("{}  │ {}", self.label(), shorten(last, HEAD)));
        }
    }

    /// The cell has ended, in a way that these words describe.
    pub fn cell_ended(&mut self, words: &str) {
        let words = self.paint(words, "32");
        self.end_cell(&words);
    }

    /// The cell has failed although it may not.
    pub fn cell_failed(&mut self) {
        let words = self.paint("failed", "1;31");
        self.end_cell(&words);
    }

    fn end_cell(&mut self, words: &str) {
        self.line.finish_and_clear();
        eprintln!("{}  {words} {:>7}", self.label(), seconds(self.begun.elapsed()));
    }

    /// The notebook has ended.
    pub fn finished(&self, outcome: &Outcome) {
        for Failure { number, error, .. } in &outcome.failures {
            eprintln!("\ncell {number} failed:\n{}", error.traceback(self.is_terminal));
        }
        if !outcome.is_cut_short {
            eprintln!("{} cells in {}", self.total, seconds(self.run_begun.elapsed()));
        }
    }

    fn label(&self) -> String {
        let (width, number, total) = (self.width, self.number, self.total);
        format!("[{number:>width$}/{total}] {:<HEAD$}", self.head)
    }

    fn paint(&self, text: &str, colour: &str) -> String {
        if self.is_terminal { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn spin(&mut self, message: String) {
        if !self.is_terminal {
            return;
        }
        self.line = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner:.cyan} {msg} {elapsed:.dim}") {
            self.line.set_style(style);
        }
        self.line.set_message(message);
        self.line.enable_steady_tick(Duration::from_millis(100));
    }
}

/// A failure in one line.
pub fn failure_line(failure: &Failure) -> String {
    let Failure { number, error, .. } = failure;
    let message = error.to_string();
    let first = message.lines().next().unwrap_or_default();
    shorten(&format!("cell {number} failed: {}: {first}", error.name()), 2 * HEAD)
}

/// The first line of the cell that says something.
pub fn first_line(code: &str) -> String {
    let line = code.lines().map(str::trim).find(|line| !line.is_empty());
    shorten(line.unwrap_or_default(), HEAD)
}

fn shorten(text: &str, length: usize) -> String {
    let printable = text.chars().filter(|character| !character.is_control());
    let mut short: String = printable.take(length + 1).collect();
    if short.chars().count() > length {
        short = short.chars().take(length - 1).collect();
        short.push('…');
    }
    short
}

/// A time as it is shown.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}
