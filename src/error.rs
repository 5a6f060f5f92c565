//! What can go wrong, said so that the reader knows what to do next.

use std::path::{Path, PathBuf};

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every error names the offending thing (file, column, shape, setting) and advises.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the message of each variant says what its fields are")]
pub enum Error {
    /// A file is missing, damaged or not of the expected form.
    #[error("{}: {problem}; {advice}", path.display())]
    File { path: PathBuf, problem: String, advice: String },

    /// A data set was found in none of the places it can be.
    #[error("{dataset} was found nowhere. Looked in:\n{}\n{advice}", list(places))]
    NotFound { dataset: String, places: Vec<String>, advice: String },

    /// Rows, images or tensors have the wrong size.
    #[error("{what} has shape {got:?}, but {want:?} is needed; {advice}")]
    Shape { what: String, got: Vec<usize>, want: Vec<usize>, advice: String },

    /// A value among the data cannot be used.
    #[error("{what}: row {row}, column {column} is {value}; {advice}")]
    Value { what: String, row: usize, column: usize, value: f64, advice: String },

    /// A cell of a table cannot be used. Rows are counted from 0, without the heading.
    #[error("column {column:?}, row {row} is {value}; {advice}")]
    Cell { column: String, row: usize, value: String, advice: String },

    /// A column of a table cannot be used.
    #[error("column {column:?} {problem}; {advice}")]
    Column { column: String, problem: String, advice: String },

    /// Survival data in which nothing was observed to happen.
    #[error("none of the {rows} rows has an event; {advice}")]
    NoEvents { rows: usize, advice: String },

    /// A label name that the data do not have.
    #[error("there is no label {name:?}; the labels are {known:?}")]
    UnknownLabel { name: String, known: Vec<String> },

    /// A setting outside its range.
    #[error("{setting} is {value}, but {requirement}")]
    Setting { setting: &'static str, value: String, requirement: String },

    /// A covariance matrix that is not positive definite.
    #[error("{what} is singular at pivot {pivot}; {advice}")]
    Singular { what: String, pivot: usize, advice: String },

    /// A matrix whose eigenvalues cannot be computed.
    #[error("the eigenvalues of {what} cannot be computed; {advice}")]
    Decomposition { what: String, advice: String },

    /// The training left the numbers that can be computed with.
    #[error(
        "the loss became {loss} in epoch {epoch}, step {step}; the model keeps the last \
         parameters with a finite loss. Lower the learning rate or check the data for extreme values"
    )]
    NonFinite { loss: f64, epoch: usize, step: usize },

    /// The compute device is missing or failed.
    #[error("{op} failed on the device: {message}")]
    Device { op: &'static str, message: String },

    /// A picture could not be drawn.
    #[error("the picture could not be drawn: {message}")]
    Drawing { message: String },
}

impl Error {
    /// An error about `path`, with what to do about it.
    pub(crate) fn file(
        path: impl AsRef<Path>,
        problem: impl ToString,
        advice: impl Into<String>,
    ) -> Self {
        Error::File {
            path: path.as_ref().to_owned(),
            problem: problem.to_string(),
            advice: advice.into(),
        }
    }

    /// An error about a setting, with what it has to fulfil.
    pub(crate) fn setting(
        setting: &'static str,
        value: impl ToString,
        requirement: impl Into<String>,
    ) -> Self {
        Error::Setting { setting, value: value.to_string(), requirement: requirement.into() }
    }

    /// A drawing failure, whatever the backend's own error type.
    pub(crate) fn drawing(error: impl ToString) -> Self {
        Error::Drawing { message: error.to_string() }
    }
}

fn list(places: &[String]) -> String {
    places.iter().map(|place| format!("  - {place}")).collect::<Vec<_>>().join("\n")
}
