//! Variables whose types have been defined anew.

use std::collections::BTreeSet;

use super::Session;
use crate::compiler;
use crate::engine::definitions::mentions;
use crate::engine::report::Gone;
use crate::engine::rewrite::statements;
use crate::engine::{CellError, FrontEnd, Output};

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// The variables that a cell's own statements define.
fn defined_variables(rust: &str) -> BTreeSet<String> {
    statements(rust).unwrap_or_default().iter().flat_map(defined_by).collect()
}

/// Those that its last statement defines.
fn defined_by_last(rust: &str) -> Vec<String> {
    statements(rust).unwrap_or_default().last().map(defined_by).unwrap_or_default()
}

fn defined_by(statement: &syn::Stmt) -> Vec<String> {
    match statement {
        syn::Stmt::Local(local) => compiler::pattern_variables(&local.pat),
        _ => Vec::new(),
    }
}

impl Session {
    /// Takes away the variables whose types mention one of these names. Returns them with their types.
    pub(super) fn outdate(
        &mut self,
        changed: &BTreeSet<String>,
    ) -> Result<Vec<(String, String)>, CellError> {
        let outdated: Vec<_> =
            self.variables().into_iter().filter(|(_, kind)| mentions(kind, changed)).collect();
        self.outdated.extend(outdated.iter().map(|(name, _)| name.clone()));
        self.save_outdated()?;
        let gone = |(name, kind): &(String, String)| (name.clone(), Gone::Outdated(kind.clone()));
        self.gone.extend(outdated.iter().map(gone));
        Ok(outdated)
    }

    /// Gives them back when the new definition did not compile.
    pub(super) fn restore(&mut self, outdated: &[(String, String)]) -> Result<(), CellError> {
        for (name, _) in outdated {
            self.outdated.remove(name);
            self.gone.remove(name);
        }
        self.save_outdated()
    }

    pub(super) fn tell_outdated(
        &self,
        outdated: &[(String, String)],
        front_end: &mut dyn FrontEnd,
    ) {
        for (name, kind) in outdated {
            let text = format!("note: the variable `{name}` is gone: its type `{kind}` has been defined anew\n");
            front_end.show(Output::Stderr(text));
        }
    }

    /// Finds out which variables of a cell that has failed are there, and tells.
    pub(super) fn settle_unfinished(
        &mut self,
        rust: &str,
        before: &[(String, String)],
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        let kept = self.kept.take();
        let defined = defined_variables(rust);
        if let Some(kept) = &kept {
            // evcxr takes all for kept.
            self.outdated.extend(defined.iter().filter(|name| !kept.contains(name)).cloned());
            self.save_outdated()?;
        }
        let kept = kept.unwrap_or_default();
        let lost: Vec<_> = defined.into_iter().filter(|name| !kept.contains(name)).collect();
        self.gone.extend(lost.iter().map(|name| (name.clone(), Gone::Unfinished)));
        let there: Vec<_> = self.variables().into_iter().map(|(name, _)| name).collect();
        let moved = before.iter().map(|(name, _)| name).filter(|name| !there.contains(name));
        // What the last statement was about to define has never been there.
        let last = defined_by_last(rust);
        let lost = lost.iter().filter(|name| !last.contains(name)).chain(moved);
        let lost: Vec<_> = lost.cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let text = match (kept.as_slice(), lost.as_slice()) {
            ([], []) => return Ok(()),
            ([], lost) => format!("lost with this cell: {}", listed(lost)),
            (kept, []) => format!("kept: {}", listed(kept)),
            (kept, lost) => format!("kept: {}; lost: {}", listed(kept), listed(lost)),
        };
        front_end.show(Output::Stderr(format!("note: {text}\n")));
        Ok(())
    }

    /// Tells the compiler which variables evcxr must forget. One that evcxr has forgotten, or that
    /// has been defined again since, is left out.
    pub(super) fn save_outdated(&mut self) -> Result<(), CellError> {
        let known: BTreeSet<_> =
            self.context.variables_and_types().map(|(name, _)| name.to_owned()).collect();
        self.outdated.retain(|name| known.contains(name));
        compiler::save_outdated(self.folder.path(), &self.outdated).map_err(super::engine_error)
    }
}
