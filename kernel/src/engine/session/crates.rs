//! The crates of a session: for the compiler at once, for rust-analyzer when somebody asks or nobody
//! waits.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Result;
use toml::{Table, Value};

use super::{Session, engine_error, plain};
use crate::compiler::{self, Added, Dependency, Options, Refusal};
use crate::engine::report;
use crate::engine::rewrite::Rewritten;
use crate::engine::{CellError, FrontEnd, Output, standard_library};
use crate::prelude::{LIGHT, lock};

impl Session {
    /// Adds crates, and shows how far that is.
    pub(super) fn add_crates(
        &mut self,
        wanted: &[Dependency],
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        let (session, settings) = (self.folder.path(), &self.settings);
        let options = Options {
            offline: self.preferences.is_offline,
            environment: self.preferences.build_environment.clone(),
        };
        let mut has_shown = false;
        let mut progress = |line: &str| {
            has_shown = true;
            front_end.show(Output::Stderr(format!("{line}\n")));
        };
        let added = compiler::add(session, settings, wanted, &options, &mut progress);
        match added.map_err(engine_error)? {
            Ok(notes) => {
                if has_shown {
                    // How it came about is of no interest any more.
                    front_end.show(Output::Clear { wait: false });
                }
                for note in notes {
                    front_end.show(Output::Stderr(format!("note: {note}\n")));
                }
                Ok(())
            }
            Err(Refusal::Stopped) => Err(CellError::Interrupted),
            Err(Refusal::Failed(text)) => Err(refused(wanted, &text)),
        }
    }

    /// Compiles the user's own crates again when their files have changed. Variables of their types
    /// are then of types that are no more.
    pub(super) fn refresh_crates(&mut self, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let added = Added::load(self.folder.path());
        if !added.is_stale() {
            return Ok(());
        }
        self.add_crates(&[], front_end)?;
        let folders = added.dependencies.iter().filter(|(_, own)| own.get("path").is_some());
        let names: BTreeSet<_> = folders.map(|(name, _)| name.replace('-', "_")).collect();
        let outdated = self.outdate(&names)?;
        self.tell_outdated(&outdated, front_end);
        Ok(())
    }

    /// The crates that cells can name: at hand, and added.
    pub(super) fn crates(&self) -> (Vec<String>, Table) {
        let added = Added::load(self.folder.path());
        let taken = added.names();
        let at_hand = self.settings.library.iter().flat_map(|library| &library.at_hand);
        let at_hand = at_hand.filter(|own| !taken.contains(&own.name));
        (at_hand.map(|own| format!("{} {}", own.name, own.version)).collect(), added.dependencies)
    }

    /// Has rust-analyzer read the sources of the libraries, from which completions and documentation
    /// come. That takes seconds: a session that runs cells leaves it to its assistant.
    pub(in crate::engine) fn read_sources(&mut self) {
        self.reads_sources = true;
        if let Err(error) = self.try_reading_sources() {
            eprintln!("elbo: completions will know only the names in cells: {error:#}");
        }
    }

    fn try_reading_sources(&mut self) -> Result<()> {
        let session = self.folder.path();
        compiler::begin(session)?;
        let added = Added::load(session).dependencies;
        let mut lines = Vec::new();
        let mut locked = compiler::last_lock(session);
        if let Some(prelude) = &self.prelude {
            standard_library::select(session, &prelude.tools.sources())?;
            lines.push(prelude.dependency()?);
            let library = self.settings.library.iter();
            let read = library.flat_map(|library| &library.at_hand);
            let read = read.filter(|own| LIGHT.contains(&own.name.as_str()));
            lines.extend(read.map(|own| format!("{} = \"={}\"", own.package, own.version)));
            // The evaluator's own first cell had no dependencies and emptied the lock file.
            let own = self.settings.library.as_ref().map_or("", |library| &library.lock);
            locked = lock::union(&locked, own).unwrap_or_default();
        }
        if !locked.is_empty() {
            fs::write(session.join("Cargo.lock"), locked)?;
        }
        lines.extend(added.iter().map(|(name, own)| described(name, own)));
        let lines: Vec<_> = lines.iter().map(|line| format!(":dep {line}\n")).collect();
        let lines = Rewritten::unchanged(&lines.concat());
        let (result, _) = self.evaluate(&lines, &mut drop::<Output>).map_err(plain)?;
        result.map(drop).map_err(|error| anyhow::anyhow!("{error}"))
    }
}

/// What cargo says about crates that cannot be added.
fn refused(wanted: &[Dependency], text: &str) -> CellError {
    let names: Vec<_> = wanted.iter().map(|dependency| format!("`{}`", dependency.name)).collect();
    let names = if names.is_empty() { "the added crates".to_owned() } else { names.join(", ") };
    let first = text.lines().find_map(|line| line.trim().strip_prefix("error: "));
    let first = first.or_else(|| text.lines().next()).unwrap_or("cargo failed");
    let summary = format!("{names} cannot be used: {first}");
    let help =
        "help: the crates added before are still there; correct the line and run the cell again";
    report::refused(summary, &format!("{names} cannot be used\n\n{text}\n\n{help}"))
}

/// A description as a manifest has it, in one line.
pub(super) fn described(name: &str, description: &Value) -> String {
    format!("{name} = {description}")
}
