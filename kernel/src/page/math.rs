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
    convert(tex, place).unwrap_or_else(|| format!("<code class=\"tex\">{}</code>", escape(tex)))
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
    Some(html)
}
