//! Indentation while typing.

use std::sync::{Arc, Mutex, PoisonError};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use reedline::{
    EditCommand, EditMode, Emacs, Keybindings, PromptEditMode, ReedlineEvent, ReedlineRawEvent,
};

use crate::engine::{Completeness, completeness};

/// One step of indentation.
const STEP: &str = "    ";

/// The code on the screen and the place of the cursor in it, as last painted. Gone once a key has
/// been pressed, until it is painted again: keys that come faster than that are text that already
/// has its indentation.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Option<(String, usize)>>>);

impl Seen {
    /// Remembers what has been painted.
    pub fn set(&self, code: &str, cursor: usize) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((code.to_owned(), cursor));
    }

    fn take(&self) -> Option<(String, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The usual keys of a shell, with indentation.
pub struct Keys {
    usual: Emacs,
    seen: Seen,
    /// Whether the completions may be open, where Enter and Tab mean something else.
    in_menu: bool,
}

impl Keys {
    /// With these keys, for the code that is seen.
    pub fn new(bindings: Keybindings, seen: Seen) -> Self {
        Self { usual: Emacs::new(bindings), seen, in_menu: false }
    }
}

impl EditMode for Keys {
    fn parse_event(&mut self, event: ReedlineRawEvent) -> ReedlineEvent {
        let event: Event = event.into();
        let seen = self.seen.take();
        if let Event::Key(key) = &event {
            let in_menu = std::mem::replace(&mut self.in_menu, opens_or_moves_in_menu(key));
            if let Some((code, cursor)) = seen.filter(|_| !in_menu)
                && let Some(commands) = indent(key, &code, cursor)
            {
                self.in_menu = false;
                return ReedlineEvent::Edit(commands);
            }
        }
        match ReedlineRawEvent::try_from(event) {
            Ok(event) => self.usual.parse_event(event),
            Err(()) => ReedlineEvent::None,
        }
    }

    fn edit_mode(&self) -> PromptEditMode {
        self.usual.edit_mode()
    }
}

fn opens_or_moves_in_menu(key: &KeyEvent) -> bool {
    let moves = [KeyCode::Up, KeyCode::Down, KeyCode::Left, KeyCode::Right];
    matches!(key.code, KeyCode::Tab | KeyCode::BackTab) || moves.contains(&key.code)
}

/// What a key does because of the indentation, if it is such a key at such a place.
fn indent(key: &KeyEvent, code: &str, cursor: usize) -> Option<Vec<EditCommand>> {
    let before = code.get(..cursor)?;
    let line = before.rsplit('\n').next()?;
    let is_blank = line.trim().is_empty();
    match (key.code, key.modifiers) {
        (KeyCode::Enter, KeyModifiers::NONE) if completeness(code) == Completeness::Incomplete => {
            Some(vec![EditCommand::InsertString(format!("\n{}", next_indent(line)))])
        }
        (KeyCode::Tab, KeyModifiers::NONE) if is_blank => {
            Some(vec![EditCommand::InsertString(STEP.to_owned())])
        }
        (KeyCode::Char(bracket @ ('}' | ')' | ']')), _) if is_blank && line.ends_with(STEP) => {
            let mut commands = vec![EditCommand::Backspace; STEP.len()];
            commands.push(EditCommand::InsertChar(bracket));
            Some(commands)
        }
        _ => None,
    }
}

/// How the line after this one begins.
fn next_indent(line: &str) -> String {
    let own: String = line.chars().take_while(|character| *character == ' ').collect();
    let opens = line.trim_end().ends_with(['{', '(', '[']);
    if opens { own + STEP } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, text: &str) -> Option<Vec<EditCommand>> {
        indent(&KeyEvent::new(code, KeyModifiers::NONE), text, text.len())
    }

    #[test]
    fn enter_goes_one_step_in_behind_an_open_bracket_only() {
        let insert = |text: &str| Some(vec![EditCommand::InsertString(text.to_owned())]);
        assert_eq!(press(KeyCode::Enter, "fn f() {"), insert("\n    "));
        assert_eq!(press(KeyCode::Enter, "fn f() {\n    let a = 1;"), insert("\n    "));
        assert_eq!(press(KeyCode::Enter, "fn f() {\n    g("), insert("\n        "));
        assert_eq!(press(KeyCode::Enter, "1 + 1"), None);
    }

    #[test]
    fn a_closing_bracket_on_a_blank_line_goes_one_step_out() {
        let commands = press(KeyCode::Char('}'), "fn f() {\n        1\n    ");
        let mut expected = vec![EditCommand::Backspace; 4];
        expected.push(EditCommand::InsertChar('}'));
        assert_eq!(commands, Some(expected));
        assert_eq!(press(KeyCode::Char('}'), "fn f() { 1 "), None);
    }

    #[test]
    fn tab_indents_where_there_is_nothing_to_complete() {
        assert!(press(KeyCode::Tab, "fn f() {\n").is_some());
        assert_eq!(press(KeyCode::Tab, "fn f() {\nVec"), None);
    }
}
