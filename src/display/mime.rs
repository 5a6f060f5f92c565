//! MIME bundles: one value in several formats, of which the front end shows the richest it can.

use std::{
    borrow::Cow,
    io::{self, Write},
    iter,
};

use serde_json::{Map, Value};

use super::{
    Content,
    channel::{Message, Notebook, notebook, send, shown},
};
use crate::error::Result;

/// One display: always a text, and richer forms where there are any, in any format (MIME type).
///
/// ```
/// use elbo::display::{MimeBundle, RichDisplay};
/// let bundle = MimeBundle::new("the square of x")
///     .with("text/latex", "$x^2$")
///     .with("text/markdown", "the *square* of x");
/// bundle.show();
/// let bundle = bundle.with("image/jpeg", vec![0xFF, 0xD8]).with_metadata("image/jpeg", "width", 300);
/// assert_eq!(bundle.get("image/jpeg").as_deref(), Some("/9g="));
/// ```
///
/// [`markdown`](super::markdown), [`json`](super::json()), [`vega_lite`](super::vega_lite) and the
/// functions beside them make bundles of one format.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MimeBundle {
    text: String,
    /// The richer forms; each format once.
    forms: Vec<(String, Content)>,
    metadata: Map<String, Value>,
}

const PLAIN: &str = "text/plain";
const HTML: &str = "text/html";
const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";

impl MimeBundle {
    /// A display with its text form, shown where nothing richer can be.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Adds a form in the format with this MIME type, in the place of an earlier one: text, JSON as
    /// text or as a value, or the bytes of a file. Text that comes from data must be escaped by the
    /// caller where the format asks for it.
    pub fn with(mut self, mime: impl Into<String>, content: impl Into<Content>) -> Self {
        let (mime, content) = (mime.into(), content.into());
        if mime == PLAIN {
            self.text = content.encoded().into_owned();
            return self;
        }
        match self.forms.iter_mut().find(|(known, _)| *known == mime) {
            Some((_, before)) => *before = content,
            None => self.forms.push((mime, content)),
        }
        self
    }

    /// Adds HTML. Text that comes from data must be escaped by the caller.
    pub fn with_html(self, html: String) -> Self {
        self.with(HTML, html)
    }

    /// Adds a drawing.
    pub fn with_svg(self, svg: String) -> Self {
        self.with(SVG, svg)
    }

    /// Adds a picture, as the bytes of a PNG file.
    pub fn with_png(self, png: Vec<u8>) -> Self {
        self.with(PNG, png)
    }

    /// Tells front ends something about one of the forms. Those of Jupyter know `width` and `height`
    /// of pictures, in pixels; `isolated` of HTML, which then keeps its style to itself; `expanded`
    /// of JSON.
    ///
    /// ```
    /// let bundle = elbo::display::json([1, 2]).with_metadata("application/json", "expanded", true);
    /// assert_eq!(bundle.metadata()["application/json"]["expanded"], true);
    /// ```
    pub fn with_metadata(mut self, mime: &str, key: &str, value: impl Into<Value>) -> Self {
        let about = self.metadata.entry(mime).or_insert_with(|| Map::new().into());
        if let Value::Object(about) = about {
            about.insert(key.to_owned(), value.into());
        }
        self
    }

    /// The text form. Where none was given it is the source of another form, so that something can
    /// be seen in a terminal.
    pub fn text(&self) -> &str {
        if !self.text.is_empty() {
            return &self.text;
        }
        let first = SOURCES.iter().find_map(|mime| self.find(mime)?.text());
        let any = || self.forms.iter().find_map(|(_, content)| content.text());
        first.or_else(any).unwrap_or_default()
    }

    /// The HTML form.
    pub fn html(&self) -> Option<&str> {
        self.find(HTML)?.text()
    }

    /// The drawing.
    pub fn svg(&self) -> Option<&str> {
        self.find(SVG)?.text()
    }

    /// The picture, as the bytes of a PNG file.
    pub fn png(&self) -> Option<&[u8]> {
        self.find(PNG)?.bytes()
    }

    /// The form in this format as notebooks get it: text as it is, bytes in base64.
    pub fn get(&self, mime: &str) -> Option<Cow<'_, str>> {
        self.forms().find(|(name, _)| *name == mime).map(|(_, content)| content)
    }

    /// What front ends are told about the forms, by MIME type.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// The formats with their content as text; bytes in base64. The plain text comes first.
    pub(super) fn forms(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let richer = self.forms.iter().map(|(mime, content)| (mime.as_str(), content.encoded()));
        iter::once((PLAIN, Cow::Borrowed(self.text()))).chain(richer)
    }

    /// Adds what `other` has and this bundle has not.
    pub(super) fn or(mut self, other: &Self) -> Self {
        for (mime, content) in &other.forms {
            if self.find(mime).is_none() {
                self.forms.push((mime.clone(), content.clone()));
            }
        }
        for (mime, about) in &other.metadata {
            self.metadata.entry(mime.as_str()).or_insert_with(|| about.clone());
        }
        self
    }

    fn find(&self, mime: &str) -> Option<&Content> {
        self.forms.iter().find(|(name, _)| name == mime).map(|(_, content)| content)
    }

    /// Writes the bundle between evcxr's content markers. The text comes first: the reader of the
    /// stream takes a repeated format as the start of the next display.
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for (mime, content) in self.forms() {
            write!(out, "EVCXR_BEGIN_CONTENT {mime}\n{content}\nEVCXR_END_CONTENT\n")?;
        }
        out.flush()
    }

    /// Sends the bundle to the notebook; outside of one, prints its text.
    pub fn emit(&self) {
        // Standard output is gone only when the notebook is: nobody is left to tell.
        let _ = match notebook() {
            Notebook::Live => {
                send(&Message::Display { shown: shown(self), id: None });
                Ok(())
            }
            Notebook::Markers => self.write(&mut io::stdout().lock()),
            Notebook::Absent => writeln!(io::stdout().lock(), "{}", self.text()),
        };
    }

    /// Sends the bundle as the value of the cell's last expression.
    pub fn emit_value(&self) {
        match notebook() {
            Notebook::Live => {
                send(&Message::Value { shown: shown(self) });
            }
            _ => self.emit(),
        }
    }
}

impl RichDisplay for MimeBundle {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        Ok(self.clone())
    }
}

/// The formats whose source can be read, best first.
const SOURCES: [&str; 4] = ["text/markdown", "text/latex", "application/json", HTML];

/// A value that a notebook can show as more than text.
pub trait RichDisplay {
    /// The value in every format it has.
    ///
    /// # Errors
    /// When a picture cannot be drawn.
    fn mime_bundle(&self) -> Result<MimeBundle>;

    /// Shows the value at once, also in the middle of a cell.
    fn show(&self) {
        bundle_of(self).emit();
    }
}

/// The bundle of a value, or a note on why there is none.
pub(super) fn bundle_of(value: &(impl RichDisplay + ?Sized)) -> MimeBundle {
    value.mime_bundle().unwrap_or_else(|error| MimeBundle::new(format!("(no display: {error})")))
}

/// Gives a type the method that evcxr looks for on a cell's last expression.
macro_rules! impl_evcxr_display {
    ([$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> $type {
            /// Called by the notebook for the last expression of a cell.
            pub fn evcxr_display(&self) {
                $crate::display::RichDisplay::show(self);
            }
        }
    };
    ($type:ty) => {
        $crate::display::impl_evcxr_display!([] $type);
    };
}
pub(crate) use impl_evcxr_display;

impl_evcxr_display!(MimeBundle);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_format_stands_in_a_bundle_once_and_keeps_its_place() {
        let bundle = MimeBundle::new("old")
            .with("text/latex", "$x$")
            .with("application/json", json!({"a": [1, 2]}))
            .with("text/latex", "$y$")
            .with("text/plain", "new");
        let forms: Vec<_> = bundle.forms().collect();
        let want =
            [("text/plain", "new"), ("text/latex", "$y$"), ("application/json", "{\"a\":[1,2]}")];
        assert_eq!(forms, want.map(|(mime, content)| (mime, Cow::Borrowed(content))));
        assert_eq!(bundle.get("text/plain").as_deref(), Some("new"));
        assert_eq!(bundle.get("image/png"), None);
    }

    #[test]
    fn without_a_text_the_source_of_another_form_stands_for_it() {
        let bundle = MimeBundle::default().with("text/html", "<b>x</b>").with("text/latex", "$x$");
        assert_eq!(bundle.text(), "$x$");
        let script = MimeBundle::default().with("image/png", vec![1]).with("text/x-dot", "a -> b");
        assert_eq!(script.text(), "a -> b");
        assert_eq!(MimeBundle::default().with("image/png", vec![1]).text(), "");
    }

    #[test]
    fn metadata_is_kept_by_format() {
        let bundle = MimeBundle::new("x")
            .with_metadata("image/png", "width", 300)
            .with_metadata("image/png", "height", 200)
            .with_metadata("text/html", "isolated", true);
        let want = json!({"image/png": {"width": 300, "height": 200},
            "text/html": {"isolated": true}});
        assert_eq!(Value::Object(bundle.metadata().clone()), want);
    }

    #[test]
    fn what_one_bundle_lacks_comes_from_the_other() {
        let other = MimeBundle::new("b")
            .with("text/html", "<i>b</i>")
            .with("text/latex", "$b$")
            .with_metadata("text/html", "isolated", true);
        let both = MimeBundle::new("a").with("text/html", "<i>a</i>").or(&other);
        let want = MimeBundle::new("a")
            .with("text/html", "<i>a</i>")
            .with("text/latex", "$b$")
            .with_metadata("text/html", "isolated", true);
        assert_eq!(both, want);
    }

    #[test]
    fn every_form_stands_between_its_own_markers_and_text_comes_first() {
        let bundle = MimeBundle::new("plain").with_svg("<svg/>".into()).with_png(vec![1, 2, 3]);
        let mut out = Vec::new();
        bundle.write(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "EVCXR_BEGIN_CONTENT text/plain\nplain\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT image/svg+xml\n<svg/>\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT image/png\nAQID\nEVCXR_END_CONTENT\n"
        );
    }
}
