//! What the relay tells the engine, and what the engine asks of the relay.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One value in several formats, in the order in which the cell wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MimeBundle {
    /// The formats, with their content as text: JSON as it is written, pictures in base64.
    forms: Vec<(String, String)>,
    /// What front ends are told about the formats, by their names.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
}

const PLAIN: &str = "text/plain";

impl MimeBundle {
    /// A display that has only a text form.
    pub fn text(text: impl Into<String>) -> Self {
        Self { forms: vec![(PLAIN.to_owned(), text.into())], ..Self::default() }
    }

    /// The content in one format.
    pub fn get(&self, mime: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == mime).map(|(_, content)| content)
    }

    /// All formats with their content.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.forms.iter().map(|(mime, content)| (mime.as_str(), content.as_str()))
    }

    /// How many formats there are.
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Whether a block in this format can still belong to the same display. A text always opens a
    /// new one, and no display holds a format twice.
    pub fn accepts(&self, mime: &str) -> bool {
        self.is_empty() || (mime != PLAIN && self.get(mime).is_none())
    }

    /// Adds one format.
    pub fn push(&mut self, mime: String, content: String) {
        self.forms.push((mime, content));
    }

    /// What front ends are told about the formats, by their names.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// Adds another display to this one; gives it back if both have a form in the same format.
    pub fn join(&mut self, other: Self) -> Result<(), Self> {
        if other.iter().any(|(mime, _)| self.get(mime).is_some()) {
            return Err(other);
        }
        self.forms.extend(other.forms);
        self.metadata.extend(other.metadata);
        Ok(())
    }

    /// The display as text, for who cannot show more: the plain text, else the source of another
    /// format. `None` if there is nothing that can be read.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        let plain = self.get(PLAIN);
        let source = || {
            let known = SOURCES.iter().find(|mime| self.get(mime).is_some()).copied();
            let any = || self.iter().map(|(mime, _)| mime).find(|mime| is_readable(mime));
            let mime = known.or_else(any)?;
            self.get(mime).map(|source| pretty(mime, source))
        };
        let not_empty = plain.filter(|text| !text.is_empty()).map(Cow::Borrowed);
        not_empty.or_else(source).or(plain.map(Cow::Borrowed))
    }

    /// Whether content in this format is JSON, which messages and notebooks hold as a value.
    pub fn is_json(mime: &str) -> bool {
        mime == "application/json" || mime.ends_with("+json")
    }
}

/// The formats whose source is read well, best first.
const SOURCES: [&str; 4] = ["text/markdown", "text/latex", "application/json", "text/html"];

/// Whether the content in this format is text for people.
fn is_readable(mime: &str) -> bool {
    let is_code =
        MimeBundle::is_json(mime) || mime.ends_with("xml") || mime.ends_with("javascript");
    mime != PLAIN && !mime.starts_with("image/") && (is_code || mime.starts_with("text/"))
}

/// JSON with a line for each value; everything else as it is.
fn pretty<'s>(mime: &str, source: &'s str) -> Cow<'s, str> {
    let json = MimeBundle::is_json(mime).then(|| serde_json::from_str::<Value>(source).ok());
    match json.flatten() {
        Some(value) => Cow::Owned(format!("{value:#}")),
        None => Cow::Borrowed(source),
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
    /// The last expression shows itself: a display that follows is the cell's value.
    BeginValue,
    /// It has shown itself.
    EndValue,
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
    /// A variable of this name is not what it was, or was not kept by a cell that failed.
    Changed(String),
    /// A `?` returned early.
    Failed {
        /// What the error says.
        message: String,
        /// Which of its variables the cell has kept, if it could.
        kept: Option<Vec<String>>,
    },
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
    /// End the process of the running cell, and all that it has started.
    Kill,
    /// What came of the cell's question.
    Answer(Answer),
}

/// What comes of a question to the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// What the user has said, without the end of the line.
    Text(String),
    /// Nobody is there to answer, or the user has said that there is nothing more to say.
    Nobody,
    /// The user wants the cell to stop.
    Interrupted,
}

impl From<Option<String>> for Answer {
    fn from(answer: Option<String>) -> Self {
        answer.map_or(Self::Nobody, Self::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(forms: &[(&str, &str)]) -> MimeBundle {
        let mut bundle = MimeBundle::default();
        for (mime, content) in forms {
            bundle.push((*mime).to_owned(), (*content).to_owned());
        }
        bundle
    }

    #[test]
    fn everything_that_can_be_read_has_a_text() {
        type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>);
        let cases: [Case<'_>; 9] = [
            (&[("text/html", "<b>1</b>"), ("text/plain", "1")], Some("1")),
            (&[("text/html", "<b>1</b>"), ("text/latex", "$1$")], Some("$1$")),
            (&[("text/plain", ""), ("text/html", "<b>1</b>")], Some("<b>1</b>")),
            (&[("text/plain", ""), ("image/png", "AAAA")], Some("")),
            (&[("image/png", "AAAA")], None),
            (&[("image/png", "AAAA"), ("text/x-dot", "a -> b")], Some("a -> b")),
            (&[("application/json", "{\"a\":[1]}")], Some("{\n  \"a\": [\n    1\n  ]\n}")),
            (&[("application/geo+json", "{broken")], Some("{broken")),
            (&[("application/octet-stream", "AAAA")], None),
        ];
        for (forms, want) in cases {
            assert_eq!(bundle(forms).as_text().as_deref(), want, "{forms:?}");
        }
    }

    #[test]
    fn displays_are_joined_unless_they_share_a_format() {
        let mut both = bundle(&[("text/html", "a")]);
        assert_eq!(both.join(bundle(&[("text/plain", "b")])), Ok(()));
        assert_eq!(both, bundle(&[("text/html", "a"), ("text/plain", "b")]));
        let other = bundle(&[("image/png", "c"), ("text/html", "d")]);
        assert_eq!(both.join(other.clone()), Err(other));
        assert_eq!(both.len(), 2);
    }
}
