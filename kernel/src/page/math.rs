//! Mathematics as MathML, which browsers show without any help.

use pulldown_latex::config::DisplayMode;
use pulldown_latex::{Parser, RenderConfig, Storage, push_mathml};

use super::text::escape;

/// How a formula stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Within a line.
    Inline,
    /// On a line of its own.
    Block,
}

/// A formula in TeX as HTML. What cannot be read stays as it was written.
pub fn render(tex: &str, place: Place) -> String {
    let (tex, number) = split_tag(tex);
    let formula = convert(&tex, place)
        .unwrap_or_else(|| format!("<code class=\"tex\">{}</code>", escape(&tex)));
    let number = number.map(|number| format!("<span class=\"tag\">({})</span>", escape(number)));
    match place {
        Place::Inline => formula,
        // Wide formulas scroll on their own.
        Place::Block => {
            format!("<span class=\"formula\">{formula}{}</span>", number.unwrap_or_default())
        }
    }
}

/// LaTeX that a cell shows, as HTML: text with formulas between dollar signs or brackets, or a
/// formula alone.
pub fn render_output(source: &str) -> String {
    let source = source.trim();
    for (open, close) in [("\\[", "\\]"), ("\\(", "\\)")] {
        if let Some(tex) = between(source, open, close) {
            return render(tex, Place::Block);
        }
    }
    if !source.contains('$') {
        return render(source, Place::Block);
    }
    // A formula stands between an odd mark and an even one.
    let blocks = source.split("$$").enumerate().map(|(index, part)| match index % 2 {
        0 => with_inline(part),
        _ => render(part, Place::Block),
    });
    blocks.collect()
}

/// What stands between two marks at the ends, if they stand only there.
fn between<'s>(source: &'s str, open: &str, close: &str) -> Option<&'s str> {
    let inner = source.strip_prefix(open)?.strip_suffix(close)?;
    (!inner.contains(open)).then_some(inner)
}

fn with_inline(text: &str) -> String {
    let parts = text.split('$').enumerate().map(|(index, part)| match index % 2 {
        0 => escape(part),
        _ => render(part, Place::Inline),
    });
    parts.collect()
}

/// Takes the `\tag{…}` out, which the converter does not know.
fn split_tag(tex: &str) -> (String, Option<&str>) {
    let parts = tex.split_once("\\tag{").and_then(|(before, rest)| {
        let (number, after) = rest.split_once('}')?;
        Some((format!("{before}{after}"), Some(number)))
    });
    parts.unwrap_or_else(|| (tex.to_owned(), None))
}

fn convert(tex: &str, place: Place) -> Option<String> {
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(tex, &storage).collect();
    if events.iter().any(Result::is_err) {
        return None;
    }
    let display_mode = match place {
        Place::Inline => DisplayMode::Inline,
        Place::Block => DisplayMode::Block,
    };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut html = String::new();
    push_mathml(&mut html, events.into_iter(), config).ok()?;
    // The converter escapes the entity with which it writes TeX's fixed spaces.
    Some(html.replace("&amp;nbsp;", "\u{a0}"))
}
