//! The prompt: where cells are typed.

mod complete;
mod highlight;
mod keys;
mod prompt;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use reedline::{
    ColumnarMenu, DefaultHinter, EditCommand, FileBackedHistory, KeyCode, KeyModifiers,
    MenuBuilder, Reedline, ReedlineEvent, ReedlineMenu, ValidationResult, Validator,
    default_emacs_keybindings,
};

use self::complete::SessionCompleter;
use self::highlight::RustHighlighter;
use self::keys::{Keys, Seen};
pub use self::prompt::NotebookPrompt;
use super::worker::Worker;
use crate::engine::{Completeness, completeness};
use crate::state_file;

const MENU: &str = "completions";
/// How many cells are remembered.
const HISTORY: usize = 10_000;
/// Where earlier cells are kept from one session to the next.
const HISTORY_FILE: &str = "history.txt";

/// Tells the prompt from another thread that the session has come further.
#[derive(Clone, Default)]
pub struct Wake {
    /// The editor's own type for this has no public name.
    repaint: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>,
    stop: Arc<AtomicBool>,
}

impl Wake {
    /// Draws the prompt again.
    pub fn repaint(&self) {
        if let Some(repaint) = self.repaint.get() {
            repaint();
        }
    }

    /// Ends the prompt: there is no session to type for.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The line editor.
///
/// # Errors
/// When the file with the earlier cells cannot be read or made.
pub fn editor(
    worker: &Worker,
    prompt: &NotebookPrompt,
    wake: &Wake,
    with_colours: bool,
) -> Result<Reedline> {
    let seen = Seen::default();
    let shared = worker.shared();
    let menu = ColumnarMenu::default().with_name(MENU).with_marker(": ");
    let hint_style = nu_ansi_term::Color::DarkGray.normal();
    let mut editor = Reedline::create()
        .with_ansi_colors(with_colours)
        .use_bracketed_paste(true)
        .with_validator(Box::new(Cells))
        .with_highlighter(Box::new(RustHighlighter::new(seen.clone())))
        .with_completer(Box::new(SessionCompleter::new(worker.jobs(), shared)))
        .with_quick_completions(true)
        .with_partial_completions(true)
        .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
        .with_hinter(Box::new(DefaultHinter::default().with_style(hint_style)))
        .with_transient_prompt(Box::new(prompt.of_typed()))
        .with_edit_mode(Box::new(Keys::new(bindings(), seen)))
        .with_break_signal(Arc::clone(&wake.stop));
    if let Some(file) = state_file(HISTORY_FILE) {
        let history = FileBackedHistory::with_file(HISTORY, file.clone())
            .with_context(|| format!("the history in {} cannot be used", file.display()))?;
        editor = editor.with_history(Box::new(history));
    }
    // Set only once: there is one editor.
    let signal = editor.repaint_signal();
    let _ = wake.repaint.set(Box::new(move || signal.request_repaint()));
    Ok(editor)
}

fn bindings() -> reedline::Keybindings {
    let mut bindings = default_emacs_keybindings();
    let complete = ReedlineEvent::UntilFound(vec![
        ReedlineEvent::Menu(MENU.to_owned()),
        ReedlineEvent::MenuNext,
    ]);
    bindings.add_binding(KeyModifiers::NONE, KeyCode::Tab, complete);
    bindings.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    let newline = ReedlineEvent::Edit(vec![EditCommand::InsertNewline]);
    bindings.add_binding(KeyModifiers::ALT, KeyCode::Enter, newline);
    bindings
}

/// Enter runs what is complete, and what no further line can mend.
struct Cells;

impl Validator for Cells {
    fn validate(&self, code: &str) -> ValidationResult {
        match completeness(code) {
            Completeness::Incomplete => ValidationResult::Incomplete,
            Completeness::Complete | Completeness::Invalid => ValidationResult::Complete,
        }
    }
}
