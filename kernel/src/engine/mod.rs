//! Runs Rust code cell by cell. Knows nothing of notebooks, sockets or terminals.

mod assist;
mod assistant;
mod brackets;
mod cell_error;
mod commands;
mod definitions;
mod documentation;
mod folder;
mod link;
mod outcome;
mod report;
mod rewrite;
mod session;
mod standard_library;
mod stop;

pub use assist::{Completeness, Completion, Match, complete_words, completeness};
pub use assistant::{Stopper, serve as assist_session};
pub use cell_error::CellError;
pub use folder::{SessionFolder, is_abandoned, toml_string};
pub use link::STACK;
pub use session::{Options, Session};
pub use stop::Interrupter;

pub use crate::relay::Answer;
use crate::relay::MimeBundle;

/// Something a cell has to show, in the order in which it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Text on standard output. Not necessarily a whole line.
    Stdout(String),
    /// Text on standard error. Not necessarily a whole line.
    Stderr(String),
    /// A value or a picture, in all formats it has. With an id it may be updated later.
    Display {
        /// The formats.
        bundle: MimeBundle,
        /// The name under which updates speak of it.
        id: Option<String>,
    },
    /// New content for all displays with this id, wherever they are.
    Update {
        /// The formats.
        bundle: MimeBundle,
        /// The name of the displays.
        id: String,
    },
    /// The value of the cell's last expression.
    Value(MimeBundle),
    /// What the cell has shown so far is to be taken away.
    Clear {
        /// Only when the next output comes, so that nothing flickers.
        wait: bool,
    },
}

/// Something a cell asks the user while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What to show before the answer.
    pub prompt: String,
    /// Whether the answer must not be seen.
    pub is_password: bool,
}

/// Whoever shows what cells have to show, and answers their questions.
pub trait FrontEnd {
    /// Shows an output, at once.
    fn show(&mut self, output: Output);

    /// Puts a question to the user.
    fn ask(&mut self, question: &Question) -> Answer {
        let _ = question;
        Answer::Nobody
    }
}

impl<F: FnMut(Output)> FrontEnd for F {
    fn show(&mut self, output: Output) {
        self(output);
    }
}
