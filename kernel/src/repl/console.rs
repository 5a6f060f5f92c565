//! The conversation with a person at a terminal.

use std::io::{Stdout, stdout};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use reedline::{Reedline, Signal};

use super::Setup;
use super::commands::{Command, HELP};
use super::editor::{NotebookPrompt, Wake, editor};
use super::keyboard::Unechoed;
use super::picture::{Pictures, Size};
use super::question;
use super::screen::Screen;
use super::spinner::Spinner;
use super::worker::{Job, Report, Shared, Stage, Worker};
use crate::engine::{Answer, CellError, Question};

/// How long to wait for news before drawing what has waited.
const TICK: Duration = Duration::from_millis(50);
/// How long the session may take to end.
const FAREWELL: Duration = Duration::from_secs(3);
/// How evcxr reports that the compiler has ended without a word: it was interrupted too.
const COMPILER_STOPPED: &str = "Compilation failed, but no parsable errors were found";

/// Talks until the user leaves.
pub fn run(setup: Setup) -> Result<ExitCode> {
    println!("elbo {}: type Rust, or :help. Ctrl-D leaves.", env!("CARGO_PKG_VERSION"));
    let wake = Wake::default();
    let own = wake.clone();
    let worker = Worker::start(setup, move |stage| match stage {
        Stage::Failed(_) => own.stop(),
        Stage::Starting(_) | Stage::Ready => own.repaint(),
    });
    forward_interrupts(worker.shared())?;
    let with_colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let prompt = NotebookPrompt::new(worker.shared());
    let editor = editor(&worker, &prompt, &wake, with_colours)?;
    let screen = Screen::new(stdout(), Pictures::new(), Size::of_terminal);
    let mut console = Console { worker, editor, prompt, screen, with_times: false, with_colours };
    let result = console.talk();
    let Console { worker, editor, .. } = console;
    // As long as it lives, it can give the session work.
    drop(editor);
    worker.end_within(FAREWELL);
    result.map(|()| ExitCode::SUCCESS)
}

/// Ctrl-C while a cell runs. At the prompt it is an ordinary key.
fn forward_interrupts(shared: Arc<Shared>) -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
    std::thread::spawn(move || signals.forever().for_each(|_| shared.interrupt()));
    Ok(())
}

struct Console {
    worker: Worker,
    editor: Reedline,
    prompt: NotebookPrompt,
    screen: Screen<Stdout>,
    with_times: bool,
    with_colours: bool,
}

impl Console {
    fn talk(&mut self) -> Result<()> {
        loop {
            match self.editor.read_line(&self.prompt)? {
                Signal::Success(text) => {
                    // Kept now: a terminal may be closed without a farewell. The history is not
                    // worth a word when it cannot be written.
                    let _ = self.editor.sync_history();
                    if !self.obey(&text)? {
                        return Ok(());
                    }
                }
                Signal::CtrlD => return Ok(()),
                // Only a session that failed to start breaks in.
                Signal::ExternalBreak(_) => {
                    println!();
                    return Err(self.worker.why_gone());
                }
                _ => {}
            }
        }
    }

    /// Does what the line says; false if it says to leave.
    fn obey(&mut self, text: &str) -> Result<bool> {
        match Command::parse(text) {
            Command::Nothing => {}
            Command::Help => {
                self.screen.line(HELP)?;
                // The commands of cells are the session's to tell.
                self.execute(":help")?.map_err(|error| anyhow::anyhow!("{error}"))?;
            }
            Command::Timing => {
                self.with_times = !self.with_times;
                let word = if self.with_times { "shown" } else { "hidden" };
                self.screen.line(&format!("times are {word} from now on"))?;
            }
            Command::Quit => return Ok(false),
            Command::Cell(code) => self.run_cell(code)?,
        }
        Ok(true)
    }

    fn run_cell(&mut self, code: &str) -> Result<()> {
        self.prompt.advance();
        let begun = Instant::now();
        let result = self.execute(code)?;
        let elapsed = begun.elapsed();
        if let Err(error) = result {
            self.screen.line(&error.traceback(self.with_colours))?;
        }
        if self.with_times {
            let time = format!("{:.2} s", elapsed.as_secs_f64());
            let dim = if self.with_colours { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
            self.screen.line(&format!("{}{time}{}", dim.0, dim.1))?;
        }
        Ok(())
    }

    /// Runs a cell and shows what it shows. The outer error ends the conversation.
    fn execute(&mut self, code: &str) -> Result<Result<(), CellError>> {
        let _silent = Unechoed::begin();
        let shared = self.worker.shared();
        shared.take_interrupted();
        // A session that has ended is noticed by its missing reports.
        let _ = self.worker.jobs().send(Job::Execute(code.to_owned()));
        let mut spinner = Spinner::begin();
        let result = loop {
            match self.worker.next_report(TICK)? {
                None => wait(&shared, &mut spinner)?,
                Some(Report::Output(output)) => {
                    spinner.end();
                    self.screen.show(output)?;
                }
                Some(Report::Ask { question, answer }) => {
                    spinner.end();
                    // A cell that no longer waits has ended; that is reported next.
                    let _ = answer.send(self.ask(&question)?);
                }
                Some(Report::Ended(result)) => break result,
            }
            self.screen.tick()?;
        };
        spinner.end();
        self.screen.end_cell()?;
        Ok(result.map_err(|error| as_interrupted(error, shared.take_interrupted())))
    }

    /// Puts a cell's question.
    fn ask(&mut self, question: &Question) -> Result<Answer> {
        self.screen.end_cell()?;
        Ok(question::ask(question)?)
    }
}

/// Says what is being waited for. A session that is still being started cannot be interrupted
/// without ending it: Ctrl-C has reached its compiler as well.
fn wait(shared: &Shared, spinner: &mut Spinner) -> Result<()> {
    match shared.stage() {
        Stage::Starting(note) => {
            anyhow::ensure!(!shared.take_interrupted(), "interrupted while the session started");
            spinner.say(&note);
        }
        Stage::Ready | Stage::Failed(_) => spinner.say(""),
    }
    Ok(())
}

/// Ctrl-C goes to the compiler too, whose silent end is not the cell's fault.
fn as_interrupted(error: CellError, is_interrupted: bool) -> CellError {
    match &error {
        CellError::Compile { summary, .. }
            if is_interrupted && summary.starts_with(COMPILER_STOPPED) =>
        {
            CellError::Interrupted
        }
        _ => error,
    }
}
