//! `elbo repl`: a session in the terminal.

use std::process::ExitCode;

use anyhow::Result;

use super::ReplArgs;
use crate::engine::SessionFolder;
use crate::prelude;
use crate::repl::{self, Setup};

/// Runs cells until the user leaves or the input ends.
pub fn repl(args: &ReplArgs) -> Result<ExitCode> {
    let folder = SessionFolder::enter(&prelude::sessions_folder()?)?;
    repl::run(Setup { folder, with_prelude: !args.no_prelude })
}
