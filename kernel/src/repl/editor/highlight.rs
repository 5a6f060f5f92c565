//! Colours for Rust code at the prompt, out of the terminal's own palette.

use std::sync::{Mutex, OnceLock, PoisonError};

use nu_ansi_term::{Color, Style};
use reedline::{Highlighter, StyledText};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};
use syntect::util::LinesWithEndings;

use super::keys::Seen;

/// Kinds of text and their colours; of several that fit, the first one counts.
const COLOURS: [(&str, Color); 10] = [
    ("comment", Color::DarkGray),
    ("string", Color::Green),
    ("constant.character", Color::Green),
    ("constant", Color::Cyan),
    ("entity.name.function", Color::Blue),
    ("support.function", Color::Blue),
    ("support.macro", Color::Blue),
    ("support.type", Color::Yellow),
    ("storage", Color::Magenta),
    ("keyword", Color::Magenta),
];

/// Highlights line by line, and only the lines that have changed.
pub struct RustHighlighter {
    seen: Seen,
    lines: Mutex<Vec<Line>>,
}

/// A line that has been highlighted.
struct Line {
    text: String,
    pieces: Vec<(Style, String)>,
    /// Where the parser stands at its end.
    state: ParseState,
    stack: ScopeStack,
}

impl RustHighlighter {
    /// Tells what it paints to those who must know.
    pub fn new(seen: Seen) -> Self {
        // Reading the syntaxes takes a moment, which the user does not yet need.
        std::thread::spawn(grammar);
        Self { seen, lines: Mutex::default() }
    }
}

impl Highlighter for RustHighlighter {
    fn highlight(&self, code: &str, cursor: usize) -> StyledText {
        self.seen.set(code, cursor);
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut styled = StyledText::new();
        if highlight_lines(code, &mut lines).is_none() {
            styled.push((Style::new(), code.to_owned()));
            return styled;
        }
        for piece in lines.iter().flat_map(|line| &line.pieces) {
            styled.push(piece.clone());
        }
        styled
    }
}

/// Brings the lines up to date with the code. `None` if it cannot be highlighted.
fn highlight_lines(code: &str, lines: &mut Vec<Line>) -> Option<()> {
    let texts = LinesWithEndings::from(code);
    let same = texts.zip(lines.iter()).take_while(|(text, line)| *text == line.text).count();
    lines.truncate(same);
    for text in LinesWithEndings::from(code).skip(same) {
        let line = highlight_line(text, lines.last())?;
        lines.push(line);
    }
    Some(())
}

fn highlight_line(text: &str, before: Option<&Line>) -> Option<Line> {
    let (syntaxes, rust) = grammar().as_ref()?;
    let (mut state, mut stack) = match before {
        Some(line) => (line.state.clone(), line.stack.clone()),
        None => (ParseState::new(rust), ScopeStack::new()),
    };
    let mut pieces = Vec::new();
    let mut start = 0;
    // An evaluator's command is not Rust.
    if text.trim_start().starts_with(':') && before.is_none() {
        pieces.push((Color::Magenta.normal(), text.to_owned()));
        return Some(Line { text: text.to_owned(), pieces, state, stack });
    }
    for (end, change) in state.parse_line(text, syntaxes).ok()? {
        if end > start {
            pieces.push((style(&stack), text.get(start..end)?.to_owned()));
            start = end;
        }
        stack.apply(&change).ok()?;
    }
    pieces.push((style(&stack), text.get(start..)?.to_owned()));
    Some(Line { text: text.to_owned(), pieces, state, stack })
}

/// The innermost kind that has a colour decides.
fn style(stack: &ScopeStack) -> Style {
    let known = palette();
    let colour = stack.as_slice().iter().rev().find_map(|scope| {
        known.iter().find(|(kind, _)| kind.is_prefix_of(*scope)).map(|(_, colour)| *colour)
    });
    colour.map_or_else(Style::new, Color::normal)
}

fn palette() -> &'static [(Scope, Color)] {
    static PALETTE: OnceLock<Vec<(Scope, Color)>> = OnceLock::new();
    PALETTE.get_or_init(|| {
        let known =
            COLOURS.iter().filter_map(|(kind, colour)| Some((Scope::new(kind).ok()?, *colour)));
        known.collect()
    })
}

fn grammar() -> &'static Option<(SyntaxSet, SyntaxReference)> {
    static GRAMMAR: OnceLock<Option<(SyntaxSet, SyntaxReference)>> = OnceLock::new();
    GRAMMAR.get_or_init(|| {
        let syntaxes = SyntaxSet::load_defaults_newlines();
        let rust = syntaxes.find_syntax_by_token("rust")?.clone();
        Some((syntaxes, rust))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coloured(code: &str) -> Vec<(String, Option<Color>)> {
        let styled = RustHighlighter::new(Seen::default()).highlight(code, 0);
        styled.buffer.into_iter().map(|(style, text)| (text, style.foreground)).collect()
    }

    #[test]
    fn keywords_strings_numbers_and_comments_have_their_colours() {
        let pieces = coloured("let a = \"x\"; // 12\n34");
        let colour = |part: &str| {
            pieces.iter().find(|(text, _)| text.contains(part)).and_then(|(_, colour)| *colour)
        };
        assert_eq!(colour("let"), Some(Color::Magenta));
        assert_eq!(colour("x"), Some(Color::Green));
        assert_eq!(colour("12"), Some(Color::DarkGray));
        assert_eq!(colour("34"), Some(Color::Cyan));
    }

    #[test]
    fn no_text_is_lost_or_changed_also_when_a_line_changes() {
        let highlighter = RustHighlighter::new(Seen::default());
        for code in ["", "fn f() {\n    \"µ\n\n\" }", "fn f() {\n    \"µ\n12\n\" } // é", ":dep a"]
        {
            let pieces = highlighter.highlight(code, 0).buffer;
            let text: String = pieces.into_iter().map(|(_, text)| text).collect();
            assert_eq!(text, code);
        }
    }
}
