//! The table of writers: one row an image.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use ndarray::{Array2, ArrayView1, Axis};
use ndarray_npy::ReadNpyExt;

use super::super::images::Label;
use super::super::packed::RENEW;
use crate::error::{Error, Result};

/// The columns as labels.
pub(super) fn read_writer_info(path: &Path, columns: &[String]) -> Result<Vec<Label>> {
    let file = File::open(path).map_err(|error| {
        Error::file(path, format!("cannot be opened ({error})"), "check the path")
    })?;
    let table: Array2<i32> = Array2::read_npy(BufReader::new(file)).map_err(|error| {
        let advice = "it should be a NumPy array of 32-bit integers in two dimensions, (images, \
                      columns), and whole";
        Error::file(path, format!("cannot be read ({error})"), advice)
    })?;
    if table.ncols() != columns.len() {
        let problem = format!("has {} columns, not {}", table.ncols(), columns.len());
        return Err(Error::file(path, problem, "name its columns with HwdPlus::columns"));
    }
    let table = WriterInfo { path, columns, table };
    table.check_range()?;
    table.check_writers()?;
    Ok(table.labels())
}

/// A table being checked.
struct WriterInfo<'a> {
    path: &'a Path,
    columns: &'a [String],
    table: Array2<i32>,
}

impl WriterInfo<'_> {
    fn labels(&self) -> Vec<Label> {
        let columns = self.table.axis_iter(Axis(1)).zip(self.columns);
        columns
            .map(|(values, name)| Label {
                name: name.clone(),
                values: values.iter().map(|value| value.unsigned_abs()).collect(),
            })
            .collect()
    }

    fn column(&self, name: &str) -> Option<ArrayView1<'_, i32>> {
        let place = self.columns.iter().position(|column| column == name)?;
        Some(self.table.column(place))
    }

    fn check_range(&self) -> Result<()> {
        let negative = self.table.indexed_iter().find(|&(_, &value)| value < 0);
        if let Some(((row, column), value)) = negative {
            let problem =
                format!("row {row}, column {column}: {} is {value}", self.columns[column]);
            return Err(Error::file(self.path, problem, "codes are not negative"));
        }
        let Some(digits) = self.column("digit") else { return Ok(()) };
        match digits.iter().position(|&digit| digit > 9) {
            None => Ok(()),
            Some(row) => {
                let problem = format!("row {row}: the digit is {}", digits[row]);
                let advice = "digits are 0 to 9; if another column holds them, name the columns \
                              with HwdPlus::columns";
                Err(Error::file(self.path, problem, advice))
            }
        }
    }

    /// A writer has one age and one hand. Columns in another order would break this.
    fn check_writers(&self) -> Result<()> {
        let Some(writers) = self.column("writer") else { return Ok(()) };
        let mut first: HashMap<i32, usize> = HashMap::new();
        for (row, &writer) in writers.iter().enumerate() {
            let before = *first.entry(writer).or_insert(row);
            let pairs = self.table.row(before).into_iter().zip(self.table.row(row));
            let mut pairs = self.columns.iter().zip(pairs).filter(|(name, _)| *name != "digit");
            if let Some((name, (old, new))) = pairs.find(|(_, (old, new))| old != new) {
                let problem = format!(
                    "row {row}: {name} of writer {writer} is {new}, but it was {old} in row {before}"
                );
                let advice = "a writer's characteristics are the same in all rows; if the columns \
                              stand in another order, name them with HwdPlus::columns";
                return Err(Error::file(self.path, problem, advice));
            }
        }
        if writers.is_empty() {
            return Err(Error::file(self.path, "has no rows", RENEW));
        }
        Ok(())
    }
}
