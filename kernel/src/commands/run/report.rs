//! How the run of one notebook went, in short.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// How the run of one notebook went; a run of several notebooks reads it from each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How many cells have run.
    pub cells: usize,
    /// How long it took, the start of the session included.
    pub seconds: f64,
    /// The first thing that went wrong.
    pub problem: Option<String>,
}

impl Report {
    /// Writes the report for whoever started this run.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let file = File::create(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(serde_json::to_writer(file, self)?)
    }

    /// Reads a report, if the run lived to write one.
    pub fn read(path: &Path) -> Option<Self> {
        serde_json::from_reader(File::open(path).ok()?).ok()
    }
}
