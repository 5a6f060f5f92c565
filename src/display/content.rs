//! What stands in one format of a display.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// The content of one format: text, or the bytes of a file.
///
/// ```
/// use elbo::display::Content;
/// assert_eq!(Content::from("x²"), Content::Text("x²".to_owned()));
/// assert_eq!(Content::from(vec![1, 2]), Content::Bytes(vec![1, 2]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// For formats that are text, JSON included.
    Text(String),
    /// For all others, such as pictures. Notebooks get them in base64.
    Bytes(Vec<u8>),
}

impl Content {
    /// As notebooks want it.
    pub(super) fn encoded(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Bytes(bytes) => Cow::Owned(STANDARD.encode(bytes)),
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }

    /// The bytes, if it is not a text.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Text(_) => None,
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for Content {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

/// The value as JSON text.
impl From<Value> for Content {
    fn from(value: Value) -> Self {
        Self::Text(value.to_string())
    }
}
