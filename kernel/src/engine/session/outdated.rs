//! Variables whose types have been defined anew.

use std::collections::BTreeSet;

use super::Session;
use crate::compiler;
use crate::engine::definitions::mentions;
use crate::engine::report::Gone;
use crate::engine::{CellError, FrontEnd, Output};

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

    /// Tells the compiler which variables evcxr must forget. One that evcxr has forgotten, or that
    /// has been defined again since, is left out.
    pub(super) fn save_outdated(&mut self) -> Result<(), CellError> {
        let known: BTreeSet<_> =
            self.context.variables_and_types().map(|(name, _)| name.to_owned()).collect();
        self.outdated.retain(|name| known.contains(name));
        compiler::save_outdated(self.folder.path(), &self.outdated).map_err(super::engine_error)
    }
}
