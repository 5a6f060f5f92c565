//! Why a cell did not finish.

use std::fmt::Write as _;
use std::time::Duration;

/// Why a cell did not finish. Each kind tells which variables are still there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// The code does not compile; nothing has run.
    #[error("{summary}")]
    Compile {
        /// The first message, in one line.
        summary: String,
        /// All messages with the lines of the cell they point at.
        report: String,
        /// The same with terminal colours.
        coloured: String,
    },
    /// The code panicked. Variables that the cell did not use are kept.
    #[error("{message}")]
    Panic {
        /// The panic's message.
        message: String,
        /// Where it happened.
        place: Option<String>,
    },
    /// A `?` ended the cell. Variables defined by earlier cells are kept.
    #[error("{message}")]
    Returned {
        /// What the error says.
        message: String,
    },
    /// The user stopped the cell before it ran; all variables are kept.
    #[error("interrupted before the cell began to run")]
    Interrupted,
    /// The cell was stopped because it took longer than it may.
    #[error("took longer than {} s and was stopped", limit.as_secs_f64())]
    TimedOut {
        /// How long it may take.
        limit: Duration,
        /// Whether its process had to end, and all variables with it.
        lost: bool,
    },
    /// The process that runs the cells has ended. All variables are lost.
    #[error("{what}")]
    Crashed {
        /// What is known about the end.
        what: String,
        /// The variables that are lost.
        lost: Vec<String>,
    },
    /// The engine itself could not do its work.
    #[error("{message}")]
    Engine {
        /// What went wrong.
        message: String,
    },
}

impl CellError {
    /// The kind of the error, in one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Compile { .. } => "CompileError",
            Self::Panic { .. } => "Panic",
            Self::Returned { .. } => "Error",
            Self::Interrupted => "Interrupted",
            Self::TimedOut { .. } => "Timeout",
            Self::Crashed { .. } => "Crash",
            Self::Engine { .. } => "EngineError",
        }
    }

    /// The whole story, as a notebook or a terminal shows it.
    pub fn traceback(&self, colours: bool) -> String {
        let (red, reset) = if colours { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        match self {
            Self::Compile { report, coloured, .. } => {
                (if colours { coloured } else { report }).trim_end().to_owned()
            }
            Self::Panic { message, place } => {
                let mut text = format!("{red}panicked{reset}");
                if let Some(place) = place {
                    let _ = write!(text, " at {place}");
                }
                format!("{text}: {message}")
            }
            Self::Returned { message } => format!("{red}error{reset}: {message}"),
            Self::Interrupted => format!("{red}interrupted{reset} before the cell began to run"),
            Self::Crashed { what, lost } => format!(
                "{red}crashed{reset}: {what}\n\
                 The process that ran the cells has ended. {}Imports, functions and types are kept; \
                 the next cell starts a new process.",
                lost_variables(lost)
            ),
            Self::TimedOut { lost, .. } => {
                let end = if *lost { "\nThe process that ran the cells has ended." } else { "" };
                format!("{red}timed out{reset}: {self}{end}")
            }
            Self::Engine { message } => format!("{red}engine error{reset}: {message}"),
        }
    }
}

fn lost_variables(names: &[String]) -> String {
    match names {
        [] => "There were no variables to lose. ".to_owned(),
        [_] => format!("T{} is lost. ", &variables(names)[1..]),
        _ => format!("T{} are lost. ", &variables(names)[1..]),
    }
}

/// Variables by their names.
pub(super) fn variables(names: &[String]) -> String {
    match names {
        [name] => format!("the variable `{name}`"),
        names => format!("the variables `{}`", names.join("`, `")),
    }
}
