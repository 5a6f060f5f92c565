//! The lines of a cell that are not Rust: `:dep heck = "0.5"`, `!ls`.

mod line;
mod shell;
mod table;
mod variables;

pub use line::{Head, Line, split};
pub use shell::Shell;
pub use table::{COMMANDS, Command, help};
pub use variables::{Variable, brief_values, short_type, table_of};
