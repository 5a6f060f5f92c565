//! What is seen of a cross-validation while it runs: in a notebook a line, elsewhere nothing.

use std::time::Instant;

use crate::{
    display::{Live, MimeBundle},
    train::Quiet,
};

pub(super) struct Progress {
    live: Live,
    begun: Instant,
    folds: usize,
    done: usize,
    /// Inside the fold of another cross-validation.
    quiet: bool,
}

impl Progress {
    /// For so many folds of all models together.
    pub fn new(folds: usize) -> Self {
        Self {
            live: Live::new(),
            begun: Instant::now(),
            folds,
            done: 0,
            quiet: Quiet::is_asked_for(),
        }
    }

    pub fn fold_is_done(&mut self, model: &str) {
        self.done += 1;
        if !self.quiet && self.live.is_seen() {
            let seconds = self.begun.elapsed().as_secs_f64();
            let text = format!("{} of {} folds, {model}, {seconds:.0} s", self.done, self.folds);
            self.live.show(MimeBundle::new(text));
        }
    }
}
