//! A session in the terminal: cells are typed at a prompt, and what they show appears below.
//!
//! - `worker`: the thread that owns the session;
//! - `editor`: the prompt, with highlighting, history and completion;
//! - `screen` and `picture`: what cells show, also what changes while it is shown;
//! - `console`: the conversation, for people;
//! - `piped`: the same for input from a file or another program.

mod commands;
mod console;
mod editor;
mod keyboard;
mod picture;
mod piped;
mod question;
mod screen;
mod spinner;
mod worker;

use std::io::{IsTerminal, stdin, stdout};
use std::process::ExitCode;

use anyhow::Result;

use crate::engine::SessionFolder;

/// What a session is made from.
pub struct Setup {
    /// Its private folder.
    pub folder: SessionFolder,
    /// Whether cells can use the model library.
    pub with_prelude: bool,
}

/// Runs cells until the input ends. Without a terminal the first error ends it, and the exit code
/// tells.
///
/// # Errors
/// When the session does not start, or the terminal or the input cannot be read.
pub fn run(setup: Setup) -> Result<ExitCode> {
    if stdin().is_terminal() && stdout().is_terminal() {
        console::run(setup)
    } else {
        piped::run(setup)
    }
}
