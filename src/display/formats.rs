//! Displays of one format, made from its source.

use std::{
    fmt,
    io::{self, Cursor, Write},
};

use image::ImageReader;
use serde::Serialize;

use super::{MimeBundle, packed::Packed};

/// Text in Markdown, which may hold formulas between dollar signs. In a terminal it is its source.
///
/// ```
/// use elbo::display::{self, RichDisplay};
/// display::markdown("**Bound**: $\\log p(x) \\ge \\mathcal{L}$").show();
/// ```
pub fn markdown(source: impl Into<String>) -> MimeBundle {
    let source = source.into();
    MimeBundle::new(source.clone()).with("text/markdown", source)
}

/// A formula in LaTeX, on a line of its own unless the source says otherwise by `$` or `\(`. In a
/// terminal it is its source.
///
/// ```
/// let formula = elbo::display::latex("\\frac{a}{b}");
/// assert_eq!(formula.text(), "\\frac{a}{b}");
/// assert_eq!(formula.get("text/latex").as_deref(), Some("$$\\frac{a}{b}$$"));
/// ```
pub fn latex(source: impl Into<String>) -> MimeBundle {
    let source = source.into();
    let says_where = ["$", "\\(", "\\[", "\\begin{"].iter().any(|mark| source.contains(mark));
    let formula = if says_where { source.clone() } else { format!("$${source}$$") };
    MimeBundle::new(source).with("text/latex", formula)
}

/// HTML. Text that comes from data must be escaped by the caller. In a terminal it is its source.
///
/// ```
/// assert_eq!(elbo::display::html("<b>7</b>").html(), Some("<b>7</b>"));
/// ```
pub fn html(source: impl Into<String>) -> MimeBundle {
    let source = source.into();
    MimeBundle::new(source.clone()).with_html(source)
}

/// Anything that serde can serialise, as JSON: a tree in a notebook, lines of text elsewhere.
///
/// A value that JSON cannot hold, such as a map whose keys are lists, is a note that says so.
///
/// ```
/// use std::collections::BTreeMap;
/// let bundle = elbo::display::json(&BTreeMap::from([("epochs", 50), ("seed", 7)]));
/// assert_eq!(bundle.text(), "{\n  \"epochs\": 50,\n  \"seed\": 7\n}");
/// ```
pub fn json(value: impl Serialize) -> MimeBundle {
    match serde_json::to_string(&value) {
        Ok(text) => MimeBundle::new(pretty(&value)).with("application/json", text),
        Err(error) => MimeBundle::new(format!("(no display: {error})")),
    }
}

/// A drawing. In a terminal that knows no pictures it is its title.
///
/// ```
/// let drawing = "<svg xmlns='http://www.w3.org/2000/svg'><title>a star</title></svg>";
/// assert_eq!(elbo::display::svg(drawing).text(), "SVG drawing: a star");
/// ```
pub fn svg(source: impl Into<String>) -> MimeBundle {
    let source = source.into();
    let title = source.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    let about = match title.map(|(title, _)| title.trim()) {
        Some(title) if !title.is_empty() => format!("SVG drawing: {title}"),
        _ => "SVG drawing".to_owned(),
    };
    MimeBundle::new(about).with_svg(source)
}

/// A picture, as the bytes of a PNG file.
///
/// ```no_run
/// use elbo::display::{self, RichDisplay};
/// let picture = display::png(std::fs::read("plot.png")?);
/// picture.with_metadata("image/png", "width", 300).show();
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn png(file: impl Into<Vec<u8>>) -> MimeBundle {
    picture("PNG", "image/png", file.into())
}

/// A picture, as the bytes of a JPEG file.
///
/// ```no_run
/// let photo = elbo::display::jpeg(std::fs::read("photo.jpg")?);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn jpeg(file: impl Into<Vec<u8>>) -> MimeBundle {
    picture("JPEG", "image/jpeg", file.into())
}

fn picture(name: &str, mime: &str, file: Vec<u8>) -> MimeBundle {
    let reader = ImageReader::new(Cursor::new(&file)).with_guessed_format();
    let size = reader.ok().and_then(|reader| reader.into_dimensions().ok());
    let about = match size {
        Some((width, height)) => format!("{name} picture, {width} wide and {height} high"),
        None => format!("{name} picture"),
    };
    MimeBundle::new(about).with(mime, file)
}

/// JSON in lines for people. Of much of it the beginning, or all but the middle.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut text = Packed::default();
    // It fails when it is full, and else as the compact form does, which was made before.
    let _ = serde_json::to_writer_pretty(Bytes(&mut text), value);
    text.finish()
}

/// Takes in text as bytes.
struct Bytes<'a>(&'a mut Packed);

impl Write for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        fmt::Write::write_str(self.0, text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::display::RichDisplay;

    fn forms(bundle: &MimeBundle) -> Vec<(String, String)> {
        let forms = bundle.forms();
        forms.map(|(mime, content)| (mime.to_owned(), content.into_owned())).collect()
    }

    #[test]
    fn a_formula_is_marked_as_one_unless_its_source_says_where_it_stands() {
        let marked = |source: &str| latex(source).get("text/latex").unwrap().into_owned();
        assert_eq!(marked("x^2"), "$$x^2$$");
        for source in ["$x$", "so \\(x\\)", "\\[x\\]", "\\begin{align}x\\end{align}"] {
            assert_eq!(marked(source), source);
        }
    }

    #[test]
    fn json_is_one_line_for_programs_and_few_lines_for_people() {
        #[derive(Serialize)]
        struct Trial {
            name: &'static str,
            times: Vec<u32>,
        }
        let trial = Trial { name: "a: [b]", times: (0..40).collect() };
        let bundle = json(&trial);
        let text = bundle.get("application/json").unwrap();
        assert!(text.starts_with("{\"name\":\"a: [b]\",\"times\":[0,1,2,"), "{text}");
        let lines: Vec<&str> = bundle.text().lines().collect();
        assert_eq!(lines[..3], ["{", "  \"name\": \"a: [b]\",", "  \"times\": ["]);
        assert!(lines[3].starts_with("    0, 1, 2, 3, "), "{lines:?}");
        assert_eq!((lines.len(), lines[5], lines[6]), (7, "  ]", "}"));
    }

    #[test]
    fn much_json_is_read_to_the_end_by_programs_only() {
        let rows: Vec<_> = (0..2000).map(|row| json!({"row": row})).collect();
        let bundle = json(&rows);
        let count = bundle.get("application/json").unwrap().matches("row").count();
        assert_eq!(count, 2000);
        assert_eq!(bundle.text().lines().count(), 1001);
        assert!(bundle.text().contains("\n… 5,002 lines left out …\n"));
    }

    #[test]
    fn what_json_cannot_hold_is_a_note() {
        let odd = std::collections::BTreeMap::from([(vec![1], 2)]);
        assert_eq!(
            forms(&json(odd)),
            [("text/plain".to_owned(), "(no display: key must be a string)".to_owned())]
        );
    }

    #[test]
    fn pictures_tell_their_size() {
        let small = image::DynamicImage::new_luma8(200, 150).mime_bundle().unwrap();
        let bundle = png(small.png().unwrap());
        assert_eq!(bundle.text(), "PNG picture, 200 wide and 150 high");
        assert_eq!(bundle.png(), small.png());
        let odd = jpeg([1, 2, 3]);
        let want = [("text/plain", "JPEG picture"), ("image/jpeg", "AQID")];
        assert_eq!(forms(&odd), want.map(|(mime, content)| (mime.into(), content.into())));
    }

    #[test]
    fn sources_are_shown_where_nothing_else_can_be() {
        assert_eq!(markdown("# a").text(), "# a");
        assert_eq!(html("<i>a</i>").text(), "<i>a</i>");
        assert_eq!(svg("<svg/>").text(), "SVG drawing");
        assert_eq!(svg("<svg/>").svg(), Some("<svg/>"));
    }
}
