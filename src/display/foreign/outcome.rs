//! Values that may be missing, and values that may have become an error.

use std::fmt::Display;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    display::{MimeBundle, RichDisplay, data_table::FAINT, text::escape},
    error::Result,
};

/// The value under the word `Some`, or the word `None`.
///
/// ```
/// use elbo::{display::RichDisplay, ndarray::{Array1, array}};
/// let nothing: Option<Array1<f64>> = None;
/// assert_eq!(nothing.mime_bundle()?.text(), "None");
/// let text = "Some\nArray of i32, shape [2]\n[1, 2]";
/// assert_eq!(Some(array![1, 2]).mime_bundle()?.text(), text);
/// # Ok::<(), elbo::Error>(())
/// ```
impl<T: RichDisplay> RichDisplay for Option<T> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        match self {
            Some(value) => Ok(captioned("Some", &value.mime_bundle()?)),
            None => Ok(MimeBundle::new("None")),
        }
    }
}

/// The value under the word `Ok`, or the error's message.
///
/// ```
/// use elbo::{Error, display::RichDisplay, ndarray::Array1};
/// let failed: Result<Array1<f64>, Error> =
///     Err(Error::Drawing { message: "the ink is dry".to_owned() });
/// let text = "Err: the picture could not be drawn: the ink is dry";
/// assert_eq!(failed.mime_bundle()?.text(), text);
/// # Ok::<(), elbo::Error>(())
/// ```
impl<T: RichDisplay, E: Display> RichDisplay for std::result::Result<T, E> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        match self {
            Ok(value) => Ok(captioned("Ok", &value.mime_bundle()?)),
            Err(error) => Ok(failure(error)),
        }
    }
}

/// The display with words above it. Only text and HTML have room for them, so pictures are put into
/// HTML too.
pub(crate) fn captioned(words: &str, inner: &MimeBundle) -> MimeBundle {
    let mut bundle = MimeBundle::new(format!("{words}\n{}", inner.text()));
    let picture = |png| {
        let (data, about) = (STANDARD.encode(png), escape(inner.text()));
        format!("<img src=\"data:image/png;base64,{data}\" alt=\"{about}\">")
    };
    let content = (inner.html().map(str::to_owned))
        .or_else(|| inner.svg().map(str::to_owned))
        .or_else(|| inner.png().map(picture));
    if let Some(content) = content {
        let caption =
            format!("<div style=\"font:.85em monospace;{FAINT}\">{}</div>", escape(words));
        bundle = bundle.with_html(format!("{caption}\n{content}"));
    }
    bundle.or(inner)
}

/// The message of an error, in a box.
pub(in crate::display) fn failure(error: &dyn Display) -> MimeBundle {
    let message = error.to_string();
    let lines: Vec<String> = message.lines().map(escape).collect();
    let html = format!(
        "<div style=\"border:1px solid {RED};border-left-width:4px;border-radius:4px;\
         padding:.4em .8em;white-space:pre-wrap\"><b style=\"color:{RED}\">Err</b> {}</div>",
        lines.join("\n")
    );
    MimeBundle::new(format!("Err: {message}")).with_html(html)
}

/// Seen on a light and on a dark page: the contrast to white and to near-black is above 4.
const RED: &str = "#E5484D";

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2, array};

    use super::*;

    #[test]
    fn a_caption_stands_above_tables_and_pictures() {
        let inner = array![1, 2].mime_bundle().unwrap();
        let bundle = Some(array![1, 2]).mime_bundle().unwrap();
        let caption = "<div style=\"font:.85em monospace;opacity:.6\">Some</div>\n";
        assert_eq!(bundle.html().unwrap(), format!("{caption}{}", inner.html().unwrap()));
        let map = Array2::<f32>::zeros((20, 20));
        let bundle = Ok::<_, String>(&map).mime_bundle().unwrap();
        assert!(bundle.html().unwrap().contains(">Ok</div>\n<svg "));
        assert_eq!(bundle.png(), map.mime_bundle().unwrap().png());
        let picture = Some(image::DynamicImage::new_luma8(2, 2)).mime_bundle().unwrap();
        assert!(picture.html().unwrap().contains("<img src=\"data:image/png;base64,"));
    }

    #[test]
    fn an_error_shows_its_message_and_not_its_debug_form() {
        let failed: Result<Array1<f64>, _> = "seven".parse::<i32>().map(|_| array![1.0]);
        let bundle = failed.mime_bundle().unwrap();
        assert_eq!(bundle.text(), "Err: invalid digit found in string");
        let want = "<div style=\"border:1px solid #E5484D;border-left-width:4px;\
            border-radius:4px;padding:.4em .8em;white-space:pre-wrap\">\
            <b style=\"color:#E5484D\">Err</b> invalid digit found in string</div>";
        assert_eq!(bundle.html().unwrap(), want);
    }

    #[test]
    fn the_message_is_escaped_and_keeps_its_lines() {
        let html = failure(&"no <b>\nhere & there").html().unwrap().to_owned();
        assert!(html.contains("</b> no &lt;b&gt;\nhere &amp; there</div>"), "{html}");
    }

    #[test]
    #[cfg(feature = "polars")]
    fn an_error_of_polars_reads_well() {
        let frame = polars::prelude::DataFrame::empty();
        let bundle = frame.column("height").mime_bundle().unwrap();
        assert!(bundle.text().starts_with("Err: "), "{}", bundle.text());
        assert!(bundle.text().contains("height") && !bundle.text().contains("ErrString"));
    }
}
