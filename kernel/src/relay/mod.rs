//! Stands between evcxr and the process that runs the cells.
//!
//! evcxr reads the output of the cells itself, but hands displays out only when the cell has
//! ended, keeps one per format, and reports a panic as success. The relay takes the output apart
//! first: the engine gets it as ordered events over a Unix socket, as it happens, and evcxr gets the
//! lines that it needs for its bookkeeping. None of these is read from what the cells print: that a
//! cell has ended is told by the process that runs it, and how it fails, what it asks and what the
//! library shows comes by a channel of their own, in order with the text.

mod channel;
mod event;
mod parser;
mod process;
mod pump;
mod wait;

pub use channel::{CHANNEL_VARIABLE, ask_line, parse_answer};
pub use event::{Answer, Event, MimeBundle, Request};
pub use parser::incomplete_character;
pub use process::run;
pub use wait::poll_all;

/// Holds the socket's path, in a process that is to be the relay.
pub const RELAY_VARIABLE: &str = "ELBO_RELAY";
/// Holds the session's folder, in a process that has been prepared to run cells.
pub const FOLDER_VARIABLE: &str = "ELBO_SESSION";
