//! Stops the compiler of a session, from another process.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal};

use super::remove_if_there;
use crate::process_group;

/// Holds the number of the compiler's process while it runs.
const RUNNING: &str = "compiling";
/// Stands in the session's folder when its cell is not to be compiled any more.
const STOP: &str = "stop-compiling";

/// Stops the compiler with all that it has started, and every further one until it is allowed
/// again.
///
/// # Errors
/// When the process belongs to somebody else or the folder cannot be written.
pub fn stop(session: &Path) -> io::Result<()> {
    // Before looking for the process: one that starts now will see it.
    fs::write(session.join(STOP), "")?;
    let number = fs::read_to_string(session.join(RUNNING)).unwrap_or_default();
    number.parse().ok().and_then(Pid::from_raw).map_or(Ok(()), end)
}

/// Lets the session compile again.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn allow(session: &Path) -> io::Result<()> {
    // Of a stand-in that was killed: the number may be another process's by now.
    remove_if_there(&session.join(RUNNING))?;
    remove_if_there(&session.join(STOP))
}

/// Whether the cell is not to be compiled any more.
pub fn is_wanted(session: &Path) -> bool {
    session.join(STOP).exists()
}

/// A compiler at work. It can be stopped as long as this lives.
pub struct Running {
    file: PathBuf,
}

impl Running {
    /// Makes the process known, which must lead a group of its own, and ends the group at once when
    /// it came too late.
    ///
    /// # Errors
    /// When the session's folder cannot be written.
    pub fn new(session: &Path, process: u32) -> io::Result<Self> {
        let file = session.join(RUNNING);
        fs::write(&file, process.to_string())?;
        let process = i32::try_from(process).ok().and_then(Pid::from_raw);
        if let Some(process) = process.filter(|_| is_wanted(session)) {
            end(process)?;
        }
        Ok(Self { file })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A folder that is gone has no file to remove.
        let _ = fs::remove_file(&self.file);
    }
}

fn end(process: Pid) -> io::Result<()> {
    process_group::signal(process, Signal::TERM)
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use super::*;

    fn endless() -> Child {
        Command::new("sleep").arg("600").process_group(0).spawn().unwrap()
    }

    #[test]
    fn a_compiler_is_stopped_whether_it_runs_already_or_not() {
        let session = tempfile::tempdir().unwrap();
        let mut early = endless();
        let running = Running::new(session.path(), early.id()).unwrap();
        assert!(!is_wanted(session.path()));
        stop(session.path()).unwrap();
        assert!(!early.wait().unwrap().success());
        drop(running);

        let mut late = endless();
        let running = Running::new(session.path(), late.id()).unwrap();
        assert!(!late.wait().unwrap().success());
        drop(running);

        allow(session.path()).unwrap();
        allow(session.path()).unwrap();
        assert!(!is_wanted(session.path()));
    }
}
