//! `elbo run`: notebooks from top to bottom, without a front end.

mod cells;
mod check;
mod children;
mod diff;
mod limit;
mod plan;
mod progress;
mod report;
mod several;
mod table;

use std::io::{IsTerminal as _, stderr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use nbformat::v4::Notebook;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use self::cells::{Outcome, Rules, run_cells};
use self::plan::{Plan, folder_of};
use self::progress::Progress as Display;
use self::report::Report;
use super::RunArgs;
use crate::engine::{Interrupter, Options, Session, SessionFolder};
use crate::notebook::Tolerance;
use crate::prelude::{self, Prelude, Progress};

/// How long a cell may take to end by itself when the whole run is to end.
const GRACE: Duration = Duration::from_secs(2);
/// The exit code of a run that a signal has ended.
const ENDED: u8 = 128 + SIGTERM as u8;

/// Runs the notebooks and writes what the arguments ask for.
pub fn run(args: &RunArgs) -> Result<ExitCode> {
    match args.notebooks.as_slice() {
        [notebook] => run_one(args, notebook),
        notebooks => several::run(args, notebooks),
    }
}

fn run_one(args: &RunArgs, path: &Path) -> Result<ExitCode> {
    // All that can be wrong with the arguments is found before anything is compiled.
    let plan = Plan::new(args, path)?;
    let extent = plan.extent();
    let Plan { mut notebook, targets } = plan;
    let folder = SessionFolder::enter(&prelude::sessions_folder()?)?;
    let begun = Instant::now();
    let options = Options {
        prelude: match args.no_prelude {
            true => None,
            false => Some(Prelude::prepare(extent, &mut Progress::Terminal)?),
        },
        working_folder: Some(folder_of(path)?),
        ..Options::default()
    };
    let mut display = Display::new(cells::count(&notebook));
    display.starting();
    let session = Session::start(folder, options);
    display.started();
    let mut session = session?;
    let (stopped, ended) = listen_for_signals(session.interrupter())?;
    let rules = Rules {
        limit: args.timeout,
        goes_on: args.allow_errors,
        stopped,
        ended: Arc::clone(&ended),
    };
    let stored = args.check.then(|| notebook.clone());
    // Hours of outputs are not to be lost with the machine.
    let mut save = |notebook: &mut Notebook| targets.write_notebook(notebook);
    let outcome = run_cells(&mut session, &mut notebook, &rules, &mut display, &mut save)?;
    targets.write(&mut notebook)?;
    display.finished(&outcome);
    if ended.load(Ordering::SeqCst) {
        eprintln!("elbo: ended by a signal; what has run is kept");
        return Ok(ExitCode::from(ENDED));
    }
    let problem = match stored {
        Some(stored) => compare(args, &stored, &notebook, &outcome),
        None => outcome.failures.first().map(progress::failure_line),
    };
    let succeeded = problem.is_none();
    if let Some(file) = &args.report {
        let cells = cells::count_run(&notebook);
        Report { cells, seconds: begun.elapsed().as_secs_f64(), problem }.write(file)?;
    }
    Ok(if succeeded { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says what differs from the stored outputs. A cell may fail as it did when it was stored, but no
/// cell may be left out.
fn compare(args: &RunArgs, stored: &Notebook, new: &Notebook, outcome: &Outcome) -> Option<String> {
    let relative = args.tolerance.unwrap_or(Tolerance::default().relative);
    let tolerance = Tolerance { relative, ..Tolerance::default() };
    let differences = check::differences(stored, new, tolerance);
    match check::describe(&differences, stderr().is_terminal()) {
        Some(text) => eprintln!("\n{text}"),
        None if outcome.is_cut_short => {}
        None => eprintln!("all cells show what is stored"),
    }
    let cut = outcome.failures.last().filter(|_| outcome.is_cut_short);
    let differs = differences.first();
    differs
        .map(|first| format!("cell {} differs: {}", first.number, first.head))
        .or_else(|| cut.map(progress::failure_line))
}

/// Ctrl-C stops the running cell, and as in a notebook it may have to be pressed again. A request to
/// end stops it too, at the latest after a moment, and the run with it. Returns what is set when the
/// one or the other has come.
fn listen_for_signals(interrupter: Interrupter) -> Result<(Arc<AtomicBool>, Arc<AtomicBool>)> {
    let flags = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (stopped, ended) = flags.clone();
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            stopped.store(true, Ordering::SeqCst);
            let told = if signal == SIGINT {
                interrupter.interrupt()
            } else {
                ended.store(true, Ordering::SeqCst);
                interrupter.warn().and_then(|()| {
                    std::thread::sleep(GRACE);
                    interrupter.kill()
                })
            };
            if told.is_err() {
                std::process::exit(128 + signal);
            }
        }
    });
    Ok(flags)
}
