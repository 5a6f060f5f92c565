//! Cells from a file or another program: text goes out, and the first error ends it.

use std::io::{self, BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::Setup;
use super::commands::{Command, HELP};
use crate::engine::{CellError, Completeness, Interrupter, Options, Output, Session, completeness};
use crate::prelude::{Extent, Prelude, Progress};
use crate::relay::MimeBundle;

/// Runs all cells of standard input.
pub fn run(setup: Setup) -> Result<ExitCode> {
    let folder = std::env::current_dir().context("the current folder is gone")?;
    let mut options = Options { working_folder: Some(folder), ..Options::default() };
    if setup.with_prelude {
        // What the cells will need nobody knows, and nobody waits for a picture.
        options.prelude = Some(Prelude::prepare(Extent::Whole, &mut Progress::Terminal)?);
    }
    let mut session = Session::start(setup.folder, options)?;
    stop_on_interrupt(session.interrupter())?;
    let mut input = stdin().lock();
    while let Some(cell) = next_cell(&mut input).context("the input cannot be read")? {
        match Command::parse(&cell) {
            Command::Nothing => {}
            Command::Quit => break,
            Command::Help => {
                Text::default().block(HELP)?;
                // The commands of cells are the session's to tell.
                execute(&mut session, ":help")?.map_err(|error| anyhow::anyhow!("{error}"))?;
            }
            // Times are for people.
            Command::Timing => {}
            Command::Cell(code) => {
                if let Err(error) = execute(&mut session, code)? {
                    eprintln!("{}", error.traceback(stderr().is_terminal()));
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The next lines that are complete together, or all that is left.
fn next_cell(input: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut cell = String::new();
    while input.read_line(&mut cell)? > 0 {
        if completeness(&cell) != Completeness::Incomplete {
            return Ok(Some(cell));
        }
    }
    Ok((!cell.is_empty()).then_some(cell))
}

/// Runs one cell. The outer error is one of writing.
fn execute(session: &mut Session, code: &str) -> io::Result<Result<(), CellError>> {
    let mut text = Text::default();
    let mut written = Ok(());
    let result = session.execute(code, &mut |output: Output| {
        if written.is_ok() {
            written = text.output(output);
        }
    });
    written.and_then(|()| text.finish()).map(|()| result)
}

/// What one cell shows, as text.
#[derive(Default)]
struct Text {
    in_line: bool,
    /// The last content of displays that have changed since they were written.
    updated: Vec<(String, MimeBundle)>,
}

impl Text {
    fn output(&mut self, output: Output) -> io::Result<()> {
        match output {
            Output::Stdout(text) => {
                self.in_line = !text.ends_with('\n');
                stdout().write_all(text.as_bytes())?;
                stdout().flush()
            }
            Output::Stderr(text) => stderr().write_all(text.as_bytes()),
            Output::Value(bundle) | Output::Display { bundle, .. } => self.block(&plain(&bundle)),
            Output::Update { bundle, id } => {
                self.updated.retain(|(known, _)| *known != id);
                self.updated.push((id, bundle));
                Ok(())
            }
            // What has been written cannot be taken away.
            Output::Clear { .. } => Ok(()),
        }
    }

    /// Writes text as whole lines.
    fn block(&mut self, text: &str) -> io::Result<()> {
        let mut out = stdout().lock();
        if std::mem::take(&mut self.in_line) {
            writeln!(out)?;
        }
        if text.is_empty() { Ok(()) } else { writeln!(out, "{}", text.trim_end_matches('\n')) }
    }

    fn finish(&mut self) -> io::Result<()> {
        for (_, bundle) in std::mem::take(&mut self.updated) {
            self.block(&plain(&bundle))?;
        }
        Ok(())
    }
}

/// The text of a display, or at least what kind of display it is.
fn plain(bundle: &MimeBundle) -> String {
    let other = || bundle.iter().next().map_or_else(String::new, |(mime, _)| format!("({mime})"));
    bundle.as_text().map_or_else(other, |text| text.into_owned())
}

/// Ctrl-C stops the running cell, which then ends the run.
fn stop_on_interrupt(interrupter: Interrupter) -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            if interrupter.interrupt().is_err() {
                std::process::exit(130);
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_belong_together_are_one_cell() {
        let mut input = "1 + 1\nfn f() {\n\n1 }\nlet x = (\n".as_bytes();
        let mut cells = Vec::new();
        while let Some(cell) = next_cell(&mut input).unwrap() {
            cells.push(cell);
        }
        assert_eq!(cells, ["1 + 1\n", "fn f() {\n\n1 }\n", "let x = (\n"]);
    }
}
