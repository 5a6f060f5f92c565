//! Comma-separated values as columns.

use std::path::Path;

use super::column::{Column, Values, distinct};
use crate::error::{Error, Result};

/// What stands in a cell without a value.
const MISSING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "."];

/// The rows of a file with a heading: columns of numbers where every cell is one, else of text. Cells
/// that are empty or `NA`, `NaN`, `null` or `.` are missing.
///
/// # Errors
/// [`Error::File`] naming the line that cannot be read.
pub(super) fn read(path: &Path) -> Result<Vec<Column>> {
    let damaged = |error: ::csv::Error| {
        Error::file(path, error, "a CSV file has a heading and as many cells in every row")
    };
    let mut reader =
        ::csv::ReaderBuilder::new().trim(::csv::Trim::All).from_path(path).map_err(damaged)?;
    let names: Vec<String> = reader.headers().map_err(damaged)?.iter().map(str::to_owned).collect();
    let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    for record in reader.records() {
        let record = record.map_err(damaged)?;
        for (column, cell) in cells.iter_mut().zip(record.iter()) {
            column.push((!MISSING.contains(&cell)).then(|| cell.to_owned()));
        }
    }
    distinct(path, names.into_iter().zip(cells).map(|(name, cells)| typed(name, cells)).collect())
}

fn typed(name: String, cells: Vec<Option<String>>) -> Column {
    let number = |cell: &Option<String>| match cell {
        None => Some(f64::NAN),
        Some(text) => text.parse().ok(),
    };
    let numbers: Option<Vec<f64>> = cells.iter().map(number).collect();
    Column { name, values: numbers.map_or(Values::Texts(cells), Values::Numbers) }
}
