//! Data frames as tables of patients.

use polars::prelude::{AnyValue, DataFrame, DataType};

use super::column::{Column, Columns, Values};
use crate::error::{Error, Result};

impl Columns for DataFrame {
    fn names(&self) -> Vec<&str> {
        self.columns().iter().map(|column| column.name().as_str()).collect()
    }

    fn find(&self, name: &str) -> Result<Option<Column>> {
        let Ok(column) = DataFrame::column(self, name) else { return Ok(None) };
        let kind = column.dtype();
        let values = if kind.is_primitive_numeric() || *kind == DataType::Boolean {
            Values::Numbers(cells(column)?.iter().map(number).collect())
        } else if *kind == DataType::Null {
            Values::Numbers(vec![f64::NAN; column.len()])
        } else if *kind == DataType::String {
            Values::Texts(cells(column)?.iter().map(text).collect())
        } else {
            return Err(Error::Column {
                column: name.to_owned(),
                problem: format!("holds values of type {kind}"),
                advice: "convert it to numbers or text, or name it in `ignore`".to_owned(),
            });
        };
        Ok(Some(Column { name: name.to_owned(), values }))
    }
}

fn cells(column: &polars::prelude::Column) -> Result<Vec<AnyValue<'_>>> {
    let cell = |row| {
        column.get(row).map_err(|error| Error::Column {
            column: column.name().to_string(),
            problem: format!("cannot be read: {error}"),
            advice: "convert it to numbers or text".to_owned(),
        })
    };
    (0..column.len()).map(cell).collect()
}

fn number(value: &AnyValue<'_>) -> f64 {
    match value {
        AnyValue::Boolean(value) => f64::from(u8::from(*value)),
        value => value.extract::<f64>().unwrap_or(f64::NAN),
    }
}

fn text(value: &AnyValue<'_>) -> Option<String> {
    value.get_str().map(str::to_owned)
}
