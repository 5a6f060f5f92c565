//! A progress bar with rate and time left, in a terminal; silent elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

use super::history::Terms;

const TEMPLATE: &str = "{msg:28} {wide_bar:.cyan/dim} {pos}/{len} steps, {per_sec}, {eta} left";

pub(super) struct Progress(ProgressBar);

impl Progress {
    /// indicatif draws to standard error, and nothing where that is no terminal.
    pub fn new(steps: usize) -> Self {
        let bar = ProgressBar::new(steps as u64);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub fn step(&self) {
        self.0.inc(1);
    }

    pub fn epoch(&self, epoch: usize, terms: Terms) {
        self.0.set_message(format!("epoch {epoch}, ELBO {:.2}", terms.elbo));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
