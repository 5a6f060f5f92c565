//! Stops cells that take too long.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use crate::engine::{CellError, FrontEnd, Interrupter, Session};

/// How long a cell that was asked to stop may still take.
const GRACE: Duration = Duration::from_secs(5);

/// Runs a cell, but not for longer than the limit. It is asked to stop first; a cell that does not
/// ends with its process. A compilation is broken off.
pub fn execute_within(
    limit: Option<Duration>,
    session: &mut Session,
    code: &str,
    front_end: &mut dyn FrontEnd,
) -> Result<(), CellError> {
    let Some(limit) = limit else { return session.execute(code, front_end) };
    let interrupter = session.interrupter();
    let (running, end) = channel();
    let (result, is_too_late) = thread::scope(|scope| {
        let watch = scope.spawn(move || stop_after(limit, &interrupter, &end));
        let result = session.execute(code, front_end);
        drop(running);
        (result, watch.join().unwrap_or(false))
    });
    if !is_too_late {
        return result;
    }
    // Also when the cell ended well after it had been asked: what it computed is not all of it.
    let lost = matches!(result, Err(CellError::Crashed { .. }));
    Err(CellError::TimedOut { limit, lost })
}

/// Waits for the cell's end; true if it had to be stopped.
fn stop_after(limit: Duration, interrupter: &Interrupter, end: &Receiver<()>) -> bool {
    let ends_within = |time| end.recv_timeout(time) != Err(RecvTimeoutError::Timeout);
    if ends_within(limit) {
        return false;
    }
    // A relay that cannot be reached is gone, and the cell with it.
    let _ = interrupter.warn();
    if !ends_within(GRACE) {
        let _ = interrupter.kill();
    }
    true
}
