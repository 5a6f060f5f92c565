//! Completions and documentation.

use super::Session;
use crate::engine::assist::{Completion, Match};
use crate::engine::commands::{COMMANDS, split};
use crate::engine::{CellError, FrontEnd, Output};
use crate::relay::MimeBundle;

impl Session {
    /// The names that cells so far have given: variables, functions, types.
    pub fn names(&self) -> Vec<String> {
        let variables = self.variables().into_iter().map(|(name, _)| name);
        variables.chain(self.context.defined_item_names().map(str::to_owned)).collect()
    }

    /// What could stand at a place in the code, given in bytes.
    pub fn complete(&mut self, code: &str, position: usize) -> Option<Completion> {
        if let Some(command) = complete_command(code, position) {
            return Some(command);
        }
        self.read_sources();
        // Commands are obeyed when a cell runs, and not when it is looked at.
        let found = self.context.completions(&split(code).rust, position).ok()?;
        Some(Completion {
            start: found.start_offset,
            end: found.end_offset,
            matches: found
                .completions
                .into_iter()
                .filter(|item| !is_internal(&item.code))
                .map(|item| Match {
                    text: item.code,
                    kind: item.kind.to_owned(),
                    signature: item.label,
                })
                .collect(),
        })
    }

    /// What is known about the name that ends at a place in the code, as text and as Markdown.
    pub fn document(&mut self, code: &str, position: usize) -> Option<(String, String)> {
        self.read_sources();
        let found = self.context.hover_at(&split(code).rust, position).ok()?;
        (found.0 != "No documentation found").then_some(found)
    }

    pub(super) fn show_document(
        &mut self,
        name: &str,
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        let Some((text, markdown)) = self.document(name, name.len()) else {
            let message = match name {
                "" => "name what you want to know about, as in `:doc Vec`".to_owned(),
                name => format!("nothing is known about `{name}`"),
            };
            return Err(CellError::Returned { message });
        };
        let mut bundle = MimeBundle::text(text);
        bundle.push("text/markdown".to_owned(), markdown);
        front_end.show(Output::Value(bundle));
        Ok(())
    }
}

/// Whether a name is one of evcxr's or of ours that no cell is to use.
fn is_internal(name: &str) -> bool {
    ["evcxr_", "Evcxr", "ELBO_IMPL_", "in_cell_only"].iter().any(|own| name.starts_with(own))
}

/// The commands that begin with what stands before the cursor, if that is the beginning of one.
fn complete_command(code: &str, position: usize) -> Option<Completion> {
    let start = code[..position].rfind('\n').map_or(0, |at| at + 1);
    let word = &code[start..position];
    let is_head = split(&code[..start]).rust.trim().is_empty();
    if !is_head || !word.starts_with(':') || word.contains(char::is_whitespace) {
        return None;
    }
    let fitting = COMMANDS
        .iter()
        .filter(|entry| !entry.description.is_empty() && entry.name.starts_with(word));
    let matches = fitting
        .map(|entry| Match {
            text: entry.name.to_owned(),
            kind: "magic".to_owned(),
            signature: entry.description.to_owned(),
        })
        .collect();
    Some(Completion { start, end: position, matches })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_completed_at_the_head_of_a_cell() {
        let found = complete_command("!ls\n:ver", 8).unwrap();
        assert_eq!((found.start, found.end), (4, 8));
        assert_eq!(found.matches[0].text, ":version");
        assert!(complete_command("let x = 1;\n:ver", 15).is_none());
        assert!(complete_command(":dep he", 7).is_none());
    }
}
