//! What stands before and beside the code.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reedline::{Prompt, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus};

use crate::repl::worker::{Shared, Stage};

/// The longest note on the right.
const NOTE: usize = 40;

/// `[1]: ` before the first cell. While the session is being started, the right side says so.
#[derive(Clone)]
pub struct NotebookPrompt {
    number: Arc<AtomicUsize>,
    /// None for a cell that has been typed: it need not say what is going on.
    shared: Option<Arc<Shared>>,
}

impl NotebookPrompt {
    /// For the first cell.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { number: Arc::new(AtomicUsize::new(1)), shared: Some(shared) }
    }

    /// The same before a cell that has been typed.
    pub fn of_typed(&self) -> Self {
        Self { number: Arc::clone(&self.number), shared: None }
    }

    /// For the next cell.
    pub fn advance(&self) {
        self.number.fetch_add(1, Ordering::Relaxed);
    }

    fn number(&self) -> usize {
        self.number.load(Ordering::Relaxed)
    }
}

impl Prompt for NotebookPrompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        format!("[{}]", self.number()).into()
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        match self.shared.as_ref().map(|shared| shared.stage()) {
            Some(Stage::Starting(note)) => {
                console::truncate_str(&note, NOTE, "…").into_owned().into()
            }
            _ => "".into(),
        }
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        ": ".into()
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        let width = self.number().to_string().len() + 4;
        format!("{:>width$}", "...: ").into()
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let word = match search.status {
            PromptHistorySearchStatus::Passing => "search",
            PromptHistorySearchStatus::Failing => "not found",
        };
        format!(" {word} {:?}: ", search.term).into()
    }
}
