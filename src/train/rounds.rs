//! What is seen of many fits, one after the other, while they run: in a notebook a line, elsewhere
//! nothing.

use std::time::Instant;

use super::progress::Quiet;
use crate::display::{Live, MimeBundle};

/// How many fits are done.
pub(crate) struct Rounds {
    live: Live,
    begun: Instant,
    /// What one is called, in the plural.
    unit: &'static str,
    count: usize,
    done: usize,
    /// Inside a fit of another comparison.
    quiet: bool,
}

impl Rounds {
    /// For so many of all models together.
    pub fn new(count: usize, unit: &'static str) -> Self {
        Self {
            live: Live::new(),
            begun: Instant::now(),
            unit,
            count,
            done: 0,
            quiet: Quiet::is_asked_for(),
        }
    }

    pub fn one_is_done(&mut self, model: &str) {
        self.done += 1;
        if !self.quiet && self.live.is_seen() {
            let seconds = self.begun.elapsed().as_secs_f64();
            let (done, count, unit) = (self.done, self.count, self.unit);
            let text = format!("{done} of {count} {unit}, {model}, {seconds:.0} s");
            self.live.show(MimeBundle::new(text));
        }
    }
}

/// The result says the rest.
impl Drop for Rounds {
    fn drop(&mut self) {
        if self.done > 0 && !self.quiet && self.live.is_seen() {
            self.live.show(MimeBundle::new(""));
        }
    }
}
