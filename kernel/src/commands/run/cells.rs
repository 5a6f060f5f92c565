//! Runs the cells of a notebook in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use nbformat::v4::{Cell, Notebook};

use super::limit::execute_within;
use super::progress::Progress;
use crate::engine::{CellError, Output, Session};
use crate::notebook::{MAY_FAIL, Record, has_tag, source_text};

/// What is to happen with cells that fail or take too long.
pub struct Rules {
    /// How long a cell may take, its compilation included.
    pub limit: Option<Duration>,
    /// Whether the cells after a failed one run too.
    pub goes_on: bool,
    /// Set when the user has stopped a cell.
    pub stopped: Arc<AtomicBool>,
    /// Set when the whole run is to end, whatever its cells say.
    pub ended: Arc<AtomicBool>,
}

/// A cell that failed although it may not.
pub struct Failure {
    /// The number under which it ran.
    pub number: i32,
    /// Why it failed.
    pub error: CellError,
}

/// How the run went.
#[derive(Default)]
pub struct Outcome {
    /// The cells that failed although they may not.
    pub failures: Vec<Failure>,
    /// Whether cells were left out because of the last failure.
    pub is_cut_short: bool,
}

/// Runs the cells and puts what they show into the notebook. After each cell `save` gets the notebook
/// as it is then: with the new outputs of the cells that have run, and the old ones of the others.
pub fn run_cells(
    session: &mut Session,
    notebook: &mut Notebook,
    rules: &Rules,
    display: &mut Progress,
    save: &mut dyn FnMut(&mut Notebook) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let mut record = Record::default();
    let mut outcome = Outcome::default();
    let mut number = 0;
    for place in 0..notebook.cells.len() {
        let Some(code) = code_of(&notebook.cells[place]) else { continue };
        number += 1;
        if let Cell::Code { execution_count, .. } = &mut notebook.cells[place] {
            *execution_count = Some(number);
        }
        record.begin(place, number);
        let result = run_cell(session, (number, &code), rules.limit, &mut record, display);
        if let Err(error) = &result {
            record.push_error(error);
        }
        record.store(notebook);
        save(notebook)?;
        if rules.ended.load(Ordering::SeqCst) {
            outcome.failures.extend(result.err().map(|error| Failure { number, error }));
            outcome.is_cut_short = true;
            break;
        }
        let Err(error) = result else {
            display.cell_ended("ok");
            continue;
        };
        if has_tag(&notebook.cells[place], MAY_FAIL) {
            display.cell_ended("failed, as it may");
            continue;
        }
        display.cell_failed();
        outcome.failures.push(Failure { number, error });
        if !rules.goes_on || rules.stopped.load(Ordering::SeqCst) {
            outcome.is_cut_short = true;
            break;
        }
    }
    clear_others(notebook, &record);
    Ok(outcome)
}

fn run_cell(
    session: &mut Session,
    (number, code): (i32, &str),
    limit: Option<Duration>,
    record: &mut Record,
    display: &mut Progress,
) -> Result<(), CellError> {
    display.cell(number, code);
    execute_within(limit, session, code, &mut |output: Output| {
        display.output(&output);
        record.push(output);
    })
}

/// How many cells there are to run.
pub fn count(notebook: &Notebook) -> usize {
    notebook.cells.iter().filter(|cell| code_of(cell).is_some()).count()
}

/// The code of all cells.
pub fn code(notebook: &Notebook) -> String {
    notebook.cells.iter().filter_map(code_of).collect::<Vec<_>>().join("\n")
}

/// How many cells have run.
pub fn count_run(notebook: &Notebook) -> usize {
    let has_run = |cell: &&Cell| matches!(cell, Cell::Code { execution_count: Some(_), .. });
    notebook.cells.iter().filter(has_run).count()
}

/// The code of a cell that has any.
pub fn code_of(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Code { source, .. } => {
            Some(source_text(source)).filter(|code| !code.trim().is_empty())
        }
        _ => None,
    }
}

/// Removes the outputs that cells have of earlier runs which have not run in this one.
fn clear_others(notebook: &mut Notebook, record: &Record) {
    for (place, cell) in notebook.cells.iter_mut().enumerate() {
        if let Cell::Code { outputs, execution_count, .. } = cell
            && !record.has(place)
        {
            outputs.clear();
            *execution_count = None;
        }
    }
}
