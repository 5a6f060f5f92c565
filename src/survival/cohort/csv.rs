//! Comma-separated values as a data frame.

use std::path::Path;

use polars::prelude::{Column, DataFrame};

use crate::error::{Error, Result};

/// What stands in a cell without a value.
const MISSING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "."];

/// The rows of a file with a heading: columns of numbers where every cell is one, else of text. Cells
/// that are empty or `NA`, `NaN`, `null` or `.` are missing.
///
/// # Errors
/// [`Error::File`] naming the line that cannot be read.
pub(super) fn read(path: &Path) -> Result<DataFrame> {
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
    let height = cells.first().map_or(0, Vec::len);
    let columns = names.iter().zip(cells).map(|(name, cells)| typed(name, cells)).collect();
    DataFrame::new(height, columns)
        .map_err(|error| Error::file(path, error, "give every column a name of its own"))
}

fn typed(name: &str, cells: Vec<Option<String>>) -> Column {
    let number = |cell: &Option<String>| match cell {
        None => Some(None),
        Some(text) => text.parse::<f64>().ok().map(Some),
    };
    match cells.iter().map(number).collect::<Option<Vec<Option<f64>>>>() {
        Some(numbers) => Column::new(name.into(), numbers),
        None => Column::new(name.into(), cells),
    }
}
