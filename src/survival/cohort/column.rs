//! Columns of a table, read as numbers or as text.

use std::{collections::BTreeSet, path::Path};

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

/// What has columns: a file that was read, or a data frame.
pub(super) trait Columns {
    /// Their names, from the left.
    fn names(&self) -> Vec<&str>;

    /// The column of this name, if there is one.
    ///
    /// # Errors
    /// [`Error::Column`] when it is neither numbers nor text.
    fn find(&self, name: &str) -> Result<Option<Column>>;

    /// The column of this name.
    ///
    /// # Errors
    /// [`Error::Column`] when there is none, or it is neither numbers nor text.
    fn column(&self, name: &str) -> Result<Column> {
        self.find(name)?.ok_or_else(|| missing(name, &self.names()))
    }

    /// Makes sure that there is a column of this name, of whatever type.
    ///
    /// # Errors
    /// [`Error::Column`] when there is none.
    fn check(&self, name: &str) -> Result<()> {
        let names = self.names();
        if names.contains(&name) { Ok(()) } else { Err(missing(name, &names)) }
    }
}

fn missing(name: &str, known: &[&str]) -> Error {
    Error::Column {
        column: name.to_owned(),
        problem: "does not exist".to_owned(),
        advice: format!("the columns are {known:?}"),
    }
}

/// A file that was read.
impl Columns for Vec<Column> {
    fn names(&self) -> Vec<&str> {
        self.iter().map(|column| column.name.as_str()).collect()
    }

    fn find(&self, name: &str) -> Result<Option<Column>> {
        Ok(self.iter().find(|column| column.name == name).cloned())
    }
}

/// The columns of a file, unless two have the same name.
///
/// # Errors
/// [`Error::File`] naming the first that is there twice.
pub(super) fn distinct(path: &Path, columns: Vec<Column>) -> Result<Vec<Column>> {
    let mut seen = BTreeSet::new();
    match columns.iter().find(|column| !seen.insert(&column.name)) {
        None => Ok(columns),
        Some(twice) => {
            let problem = format!("the column {:?} is there twice", twice.name);
            Err(Error::file(path, problem, "give every column a name of its own"))
        }
    }
}

impl Column {
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

/// The error about a cell.
pub(super) fn wrong_cell(
    column: &str,
    row: usize,
    value: impl Into<String>,
    advice: impl Into<String>,
) -> Error {
    Error::Cell { column: column.to_owned(), row, value: value.into(), advice: advice.into() }
}
