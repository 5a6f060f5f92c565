//! Compiles cells: stands in for cargo.
//!
//! evcxr runs `cargo build` for every cell, and cargo looks at some two hundred packages each time
//! to find that only the cell itself has changed: a quarter of a second in which nothing happens.
//! It also shows the same manifest to rust-analyzer, which then reads the sources of all those
//! packages: many seconds and over a gigabyte. So in a session's folder the program is linked
//! under the names `cargo` and `rustup`, first on the search path: it runs rustc on the cell by
//! itself, with the prelude's compiled library in the place of the interface that the manifest
//! names. Crates that the user adds by `:dep` are left to the real cargo, once per change.

mod arguments;
mod build;
mod crates;
mod keeping;
mod messages;
mod runtime;
mod settings;
mod stand_in;
mod stop;
mod syntax;
mod types;

use std::io::ErrorKind;
use std::path::Path;
use std::{fs, io};

use anyhow::Result;

pub use build::warnings;
pub use crates::{Added, Dependency, Options, Refusal, add, clear_crates, last_lock};
pub use messages::{Warning, as_note};
pub use runtime::save_outdated;
pub use settings::{Library, Settings, TOOLS_FOLDER, forget_package, outer_path};
pub use stand_in::{Role, link_tools};
pub use stop::{Running, is_wanted as was_stopped, stop};
pub use syntax::{SyntaxError, syntax_errors};
pub use types::{
    Untyped, defined_variables, has_a_name, known_types, pattern_variables, untyped_variables,
    with_renamed_crate,
};

/// Forgets what concerned the session's last cell.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn begin(session: &Path) -> Result<()> {
    stop::allow(session)?;
    build::forget_warnings(session)?;
    types::forget(session)
}

/// Removes a file, which need not exist.
fn remove_if_there(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
