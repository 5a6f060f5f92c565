//! Warnings of the compiler about a cell that did compile.

use super::Session;
use crate::compiler;
use crate::engine::report::warning;
use crate::engine::{FrontEnd, Output};

impl Session {
    /// Shows what the compiler has warned of, of the lines of this cell.
    pub(super) fn show_warnings(&self, code: &str, front_end: &mut dyn FrontEnd) {
        for told in compiler::warnings(self.folder.path()) {
            if let Some(text) = warning(&told, code) {
                front_end.show(Output::Stderr(format!("{text}\n")));
            }
        }
    }
}
