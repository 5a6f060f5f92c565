//! Displays that are redrawn in place.

use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use super::{
    MimeBundle, RichDisplay,
    channel::{Message, Notebook, notebook, send, shown},
    mime::bundle_of,
};

/// A display that can be redrawn while the cell runs. What was shown last stays in the notebook.
///
/// Under stock evcxr, which cannot redraw, only the last state appears; outside of a notebook
/// nothing does.
///
/// ```
/// use elbo::display::{self, Live, MimeBundle};
///
/// let mut counter = Live::new();
/// for i in 0..3 {
///     counter.show(MimeBundle::new(format!("{i} of 3")));
/// }
/// let formula = display::latex("x^2");
/// counter.show(&formula);
/// ```
#[derive(Debug)]
pub struct Live {
    id: String,
    shown: bool,
    /// For a notebook that cannot redraw.
    last: Option<MimeBundle>,
}

impl Live {
    /// A display that does not yet show anything.
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        // Numbers of processes come again, in a container soon, and displays of an earlier one may
        // still stand in the notebook.
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()));
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        Self { id: format!("elbo-{:016x}-{number}", *PROCESS), shown: false, last: None }
    }

    /// Shows a value in the place of the one before: a plot, a table, a [`MimeBundle`]. Of one that
    /// cannot be drawn the reason is shown.
    pub fn show(&mut self, value: impl RichDisplay) {
        // Nothing is drawn that nobody sees.
        let notebook = notebook();
        if notebook == Notebook::Absent {
            return;
        }
        let bundle = bundle_of(&value);
        if notebook == Notebook::Markers {
            self.last = Some(bundle);
            return;
        }
        let shown = shown(&bundle);
        if self.shown {
            send(&Message::Update { shown, id: &self.id });
        } else {
            send(&Message::Display { shown, id: Some(&self.id) });
            self.shown = true;
        }
    }

    /// Whether what is shown can be seen before the cell ends.
    pub fn is_seen(&self) -> bool {
        notebook() == Notebook::Live
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(last) = self.last.take() {
            last.emit();
        }
    }
}

/// Decides when to redraw, so that drawing takes less than a fiftieth of the time.
#[derive(Debug)]
pub(crate) struct Throttle {
    begun: Instant,
    spent: Duration,
    last: Option<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    at: Instant,
    cost: Duration,
}

/// More is not seen.
const INTERVAL: Duration = Duration::from_millis(150);
/// The share of the time that may go into drawing, as a divisor.
const SHARE: u32 = 50;

impl Throttle {
    /// Begins to count the time.
    pub fn new() -> Self {
        Self { begun: Instant::now(), spent: Duration::ZERO, last: None }
    }

    /// Whether it is time to draw.
    pub fn is_due(&self) -> bool {
        let since = self.last.as_ref().map_or(self.begun, |last| last.at).elapsed();
        // What a drawing costs is known from the last one.
        let next = self.last.as_ref().map_or(Duration::ZERO, |last| last.cost);
        since >= INTERVAL && (self.spent + next) * SHARE <= self.begun.elapsed()
    }

    /// Draws, and takes note of what it costs.
    pub fn draw(&mut self, draw: impl FnOnce()) {
        let before = Instant::now();
        draw();
        let cost = before.elapsed();
        self.spent += cost;
        self.last = Some(Drawn { at: Instant::now(), cost });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_stays_within_its_share_of_the_time() {
        let mut throttle = Throttle::new();
        assert!(!throttle.is_due());
        let second = Duration::from_secs(1);
        throttle.begun -= 10 * second;
        assert!(throttle.is_due());
        throttle.draw(|| {});
        assert!(!throttle.is_due(), "right after a drawing");

        // A drawing of 150 ms in ten seconds leaves 50 ms of the share: not enough for another.
        let old = Instant::now() - second;
        throttle.spent = Duration::from_millis(150);
        throttle.last = Some(Drawn { at: old, cost: Duration::from_millis(150) });
        assert!(!throttle.is_due());
        throttle.begun -= 6 * second;
        assert!(throttle.is_due());
    }
}
