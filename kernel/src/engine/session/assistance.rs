//! Completions and documentation.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::Session;
use crate::compiler::Added;
use crate::engine::assist::{Completion, Match};
use crate::engine::assistant::{Answer, Assistant, Question, Stopper, Wanted};
use crate::engine::commands::{COMMANDS, split};
use crate::engine::{CellError, FrontEnd, Output};
use crate::prelude::{Extent, IMPORTS};
use crate::relay::MimeBundle;

impl Session {
    /// The names that cells so far have given: variables, functions, types.
    pub fn names(&self) -> Vec<String> {
        let variables = self.variables().into_iter().map(|(name, _)| name);
        variables.chain(self.context.defined_item_names().map(str::to_owned)).collect()
    }

    /// Finds what could stand at a place in the code, given in bytes, and passes it on as soon as it is
    /// known. Cells need not wait for that.
    pub fn complete(
        &mut self,
        code: &str,
        position: usize,
        on_answer: impl FnOnce(Option<Completion>) + Send + 'static,
    ) {
        if let Some(command) = complete_command(code, position) {
            return on_answer(Some(command));
        }
        // Commands are obeyed when a cell runs, and not when it is looked at.
        let question = self.question(Wanted::Completion, split(code).rust, &[position]);
        self.ask(question, move |answer| {
            on_answer(match answer {
                Some(Answer::Completion(found)) => Some(found),
                _ => None,
            });
        });
    }

    /// Finds what is known about the names that end at these places in the code, tried one after the
    /// other, as text and as HTML, and passes it on as soon as it is known.
    pub fn document(
        &mut self,
        code: &str,
        places: &[usize],
        on_answer: impl FnOnce(Option<(String, String)>) + Send + 'static,
    ) {
        let question = self.question(Wanted::Documentation, split(code).rust, places);
        self.ask(question, move |answer| {
            on_answer(match answer {
                Some(Answer::Documentation(text, html)) => Some((text, html)),
                _ => None,
            });
        });
    }

    /// The way to stop what is being found out.
    pub fn assistance_stopper(&self) -> Stopper {
        self.assistance.stopper.clone()
    }

    fn question(&self, wanted: Wanted, code: String, places: &[usize]) -> Question {
        let imports = self.prelude.as_ref().map_or("", |_| IMPORTS);
        let outline = self.outline.code(&self.variables());
        let outline = format!("{imports}{outline}");
        Question { wanted, outline, code, places: places.to_vec() }
    }

    fn ask(&mut self, question: Question, on_answer: impl FnOnce(Option<Answer>) + Send + 'static) {
        let extent = self.prelude.as_ref().map(|prelude| prelude.extent);
        let added = Added::load(self.folder.path()).dependencies;
        let own = &mut self.assistance;
        let is_of_now = own.knows.as_ref() == Some(&(extent, added.clone()));
        if !is_of_now || !own.assistant.as_ref().is_some_and(Assistant::is_running) {
            // The old one ends first: two would need twice the memory.
            own.assistant = None;
            match Assistant::start(self.folder.path(), extent, &own.stopper) {
                Ok(assistant) => own.assistant = Some(assistant),
                Err(error) => eprintln!("elbo: completions know only the names in cells: {error}"),
            }
            own.knows = Some((extent, added));
        }
        match &own.assistant {
            Some(assistant) => assistant.ask(question, Box::new(on_answer)),
            None => on_answer(None),
        }
    }

    /// What could stand at a place in the code, given in bytes, from the sources that this session has
    /// read.
    pub fn completion(&mut self, code: &str, position: usize) -> Option<Completion> {
        let found = self.context.completions(code, position).ok()?;
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

    /// What is known about the name that ends at a place in the code, as text and as HTML, from the
    /// sources that this session has read.
    pub fn documentation(&mut self, code: &str, position: usize) -> Option<(String, String)> {
        let found = self.context.hover_at(code, position).ok()?;
        (found.0 != "No documentation found").then_some(found)
    }

    pub(super) fn show_document(
        &mut self,
        name: &str,
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        if name.is_empty() {
            let message = "name what you want to know about, as in `:doc Vec`".to_owned();
            return Err(CellError::Returned { message });
        }
        let (sender, answer) = mpsc::channel();
        self.document(name, &[name.len()], move |found| drop(sender.send(found)));
        let found = loop {
            match answer.recv_timeout(GLANCE) {
                Ok(found) => break found,
                Err(RecvTimeoutError::Timeout) if self.interrupter.is_wanted() => {
                    self.assistance.stopper.stop();
                    return Err(CellError::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break None,
            }
        };
        let Some((text, markdown)) = found else {
            let message = format!("nothing is known about `{name}`");
            return Err(CellError::Returned { message });
        };
        let mut bundle = MimeBundle::text(text);
        bundle.push("text/markdown".to_owned(), markdown);
        front_end.show(Output::Value(bundle));
        Ok(())
    }
}

/// How often the wait for an answer looks whether it is still wanted.
const GLANCE: Duration = Duration::from_millis(50);

/// Who finds out what rust-analyzer knows, once somebody has asked.
#[derive(Default)]
pub(super) struct Assistance {
    assistant: Option<Assistant>,
    stopper: Stopper,
    /// How much of the library and which added crates it knows.
    knows: Option<(Option<Extent>, toml::Table)>,
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
