//! Sessions that began before polars was compiled, and how they come to it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Session, engine_error};
use crate::compiler::Added;
use crate::engine::{CellError, FrontEnd, Output};
use crate::prelude::{Extent, Prelude, Progress, Rest, Stopped};

/// The link in a session's folder to its prelude's libraries: the cells' process finds others behind
/// it when it begins again.
const LIBRARIES: &str = "libraries";

/// Points the link of a session to the libraries of a prelude.
pub(super) fn link(session: &Path, prelude: &Prelude) -> Result<PathBuf> {
    let link = session.join(LIBRARIES);
    if link.symlink_metadata().is_ok() {
        fs::remove_file(&link)?;
    }
    std::os::unix::fs::symlink(prelude.libraries(), &link)
        .with_context(|| format!("cannot write {}", link.display()))?;
    Ok(link)
}

impl Session {
    fn lacks_polars(&self) -> bool {
        self.prelude.as_ref().is_some_and(|prelude| prelude.extent == Extent::Models)
    }

    /// Begins to compile what the prelude lacks, once a cell has run.
    pub(super) fn begin_rest(&mut self) {
        if self.compiles_rest && self.rest.is_none() && self.lacks_polars() {
            // Without it, the first cell that names polars compiles it.
            self.rest = Rest::begin().inspect_err(|error| eprintln!("elbo: {error}")).ok();
        }
    }

    /// Whether a new process could have polars, which this one has not.
    pub(super) fn can_have_polars(&mut self) -> bool {
        self.lacks_polars()
            && self.rest.as_mut().is_some_and(|rest| !rest.is_running())
            && Prelude::is_ready(Extent::Whole)
    }

    /// Has polars in the session if the cell names it. That takes a new beginning, for which it must
    /// not be too late.
    pub(super) fn bring_polars_for(
        &mut self,
        code: &str,
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        if !self.lacks_polars() || Extent::needed_by(code) == Extent::Models {
            return Ok(());
        }
        if !self.has_run && Added::load(self.folder.path()).dependencies.is_empty() {
            return self.bring_polars(front_end);
        }
        let is_compiled = self.can_have_polars();
        let state = if is_compiled {
            "polars has been compiled since this session began".to_owned()
        } else {
            format!(
                "polars is not in this session yet: it is being compiled, which takes about {} \
                 minutes of one core once",
                Extent::Whole.minutes()
            )
        };
        let when = if is_compiled { "" } else { " when that is done" };
        Err(CellError::Returned {
            message: format!(
                "{state}; run `:restart`{when}, and then the cells before this one again, because \
                 it begins with nothing"
            ),
        })
    }

    /// Begins again with the whole library; waits until it is compiled.
    pub(super) fn bring_polars(&mut self, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        // What it has compiled so far is not compiled again.
        self.rest = None;
        let mut has_shown = false;
        let mut note = |line: &str| {
            has_shown = true;
            front_end.show(Output::Stderr(format!("{line}\n")));
        };
        let is_stopped = || self.interrupter.is_wanted();
        let mut progress = Progress::Lines { show: &mut note, is_stopped: &is_stopped };
        let prepared = Prelude::prepare(Extent::Whole, &mut progress);
        let prelude = prepared.map_err(|error| match error.is::<Stopped>() {
            true => CellError::Interrupted,
            false => engine_error(error),
        })?;
        if has_shown {
            front_end.show(Output::Clear { wait: false });
        }
        self.settings = prelude.settings().map_err(engine_error)?;
        self.settings.save(self.folder.path()).map_err(engine_error)?;
        link(self.folder.path(), &prelude).map_err(engine_error)?;
        self.prelude = Some(prelude);
        self.has_run = false;
        self.clear()
    }
}
