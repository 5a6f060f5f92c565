//! Starting and ending: the relay as a process, and the process whose output it takes apart.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal};

use super::channel::{CHANNEL_VARIABLE, Channel};
use super::pump::Pump;
use super::{FOLDER_VARIABLE, RELAY_VARIABLE};
use crate::cells::CELLS_VARIABLE;
use crate::compiler::outer_path;
use crate::process_group;

/// Runs the relay until the cells' process has ended, and returns its exit code.
///
/// # Errors
/// When the engine's socket cannot be reached or the cells' process cannot be started.
pub fn run(socket: &Path) -> Result<i32> {
    // An interrupt is meant for the cell, and comes through the socket.
    let ignored = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, ignored)?;
    let link = UnixStream::connect(socket)
        .with_context(|| format!("cannot reach the engine at {}", socket.display()))?;
    let channel = Channel::listen(&socket.with_file_name("display.sock"))?;
    let cells = Cells::start(channel.path())?;
    let status = Pump::new(cells, link, channel).run()?;
    Ok(exit_like(status))
}

/// The process that loads and runs the cells, with all that they start.
pub struct Cells {
    child: Child,
    /// The process leads a group of this number: what the cells start can be stopped with them.
    group: Pid,
    /// The way of the commands; dropped to tell the process to end.
    pub commands: Option<UnixStream>,
    /// Its standard output, until that is closed.
    pub stdout: Option<ChildStdout>,
    /// Its standard error, until that is closed.
    pub stderr: Option<ChildStderr>,
}

impl Cells {
    /// Starts this program again.
    fn start(channel: &Path) -> Result<Self> {
        let (commands, theirs) = UnixStream::pair()?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(std::env::args_os().skip(1))
            .env(CHANNEL_VARIABLE, channel)
            .env(CELLS_VARIABLE, std::process::id().to_string())
            // A cell that calls cargo means the real one.
            .env("PATH", outer_path())
            .env_remove(RELAY_VARIABLE)
            .env_remove(FOLDER_VARIABLE)
            // A cell that starts this program must get a session of its own.
            .env_remove("EVCXR_IS_RUNTIME")
            .env_remove("EVCXR_CONFIG_DIR")
            .env_remove("EVCXR_TMPDIR")
            // evcxr asks for backtraces, which hide a panic's message under its own frames.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .context("cannot start the process that runs the cells")?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let group = Pid::from_child(&child);
        Ok(Self { child, group, commands: Some(commands), stdout, stderr })
    }

    /// Writes a command.
    pub fn send(&mut self, command: &str) {
        if let Some(commands) = &mut self.commands {
            // A process that has just died is noticed by its end.
            let _ = writeln!(commands, "{command}");
        }
    }

    /// How the process has ended, if it has.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Sends a signal to the process and to all that it has started.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        match process_group::signal(self.group, signal) {
            // macOS does not permit a signal to those that have just ended.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            sent => sent,
        }
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        // What a cell has started ends with the session. Nobody is there to hear of a failure.
        let _ = self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Ends the way the cells' process ended, so that evcxr reports it truly.
fn exit_like(status: ExitStatus) -> i32 {
    if let Some(signal) = status.signal() {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    status.code().unwrap_or(1)
}
