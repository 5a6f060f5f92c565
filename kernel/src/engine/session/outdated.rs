//! Variables whose types have been defined anew.

use std::collections::BTreeSet;

use syn::visit::Visit;

use super::Session;
use crate::compiler;
use crate::engine::definitions::mentions;
use crate::engine::report::Gone;
use crate::engine::rewrite::{Rewritten, statements};
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

/// Whether a cell's own statements can end it early without an error.
fn has_return(rust: &str) -> bool {
    struct Returns(bool);
    impl Visit<'_> for Returns {
        fn visit_expr_return(&mut self, _: &syn::ExprReturn) {
            self.0 = true;
        }
        // These return from themselves.
        fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &syn::ExprAsync) {}
        fn visit_item(&mut self, _: &syn::Item) {}
    }
    let mut returns = Returns(false);
    statements(rust).unwrap_or_default().iter().for_each(|own| returns.visit_stmt(own));
    returns.0
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
            let text = format!(
                "note: the variable `{name}` is gone: its type `{kind}` has been defined anew\n"
            );
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
        let mut kept = kept.unwrap_or_default();
        kept.sort();
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

    /// Has evcxr forget what is no longer there, and tells of what it has forgotten by itself.
    pub(super) fn forget_outdated(
        &mut self,
        rust: &str,
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        let returns = has_return(rust);
        if !self.outdated.is_empty() || returns {
            let nothing = Rewritten::unchanged("{};");
            // What it shows and how it ends is of no interest.
            let _ = self.evaluate(&nothing, &mut drop::<Output>)?;
        }
        let told: Vec<_> = self.changed.drain(..).collect();
        let lost: Vec<_> = told.into_iter().filter(|name| !self.gone.contains_key(name)).collect();
        if !lost.is_empty() {
            let why = if returns {
                "the cell ended early"
            } else {
                "what its type is called has changed"
            };
            let note = format!("note: lost: {} ({why})\n", listed(&lost));
            front_end.show(Output::Stderr(note));
        }
        self.gone.extend(lost.into_iter().map(|name| (name, Gone::Unfinished)));
        // What has been made anew is not gone.
        for (name, _) in self.variables() {
            self.gone.remove(&name);
        }
        self.save_outdated()
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
