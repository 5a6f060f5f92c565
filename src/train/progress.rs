//! What is seen of a training while it runs: in a notebook a bar and growing curves, in a terminal
//! a bar, elsewhere nothing.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use indicatif::{FormattedDuration, ProgressBar, ProgressStyle};

use super::{history::History, watch::Subject};
use crate::display::{Live, MimeBundle, RichDisplay, Throttle};

const TEMPLATE: &str = "{msg:28} {wide_bar:.cyan/dim} {pos}/{len} steps, {per_sec}, {eta} left";

thread_local! {
    static QUIET: Cell<usize> = const { Cell::new(0) };
}

/// While it lives, trainings on this thread are not shown: they are many, and side by side.
pub(crate) struct Quiet(());

impl Quiet {
    pub fn begin() -> Self {
        QUIET.set(QUIET.get() + 1);
        Self(())
    }

    /// Whether one lives on this thread.
    pub fn is_asked_for() -> bool {
        QUIET.get() > 0
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        QUIET.set(QUIET.get() - 1);
    }
}

pub(super) struct Progress {
    /// indicatif draws to standard error, and nothing where that is no terminal.
    bar: ProgressBar,
    live: Live,
    throttle: Throttle,
    begun: Instant,
    steps: usize,
    done: usize,
    quiet: bool,
}

impl Progress {
    /// For a training of at most so many steps.
    pub fn new(steps: usize) -> Self {
        let quiet = Quiet::is_asked_for();
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(steps as u64) };
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        let (throttle, begun) = (Throttle::new(), Instant::now());
        Self { bar, live: Live::new(), throttle, begun, steps, done: 0, quiet }
    }

    fn is_seen(&self) -> bool {
        !self.quiet && self.live.is_seen()
    }

    /// Shows that the training has begun.
    pub fn begin(&mut self, history: &History) {
        self.draw_bar(history);
    }

    /// A step is done.
    pub fn step(&mut self, history: &History, subject: &mut dyn Subject) {
        self.bar.inc(1);
        self.done += 1;
        if self.is_seen() && self.throttle.is_due() {
            // Taken out for the time of drawing, which needs the rest of `self`.
            let mut throttle = std::mem::replace(&mut self.throttle, Throttle::new());
            throttle.draw(|| {
                self.draw_bar(history);
                if subject.is_watched() {
                    subject.redraw();
                }
            });
            self.throttle = throttle;
        }
    }

    /// An epoch is done.
    pub fn epoch(&self, history: &History) {
        if let Some(told) = last_epoch(history) {
            self.bar.set_message(told);
        }
    }

    /// The training has ended: the last state of everything stays.
    pub fn end(mut self, history: &History, subject: &mut dyn Subject) {
        self.bar.finish_and_clear();
        if self.quiet {
            return;
        }
        subject.redraw();
        if let Ok(bundle) = history.mime_bundle() {
            self.live.show(bundle);
            history.was_shown(self.live.is_seen());
        }
    }

    fn draw_bar(&mut self, history: &History) {
        if !self.is_seen() {
            return;
        }
        let text = self.text(history);
        let curves = history.mime_bundle().unwrap_or_default();
        let html = format!(
            "<div><progress max=\"{}\" value=\"{}\" style=\"width:100%;max-width:40em\"></progress>\
             <div style=\"font-variant-numeric:tabular-nums\">{text}</div>{}</div>",
            self.steps,
            self.done,
            curves.svg().unwrap_or_default()
        );
        self.live.show(MimeBundle::new(text).with_html(html));
    }

    /// One line: where the training is, how fast, and how long it will take.
    fn text(&self, history: &History) -> String {
        let elapsed = self.begun.elapsed();
        let mut text = format!("{}/{} steps", self.done, self.steps);
        if self.done > 0 {
            let rate = self.done as f64 / elapsed.as_secs_f64();
            let left = Duration::from_secs_f64((self.steps - self.done) as f64 / rate);
            text.push_str(&format!(", {rate:.0} steps/s, {} left", FormattedDuration(left)));
        }
        if let Some(told) = last_epoch(history) {
            text.push_str(&format!(", {told}"));
        }
        text
    }
}

/// The last epoch and what it came to.
fn last_epoch(history: &History) -> Option<String> {
    let (name, value) = history.criterion.told(*history.train.last()?);
    Some(format!("epoch {}, {name} {value:.2}", history.train.len()))
}
