//! Columns of a data frame, read as numbers or as text.

use polars::prelude::{AnyValue, DataFrame, DataType};

use crate::error::{Error, Result};

/// A column with its name.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub values: Values,
}

/// What a column holds.
#[derive(Clone, Debug)]
pub(super) enum Values {
    /// NaN where missing. Truth values are 0 and 1.
    Numbers(Vec<f64>),
    /// `None` where missing.
    Texts(Vec<Option<String>>),
}

impl Column {
    /// The column of this name.
    ///
    /// # Errors
    /// [`Error::Column`] when there is none, or it is neither numbers nor text.
    pub fn of(frame: &DataFrame, name: &str) -> Result<Self> {
        let Ok(column) = frame.column(name) else {
            let known: Vec<&str> = frame.columns().iter().map(|c| c.name().as_str()).collect();
            return Err(Error::Column {
                column: name.to_owned(),
                problem: "does not exist".to_owned(),
                advice: format!("the columns are {known:?}"),
            });
        };
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
        Ok(Self { name: name.to_owned(), values })
    }

    /// The values as numbers.
    ///
    /// # Errors
    /// [`Error::Cell`] naming the first text.
    pub fn numbers(self, advice: &str) -> Result<Vec<f64>> {
        match self.values {
            Values::Numbers(values) => Ok(values),
            Values::Texts(texts) => {
                let parse = |(row, text): (usize, &Option<String>)| match text {
                    None => Ok(f64::NAN),
                    Some(text) => text.parse().map_err(|_| {
                        wrong_cell(&self.name, row, format!("the text {text:?}"), advice)
                    }),
                };
                texts.iter().enumerate().map(parse).collect()
            }
        }
    }

    /// Every value as the name of a group, `None` where missing.
    pub fn texts(self) -> Vec<Option<String>> {
        match self.values {
            Values::Texts(texts) => texts,
            Values::Numbers(values) => {
                let text = |value: f64| (!value.is_nan()).then(|| value.to_string());
                values.into_iter().map(text).collect()
            }
        }
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

/// The error about a cell.
pub(super) fn wrong_cell(
    column: &str,
    row: usize,
    value: impl Into<String>,
    advice: impl Into<String>,
) -> Error {
    Error::Cell { column: column.to_owned(), row, value: value.into(), advice: advice.into() }
}
