//! Starting and ending: the relay as a process, and the process whose output it takes apart.

use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};

use super::channel::{CHANNEL_VARIABLE, Channel};
use super::pump::Pump;
use super::{FOLDER_VARIABLE, RELAY_VARIABLE};
use crate::compiler::outer_path;

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
    let child = spawn_cells(channel.path())?;
    let status = Pump::new(child, link, channel)?.run()?;
    Ok(exit_like(status))
}

/// Starts this program again, this time as the process that loads and runs the cells.
fn spawn_cells(channel: &Path) -> Result<Child> {
    Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env(CHANNEL_VARIABLE, channel)
        // A cell that calls cargo means the real one.
        .env("PATH", outer_path())
        .env_remove(RELAY_VARIABLE)
        .env_remove(FOLDER_VARIABLE)
        // A cell that starts this program must get a session of its own.
        .env_remove("EVCXR_CONFIG_DIR")
        .env_remove("EVCXR_TMPDIR")
        // evcxr asks for backtraces, which hide a panic's message under its own frames.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start the process that runs the cells")
}

/// Ends the way the cells' process ended, so that evcxr reports it truly.
fn exit_like(status: ExitStatus) -> i32 {
    if let Some(signal) = status.signal() {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    status.code().unwrap_or(1)
}
