//! What the relay tells the engine, and what the engine asks of the relay.

use serde::{Deserialize, Serialize};

/// One value in several formats, in the order in which the cell wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MimeBundle(Vec<(String, String)>);

impl MimeBundle {
    /// A display that has only a text form.
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![("text/plain".to_owned(), text.into())])
    }

    /// The content in one format.
    pub fn get(&self, mime: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == mime).map(|(_, content)| content.as_str())
    }

    /// All formats with their content.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(mime, content)| (mime.as_str(), content.as_str()))
    }

    /// How many formats there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a block in this format can still belong to the same display. A text always opens a
    /// new one, and no display holds a format twice.
    pub fn accepts(&self, mime: &str) -> bool {
        self.is_empty() || (mime != "text/plain" && self.get(mime).is_none())
    }

    /// Adds one format.
    pub fn push(&mut self, mime: String, content: String) {
        self.0.push((mime, content));
    }
}

/// Something that happened in the process that runs the cells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Text on standard output. Not necessarily a whole line.
    Stdout(String),
    /// Text on standard error. Not necessarily a whole line.
    Stderr(String),
    /// A display, complete in all its formats, and the name for its updates.
    Display(MimeBundle, Option<String>),
    /// New content for the displays of this name.
    Update(MimeBundle, String),
    /// The value of the cell's last expression.
    Value(MimeBundle),
    /// What was shown is to be taken away, at once or when the next output comes.
    Clear {
        /// When the next output comes.
        wait: bool,
    },
    /// The cell waits for the user's answer.
    Ask {
        /// What to ask.
        prompt: String,
        /// Whether the answer must not be seen.
        is_password: bool,
    },
    /// The cell panicked; the message was the last text on standard error.
    Panicked,
    /// A `?` returned early; the error was the last text on standard error.
    Failed,
    /// The cell was interrupted before it began to run.
    Skipped,
    /// The cell has ended and every event of it has been sent.
    Complete,
}

/// What the engine asks of the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// A new cell starts compiling: forget interrupts meant for an earlier one.
    Begin,
    /// Stop the running cell, or the one about to run.
    Interrupt,
    /// What the user answered, if there is a user.
    Answer(Option<String>),
}
