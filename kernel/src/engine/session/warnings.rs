//! Warnings of the compiler about a cell that did compile.

use super::Session;
use crate::compiler;
use crate::engine::report::warning;
use crate::engine::rewrite::statements;
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

    /// Says what is otherwise found out the hard way.
    pub(super) fn show_notes(&self, code: &str, front_end: &mut dyn FrontEnd) {
        for name in statics(code) {
            let note = format!(
                "note: every cell has its own `{name}`, as it is at the beginning; what is to last \
                 belongs in a variable\n"
            );
            front_end.show(Output::Stderr(note));
        }
    }
}

/// The statics that a cell defines.
fn statics(code: &str) -> Vec<String> {
    let statements = statements(code).unwrap_or_default();
    let name = |statement: &syn::Stmt| match statement {
        syn::Stmt::Item(syn::Item::Static(own)) => Some(own.ident.to_string()),
        _ => None,
    };
    statements.iter().filter_map(name).collect()
}
