//! Highlighted code, by classes whose colours follow the reader's light or dark mode.

use syntect::highlighting::ThemeSet;
use syntect::html::{ClassStyle, ClassedHTMLGenerator, css_for_theme_with_class_style};
use syntect::parsing::SyntaxSet;
use syntect::util::LinesWithEndings;

use super::text::escape;

const CLASSES: ClassStyle = ClassStyle::SpacedPrefixed { prefix: "hl-" };
const LIGHT: &str = "InspiredGitHub";
const DARK: &str = "base16-ocean.dark";

/// Knows the syntaxes. Expensive to make: make one per page.
pub struct Highlighter {
    syntaxes: SyntaxSet,
}

impl Highlighter {
    /// With the syntaxes of the usual languages.
    pub fn new() -> Self {
        Self { syntaxes: SyntaxSet::load_defaults_newlines() }
    }

    /// Code as HTML to be put into `<code>`. Unknown languages are only escaped.
    pub fn highlight(&self, code: &str, language: &str) -> String {
        self.classed(code, language).unwrap_or_else(|| escape(code))
    }

    fn classed(&self, code: &str, language: &str) -> Option<String> {
        let syntax = self.syntaxes.find_syntax_by_token(language)?;
        let mut html = ClassedHTMLGenerator::new_with_class_style(syntax, &self.syntaxes, CLASSES);
        for line in LinesWithEndings::from(code) {
            html.parse_html_for_line_which_includes_newline(line).ok()?;
        }
        Some(html.finalize())
    }

    /// The colours of both modes.
    pub fn style(&self) -> String {
        let themes = ThemeSet::load_defaults();
        let css = |name: &str| {
            let theme = themes.themes.get(name);
            theme.and_then(|theme| css_for_theme_with_class_style(theme, CLASSES).ok())
        };
        let (light, dark) = (css(LIGHT).unwrap_or_default(), css(DARK).unwrap_or_default());
        // Each in its own mode: a rule of one theme must not show through the other.
        format!(
            "@media not (prefers-color-scheme: dark) {{\n{light}}}\n\
             @media (prefers-color-scheme: dark) {{\n{dark}}}\n"
        )
    }
}
