//! The lines that the prompt itself understands. All other lines are cells.

/// What `:help` says of the prompt, before the commands of cells.
pub const HELP: &str = "\
Type Rust. Enter runs the cell when it is complete and opens another line when it is not.
The value of the last expression is shown. Variables, functions and imports stay.

  Tab        complete a name            Up, Ctrl-R   earlier cells
  Right      take the grey hint         Alt-Enter    a new line in any case
  Ctrl-C     clear the cell; while it runs: stop it; once more: end its process
  Ctrl-D     leave

";

/// One line of input.
#[derive(Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Nothing to do.
    Nothing,
    /// Show the help, and the cells' own.
    Help,
    /// Show or hide times.
    Timing,
    /// Leave.
    Quit,
    /// Run this; lines with other commands are the evaluator's business.
    Cell(&'a str),
}

impl<'a> Command<'a> {
    /// Understands what was typed.
    pub fn parse(text: &'a str) -> Self {
        let line = text.trim();
        if line.contains('\n') {
            return Self::Cell(text);
        }
        match line.split_whitespace().next().unwrap_or_default() {
            "" => Self::Nothing,
            ":help" | ":h" | ":?" => Self::Help,
            ":timing" => Self::Timing,
            ":quit" | ":q" | ":exit" => Self::Quit,
            _ => Self::Cell(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_commands_are_known_and_all_else_is_a_cell() {
        assert_eq!(Command::parse("  \n"), Command::Nothing);
        assert_eq!(Command::parse(":help\n"), Command::Help);
        assert_eq!(Command::parse(":q"), Command::Quit);
        for cell in [":vars", ":dep rand = \"0.9\"", "1 + 1", ":helpless", ":timing\n1"] {
            assert_eq!(Command::parse(cell), Command::Cell(cell));
        }
    }
}
