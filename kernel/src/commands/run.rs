//! `elbo run`: a notebook from top to bottom, without a front end.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use nbformat::v4::{Cell, Notebook};

use super::RunArgs;
use super::progress::Progress as Display;
use crate::engine::{CellError, Interrupter, Options, Output, Session, SessionFolder};
use crate::notebook::{self, Outputs, source_text};
use crate::prelude::{self, Prelude, Progress, Source};

/// Runs the notebook and writes what the arguments ask for.
pub fn run(args: &RunArgs) -> Result<ExitCode> {
    // All that can be wrong with the arguments is found before anything is compiled.
    let mut notebook = notebook::load(&args.notebook)?;
    notebook::inject(&mut notebook, &args.params)?;
    let targets = Targets::new(args)?;
    let folder = SessionFolder::enter(&prelude::sessions_folder()?)?;
    let options = Options {
        prelude: if args.no_prelude { None } else { Some(prepare()?) },
        working_folder: Some(folder_of(&args.notebook)?),
    };
    let mut display = Display::new(count_code(&notebook));
    display.starting();
    let session = Session::start(folder, options);
    display.started();
    let mut session = session?;
    stop_on_interrupt(session.interrupter())?;
    let failure = run_cells(&mut session, &mut notebook, &mut display);
    targets.write(&mut notebook)?;
    display.finished(failure.as_ref());
    Ok(if failure.is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn prepare() -> Result<Prelude> {
    Prelude::prepare(&prelude::cache_folder()?, &Source::find()?, &mut Progress::Terminal)
}

/// Runs the cells in order; returns why the first one failed.
fn run_cells(
    session: &mut Session,
    notebook: &mut Notebook,
    display: &mut Display,
) -> Option<CellError> {
    clear(notebook);
    let mut count = 0;
    for cell in &mut notebook.cells {
        let Cell::Code { source, outputs, execution_count, .. } = cell else { continue };
        let code = source_text(source);
        if code.trim().is_empty() {
            continue;
        }
        count += 1;
        *execution_count = Some(count);
        display.cell(count, &code);
        let mut shown = Outputs::of_cell(count);
        let result = session.execute(&code, &mut |output: Output| {
            display.output(&output);
            shown.push(output);
        });
        if let Err(error) = &result {
            shown.push_error(error);
        }
        *outputs = shown.into_stored();
        display.cell_ended(result.as_ref().err());
        if let Err(error) = result {
            return Some(error);
        }
    }
    None
}

/// Removes the outputs of earlier runs.
fn clear(notebook: &mut Notebook) {
    for cell in &mut notebook.cells {
        if let Cell::Code { outputs, execution_count, .. } = cell {
            outputs.clear();
            *execution_count = None;
        }
    }
}

fn count_code(notebook: &Notebook) -> usize {
    let is_code = |cell: &&Cell| matches!(cell, Cell::Code { source, .. } if !source_text(source).trim().is_empty());
    notebook.cells.iter().filter(is_code).count()
}

/// Ctrl-C stops the running cell: the first time gently, the second time for good.
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

/// Where relative paths in cells start: as in Jupyter, next to the notebook.
fn folder_of(notebook: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(notebook)?;
    Ok(path.parent().context("the notebook is in no folder")?.to_owned())
}

/// The files to be written.
struct Targets {
    notebook: Option<PathBuf>,
    page: Option<PathBuf>,
    title: String,
}

impl Targets {
    fn new(args: &RunArgs) -> Result<Self> {
        let in_place = (args.html.is_none()).then(|| args.notebook.clone());
        let targets = Self {
            notebook: args.output.clone().or(in_place),
            page: args.html.clone(),
            title: args.notebook.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        for path in [&targets.notebook, &targets.page].into_iter().flatten() {
            let folder = folder_of(path)?;
            anyhow::ensure!(
                folder.is_dir(),
                "cannot write {}: there is no folder {}",
                path.display(),
                folder.display()
            );
        }
        Ok(targets)
    }

    fn write(&self, notebook: &mut Notebook) -> Result<()> {
        if let Some(path) = &self.notebook {
            notebook::save(notebook, path)?;
        }
        if let Some(path) = &self.page {
            let page = crate::page::render(notebook, &self.title);
            notebook::write_whole(path, page.as_bytes())?;
        }
        Ok(())
    }
}
