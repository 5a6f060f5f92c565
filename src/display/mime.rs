//! MIME bundles: one value in several formats, of which the front end shows the richest it can.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::channel::{Message, Notebook, forms, notebook, send};
use crate::error::Result;

/// One display: always a text, and richer forms where there are any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MimeBundle {
    text: String,
    html: Option<String>,
    svg: Option<String>,
    png: Option<Vec<u8>>,
}

impl MimeBundle {
    /// A display with its text form, shown where nothing richer can be.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Adds HTML. Text that comes from data must be escaped by the caller.
    pub fn with_html(self, html: String) -> Self {
        Self { html: Some(html), ..self }
    }

    /// Adds a drawing.
    pub fn with_svg(self, svg: String) -> Self {
        Self { svg: Some(svg), ..self }
    }

    /// Adds a picture, as the bytes of a PNG file.
    pub fn with_png(self, png: Vec<u8>) -> Self {
        Self { png: Some(png), ..self }
    }

    /// The text form.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The HTML form.
    pub fn html(&self) -> Option<&str> {
        self.html.as_deref()
    }

    /// The drawing.
    pub fn svg(&self) -> Option<&str> {
        self.svg.as_deref()
    }

    /// The picture, as the bytes of a PNG file.
    pub fn png(&self) -> Option<&[u8]> {
        self.png.as_deref()
    }

    /// The formats with their content as text; pictures in base64. The plain text comes first.
    pub(super) fn forms(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let png = self.png.as_ref().map(|png| Cow::Owned(STANDARD.encode(png)));
        let forms = [
            ("text/plain", Some(Cow::Borrowed(self.text.as_str()))),
            ("text/html", self.html.as_deref().map(Cow::Borrowed)),
            ("image/svg+xml", self.svg.as_deref().map(Cow::Borrowed)),
            ("image/png", png),
        ];
        forms.into_iter().filter_map(|(mime, content)| Some((mime, content?)))
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
                send(&Message::Display { forms: forms(self), id: None });
                Ok(())
            }
            Notebook::Markers => self.write(&mut io::stdout().lock()),
            Notebook::Absent => writeln!(io::stdout().lock(), "{}", self.text),
        };
    }

    /// Sends the bundle as the value of the cell's last expression.
    pub fn emit_value(&self) {
        match notebook() {
            Notebook::Live => {
                send(&Message::Value { forms: forms(self) });
            }
            _ => self.emit(),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
