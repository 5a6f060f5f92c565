//! Runs Rust code cell by cell. Knows nothing of notebooks, sockets or terminals.

mod assist;
mod brackets;
mod cell_error;
mod folder;
mod link;
mod outcome;
mod report;
mod session;

pub use assist::{Completeness, Completion, completeness};
pub use cell_error::CellError;
pub use folder::{SessionFolder, toml_string};
pub use session::{Interrupter, Options, Session};

use crate::relay::MimeBundle;

/// Something a cell has to show, in the order in which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Text on standard output. Not necessarily a whole line.
    Stdout(String),
    /// Text on standard error. Not necessarily a whole line.
    Stderr(String),
    /// A value or a picture, in all formats it has.
    Display(MimeBundle),
}
