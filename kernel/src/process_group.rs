//! A process with all that it has started.

use std::io;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

/// Sends a signal to a group of processes. That they have just ended by themselves is no error.
///
/// # Errors
/// When they belong to somebody else.
pub fn signal(group: Pid, signal: Signal) -> io::Result<()> {
    match kill_process_group(group, signal) {
        Ok(()) | Err(Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
