//! A line that shows that something is going on, as long as there is nothing else to show.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// What ends sooner needs no line.
const DELAY: Duration = Duration::from_millis(700);

/// Appears after a moment and vanishes for good.
pub struct Spinner {
    begun: Instant,
    line: Option<ProgressBar>,
    is_over: bool,
}

impl Spinner {
    /// Begins to wait.
    pub fn begin() -> Self {
        Self { begun: Instant::now(), line: None, is_over: false }
    }

    /// Says what is being waited for.
    pub fn say(&mut self, message: &str) {
        if self.is_over || self.begun.elapsed() < DELAY {
            return;
        }
        let line = self.line.get_or_insert_with(|| line(self.begun));
        if line.message() != message {
            line.set_message(message.to_owned());
        }
        line.tick();
    }

    /// Vanishes: from now on there is something else to show.
    pub fn end(&mut self) {
        self.is_over = true;
        if let Some(line) = self.line.take() {
            line.finish_and_clear();
        }
    }
}

fn line(begun: Instant) -> ProgressBar {
    let line = ProgressBar::new_spinner().with_elapsed(begun.elapsed());
    match ProgressStyle::with_template("{spinner:.cyan} {msg:.dim} {elapsed:.dim}") {
        Ok(style) => line.with_style(style),
        Err(_) => line,
    }
}
