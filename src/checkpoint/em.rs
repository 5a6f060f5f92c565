//! The course of an EM fit on disk.

use serde::{Deserialize, Serialize};

use super::{Contents, Saved};
use crate::{
    error::Result,
    train::{EmEnd, EmHistory},
};

/// What a configuration says of a course; its values are a tensor.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Course {
    end: EmEnd,
    iterations: usize,
}

const OBJECTIVE: &str = "history.objective";

impl Course {
    /// Of a history, if there is one.
    pub fn of(history: Option<&EmHistory>) -> Option<Self> {
        history.map(|history| Self { end: history.end, iterations: history.iterations() })
    }

    /// The history of this course.
    ///
    /// # Errors
    /// [`crate::Error::File`] when its values are missing.
    pub fn read(self, saved: &Saved) -> Result<EmHistory> {
        let objective = saved.values(OBJECTIVE, &[self.iterations])?;
        Ok(EmHistory { objective, end: self.end })
    }
}

impl Contents {
    /// Adds the values of a course.
    pub fn history(&mut self, history: Option<&EmHistory>) {
        if let Some(EmHistory { objective, .. }) = history {
            self.tensor(OBJECTIVE, &[objective.len()], objective.iter().copied());
        }
    }
}
