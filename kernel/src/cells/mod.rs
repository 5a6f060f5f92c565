//! The process that loads the compiled cells and runs them.
//!
//! evcxr has a loop of its own for that, which takes its commands from standard input and says on
//! standard output that a cell has ended. Then a cell that reads its input takes the next command,
//! one that prints the wrong line is believed to have ended, and a path with a space cannot be
//! loaded. Here commands come over a socket that no cell can see, and standard input is the user's.
//!
//! Loading code and running it cannot be checked by the compiler: this module is the only one with
//! unsafe code.

mod input;

use std::collections::VecDeque;
use std::ffi::{OsStr, c_void};
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use rustix::process::{Pid, getppid};

use crate::relay::CHANNEL_VARIABLE;

/// Holds the number of the process that has started this one to run cells.
pub const CELLS_VARIABLE: &str = "ELBO_CELLS";
/// Where the system looks for dynamic libraries. It has looked there by the time that cells run.
pub const LIBRARY_PATH_VARIABLE: &str =
    if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };
/// What the user has set it to, which is what the programs find that cells start.
pub const USERS_LIBRARY_PATH_VARIABLE: &str = "ELBO_USERS_LIBRARY_PATH";
/// How evcxr asks for a cell to be run: this, the library and the function.
pub const RUN_COMMAND: &str = "LOAD_AND_RUN ";
/// What the process says when a cell has ended.
pub const ENDED: &str = "ended";

/// The status of a process that could not load a cell.
const CANNOT_LOAD: i32 = 99;

/// Whether this process has been started to run cells. A program that a cell starts has the same
/// variables, but another parent.
pub fn is_this_process() -> bool {
    let parent = std::env::var(CELLS_VARIABLE).ok().and_then(|number| number.parse().ok());
    let is_own = parent.and_then(Pid::from_raw).is_some_and(|parent| getppid() == Some(parent));
    if is_own {
        clean_environment();
    }
    is_own
}

/// Cells are not to know what was meant for this program.
#[expect(unsafe_code, reason = "no other thread runs yet")]
fn clean_environment() {
    let users = std::env::var_os(USERS_LIBRARY_PATH_VARIABLE).filter(|path| !path.is_empty());
    // SAFETY: the process has one thread.
    unsafe {
        std::env::remove_var(CELLS_VARIABLE);
        std::env::remove_var(USERS_LIBRARY_PATH_VARIABLE);
        match users {
            Some(path) => std::env::set_var(LIBRARY_PATH_VARIABLE, path),
            None => std::env::remove_var(LIBRARY_PATH_VARIABLE),
        }
    }
}

/// Runs cells until nobody asks for any.
///
/// # Errors
/// When the process cannot be set up.
pub fn run() -> Result<i32> {
    die_with_parent()?;
    // A cell that wants to end early when it is interrupted asks for the signal itself; for all
    // others there is a stronger one.
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::<AtomicBool>::default())?;
    let mut commands = take_commands().context("standard input is not the relay's socket")?;
    if let Some(channel) = std::env::var_os(CHANNEL_VARIABLE) {
        input::ask_at(channel.into());
    }
    let mut loader = Loader::default();
    let mut lines = BufReader::new(commands.try_clone()?).lines();
    while let Some(line) = lines.next().transpose()? {
        if let Err(error) = loader.obey(&line) {
            eprintln!("the cell cannot be loaded: {error:#}");
            return Ok(CANNOT_LOAD);
        }
        writeln!(commands, "{ENDED}")?;
    }
    Ok(0)
}

/// A relay that is killed takes this process with it.
fn die_with_parent() -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        let parent = getppid();
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        // It may have died just before.
        anyhow::ensure!(getppid() == parent, "the relay has ended");
    }
    Ok(())
}

/// Takes the socket away from standard input, so that neither cells nor the programs that they start
/// can read it. These find their input empty.
fn take_commands() -> Result<UnixStream> {
    let socket: OwnedFd = rustix::io::fcntl_dupfd_cloexec(io::stdin(), 3)?;
    let nothing = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(nothing)?;
    Ok(UnixStream::from(socket))
}

/// So many of the last cells' files are kept, for backtraces; the code is in memory by then.
const KEPT: usize = 20;

/// What the cells have in common.
struct Loader {
    /// evcxr's store of variables; only cells look into it.
    variables: *mut c_void,
    /// The files of the last cells.
    files: VecDeque<PathBuf>,
}

impl Default for Loader {
    fn default() -> Self {
        Self { variables: std::ptr::null_mut(), files: VecDeque::new() }
    }
}

impl Loader {
    /// Does as a line of evcxr's says.
    fn obey(&mut self, line: &str) -> Result<()> {
        let words = line.strip_prefix(RUN_COMMAND).and_then(|words| words.rsplit_once(' '));
        let (library, function) = words.with_context(|| format!("unknown command `{line}`"))?;
        self.load_and_run(library.as_ref(), function)?;
        self.files.push_back(library.into());
        if self.files.len() > KEPT
            && let Some(old) = self.files.pop_front()
        {
            // What cannot be removed goes with the session's folder.
            let _ = std::fs::remove_file(old);
        }
        Ok(())
    }

    #[expect(unsafe_code, reason = "what a cell does is its author's business")]
    fn load_and_run(&mut self, library: &OsStr, function: &str) -> Result<()> {
        type Cell = unsafe extern "C" fn(*mut c_void) -> *mut c_void;
        // SAFETY: the library has been compiled from a cell in this session, for this program; the
        // function is the one that evcxr has written around the cell, and takes and returns the
        // store that the last one has returned, or null.
        unsafe {
            let library = libloading::Library::new(library)?;
            let cell = library.get::<Cell>(function.as_bytes())?;
            self.variables = cell(self.variables);
            // Variables, threads and functions of the cell live on.
            std::mem::forget(library);
        }
        Ok(())
    }
}
