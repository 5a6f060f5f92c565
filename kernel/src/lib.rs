//! `elbo`: runs Rust notebooks, on the command line and as a Jupyter kernel.
//!
//! Each layer knows only the ones above it in this list:
//! - [`cells`]: the process that loads and runs the compiled cells;
//! - [`relay`]: takes the output of the running cells apart, as it comes;
//! - [`compiler`]: compiles cells, in the place of cargo;
//! - [`prelude`]: compiles the model library once and hands it to every session;
//! - [`engine`]: runs cells and says what they show and how they end;
//! - [`notebook`] and [`page`]: notebook files, and web pages made from them;
//! - [`jupyter`]: the engine behind Jupyter's protocol;
//! - [`repl`]: the engine behind a prompt in the terminal;
//! - [`commands`]: what the command line offers.
#![deny(unsafe_code)]

pub mod cells;
pub mod commands;
pub mod compiler;
pub mod engine;
pub mod jupyter;
pub mod notebook;
pub mod page;
pub mod prelude;
mod process_group;
pub mod relay;
pub mod repl;

/// The name by which notebooks ask for this kernel.
pub const KERNEL_NAME: &str = "elbo";
/// The name by which people know this kernel.
pub const DISPLAY_NAME: &str = "Rust (elbo)";

/// A file of this user's that outlasts sessions, if the system says where such belong.
fn state_file(name: &str) -> Option<std::path::PathBuf> {
    let folder = dirs::state_dir().or_else(dirs::data_local_dir)?;
    Some(folder.join("elbo").join(name))
}
