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
use std::time::Instant;

use anyhow::Result;
use nbformat::v4::Notebook;

use self::cells::{Outcome, Rules, run_cells};
use self::plan::{Plan, folder_of};
use self::progress::Progress as Display;
use self::report::Report;
use super::RunArgs;
use crate::engine::{Interrupter, Options, Session, SessionFolder};
use crate::notebook::Tolerance;
use crate::prelude::{self, Prelude, Progress};

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
        compiles_rest: false,
    };
    let mut display = Display::new(cells::count(&notebook));
    display.starting();
    let session = Session::start(folder, options);
    display.started();
    let mut session = session?;
    let rules = Rules {
        limit: args.timeout,
        goes_on: args.allow_errors,
        stopped: stop_on_interrupt(session.interrupter())?,
    };
    let stored = args.check.then(|| notebook.clone());
    let outcome = run_cells(&mut session, &mut notebook, &rules, &mut display);
    targets.write(&mut notebook)?;
    display.finished(&outcome);
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

/// Ctrl-C stops the running cell: the first time gently, the second time for good. Returns what
/// is set when that has happened.
fn stop_on_interrupt(interrupter: Interrupter) -> Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    let was_stopped = Arc::clone(&stopped);
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
    std::thread::spawn(move || {
        for _ in signals.forever() {
            was_stopped.store(true, Ordering::SeqCst);
            if interrupter.interrupt().is_err() {
                std::process::exit(130);
            }
        }
    });
    Ok(stopped)
}
