//! The result of one check.

/// How wide the names of the checks are.
const WIDTH: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ok,
    Note,
    Problem { is_in_the_way: bool },
}

/// The result of one check, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    topic: &'static str,
    state: State,
    text: String,
    advice: Option<String>,
}

impl Finding {
    /// All is well.
    pub fn ok(topic: &'static str, text: impl Into<String>) -> Self {
        Self { topic, state: State::Ok, text: text.into(), advice: None }
    }

    /// Nothing is wrong, but something may be worth knowing.
    pub fn note(topic: &'static str, text: impl Into<String>) -> Self {
        Self { state: State::Note, ..Self::ok(topic, text) }
    }

    /// Something is to be mended. Cells run all the same.
    pub fn problem(
        topic: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let state = State::Problem { is_in_the_way: false };
        Self { state, ..Self::ok(topic, text) }.advise(advice)
    }

    /// Something is to be mended before a cell can run.
    pub fn obstacle(
        topic: &'static str,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let state = State::Problem { is_in_the_way: true };
        Self { state, ..Self::ok(topic, text) }.advise(advice)
    }

    /// Says what to do.
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Whether cells cannot run for this reason.
    pub fn is_in_the_way(&self) -> bool {
        self.state == State::Problem { is_in_the_way: true }
    }

    /// As one line, and a second one with the advice.
    pub fn render(&self, colours: bool) -> String {
        let (word, colour) = match self.state {
            State::Ok => ("ok", "32"),
            State::Note => ("note", "33"),
            State::Problem { .. } => ("problem", "1;31"),
        };
        let word = format!("{word:<7}");
        let word = if colours { format!("\x1b[{colour}m{word}\x1b[0m") } else { word };
        let mut text = format!("{word}  {:<WIDTH$}  {}", self.topic, self.text);
        if let Some(advice) = &self.advice {
            let indent = " ".repeat("problem  ".len() + WIDTH + 2);
            text.push_str(&format!("\n{indent}→ {advice}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_and_its_advice_stands_below() {
        let text = Finding::obstacle("linker", "cc is missing", "install it").render(false);
        let expected = format!("problem  linker        cc is missing\n{:23}→ install it", "");
        assert_eq!(text, expected);
        let text = Finding::ok("linker", "works").render(true);
        assert_eq!(text, "\u{1b}[32mok     \u{1b}[0m  linker        works");
    }

    #[test]
    fn only_an_obstacle_is_in_the_way_of_cells() {
        assert!(Finding::obstacle("a", "b", "c").is_in_the_way());
        assert!(!Finding::problem("a", "b", "c").is_in_the_way());
        assert!(!Finding::note("a", "b").advise("c").is_in_the_way());
    }
}
