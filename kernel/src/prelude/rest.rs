//! What a session does not need yet is compiled while it is used.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};

use crate::process_group;

/// Compiles the whole library at the lowest priority, by `elbo prepare`. Ends with its session; cargo
/// goes on from there the next time.
#[derive(Debug)]
pub struct Rest(Child);

impl Rest {
    /// Begins.
    ///
    /// # Errors
    /// When this program cannot be started again.
    pub fn begin() -> io::Result<Self> {
        let program = std::env::current_exe()?;
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(program).arg("prepare").process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Self)
    }

    /// Whether it is still at work.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        if self.is_running() {
            // Nobody is there to hear of a failure.
            let _ = process_group::signal(Pid::from_child(&self.0), Signal::TERM);
        }
        let _ = self.0.wait();
    }
}
