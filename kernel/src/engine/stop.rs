//! Stopping the running cell from another thread, without losing what cannot be made again.
//!
//! A cell is asked first. A training, and every loop that looks at `elbo::interrupted()`, then ends in
//! its own way and nothing is lost. A cell that goes on can only be stopped with its process, and with
//! all variables: that is said, and done when the user asks again.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::link::Remote;
use crate::compiler;
use crate::relay::Request;

/// How long a cell that was asked to stop may go on before the user is told that it does.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far the stopping of a cell is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// No cell is there to be stopped.
    #[default]
    Idle,
    /// A cell runs.
    Running,
    /// It has been asked to stop by who will end it if it does not.
    Warned,
    /// The user has asked it to stop, at this time.
    Asked(Instant),
    /// The user wants more than to ask, and has not been told yet what that will cost.
    Insisted,
    /// The user knows what is lost when the process ends.
    Told,
    /// The process is being ended.
    Killed,
}

/// Stops the running cell from another thread.
#[derive(Clone)]
pub struct Interrupter {
    remote: Remote,
    folder: PathBuf,
    stage: Arc<Mutex<Stage>>,
}

impl Interrupter {
    /// For the session that lives in this folder.
    pub(super) fn new(remote: Remote, folder: PathBuf) -> Self {
        Self { remote, folder, stage: Arc::default() }
    }

    /// Asks the running cell to stop; a training then ends early and keeps its result. A cell that is
    /// still being compiled is dropped. One that goes on is ended with its process when the user has
    /// been told what that will cost and asks again. Does nothing between cells.
    ///
    /// # Errors
    /// When the relay cannot be reached.
    pub fn interrupt(&self) -> io::Result<()> {
        let mut stage = self.stage();
        *stage = match *stage {
            Stage::Idle | Stage::Killed => return Ok(()),
            Stage::Running | Stage::Warned => Stage::Asked(Instant::now()),
            Stage::Asked(_) | Stage::Insisted => Stage::Insisted,
            Stage::Told => Stage::Killed,
        };
        match *stage {
            Stage::Killed => self.remote.send(&Request::Kill),
            _ => self.ask(),
        }
    }

    /// Asks the running cell to stop, before [`Interrupter::kill`].
    ///
    /// # Errors
    /// When the relay cannot be reached.
    pub fn warn(&self) -> io::Result<()> {
        let mut stage = self.stage();
        if *stage != Stage::Running {
            return Ok(());
        }
        *stage = Stage::Warned;
        self.ask()
    }

    fn ask(&self) -> io::Result<()> {
        compiler::stop(&self.folder)?;
        self.remote.send(&Request::Interrupt)
    }

    /// Ends the process of the running cell, whatever that costs. Does nothing between cells.
    ///
    /// # Errors
    /// When the relay cannot be reached.
    pub fn kill(&self) -> io::Result<()> {
        let mut stage = self.stage();
        if *stage == Stage::Idle {
            return Ok(());
        }
        *stage = Stage::Killed;
        compiler::stop(&self.folder)?;
        self.remote.send(&Request::Kill)
    }

    /// A cell begins.
    pub(super) fn begin(&self) {
        *self.stage() = Stage::Running;
    }

    /// No cell runs any more. Tells whether the last one was to be stopped.
    pub(super) fn end(&self) -> bool {
        !matches!(std::mem::take(&mut *self.stage()), Stage::Idle | Stage::Running)
    }

    /// Whether the running cell is to stop.
    pub(super) fn is_wanted(&self) -> bool {
        !matches!(*self.stage(), Stage::Idle | Stage::Running)
    }

    /// Whether the cell's process had to be ended.
    pub(super) fn has_killed(&self) -> bool {
        *self.stage() == Stage::Killed
    }

    /// What the user is to be told now about a cell that goes on although it was asked to stop, if
    /// these variables will be lost with its process. With nothing to lose, the process is ended.
    pub(super) fn warning(&self, variables: &[String]) -> Option<String> {
        let mut stage = self.stage();
        match *stage {
            Stage::Insisted => {}
            Stage::Asked(since) if since.elapsed() > PATIENCE => {}
            _ => return None,
        }
        if variables.is_empty() {
            *stage = Stage::Killed;
            // A relay that is gone has taken the cell with it.
            let _ = self.remote.send(&Request::Kill);
            return None;
        }
        *stage = Stage::Told;
        Some(format!(
            "The cell has not stopped yet. Stop it once more to end its process, which loses {}.\n",
            super::cell_error::variables(variables)
        ))
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_ended_only_when_the_user_knows_what_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let stop = Interrupter::new(Remote::default(), folder.path().to_owned());
        let kept = ["model".to_owned()];
        stop.interrupt().unwrap();
        assert!(!stop.end(), "no cell runs");
        stop.begin();
        assert_eq!(stop.warning(&kept), None);
        stop.interrupt().unwrap();
        assert_eq!(stop.warning(&kept), None, "it may end by itself");
        stop.interrupt().unwrap();
        stop.interrupt().unwrap();
        assert!(!stop.has_killed());
        let warning = stop.warning(&kept).unwrap();
        assert!(warning.contains("the variable `model`"), "{warning}");
        assert_eq!(stop.warning(&kept), None, "it has been told");
        stop.interrupt().unwrap();
        assert!(stop.has_killed());
        assert!(stop.end());
        stop.begin();
        assert!(!stop.end());
    }

    #[test]
    fn with_nothing_to_lose_nobody_is_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let stop = Interrupter::new(Remote::default(), folder.path().to_owned());
        stop.begin();
        stop.interrupt().unwrap();
        stop.interrupt().unwrap();
        assert_eq!(stop.warning(&[]), None);
        assert!(stop.has_killed());
    }
}
