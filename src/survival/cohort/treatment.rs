//! What was done to patients, and which groups they are in.

use super::column::{Column, wrong_cell};
use crate::error::Result;

/// A treatment that a patient was given or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Treatment {
    name: String,
    given: Vec<bool>,
}

impl Treatment {
    /// True where it was given.
    pub fn new(name: impl Into<String>, given: impl IntoIterator<Item = bool>) -> Self {
        Self { name: name.into(), given: given.into_iter().collect() }
    }

    pub(super) fn read(column: Column) -> Result<Self> {
        let name = column.name.clone();
        let advice = "a treatment is 1 (given) or 0 (not given): recode the column, or name it as \
                      a covariate";
        let decode = |(row, value): (usize, f64)| match value {
            1.0 => Ok(true),
            0.0 => Ok(false),
            value if value.is_nan() => Err(wrong_cell(&name, row, "missing", advice)),
            value => Err(wrong_cell(&name, row, value.to_string(), advice)),
        };
        let given = column.numbers(advice)?.into_iter().enumerate().map(decode);
        Ok(Self { given: given.collect::<Result<_>>()?, name: name.clone() })
    }

    /// The name of the column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// (n)
    pub fn given(&self) -> &[bool] {
        &self.given
    }

    pub(super) fn rows(&self, indices: &[usize]) -> Self {
        Self::new(self.name.clone(), indices.iter().map(|&i| self.given[i]))
    }
}

/// Which group each patient is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    name: String,
    levels: Vec<String>,
    groups: Vec<Option<usize>>,
}

impl Grouping {
    /// The group of every patient by name; `None` where it is unknown. Groups are in the order of
    /// their names.
    pub fn new(name: impl Into<String>, groups: Vec<Option<String>>) -> Self {
        let mut levels: Vec<String> = groups.iter().flatten().cloned().collect();
        levels.sort();
        levels.dedup();
        let index = |name: &Option<String>| levels.binary_search(name.as_ref()?).ok();
        let groups = groups.iter().map(index).collect();
        Self { name: name.into(), levels, groups }
    }

    /// Groups by their index.
    pub(super) fn of_indices(
        name: &str,
        levels: Vec<String>,
        groups: impl Iterator<Item = Option<usize>>,
    ) -> Self {
        Self { name: name.to_owned(), levels, groups: groups.collect() }
    }

    pub(super) fn read(column: Column) -> Self {
        let name = column.name.clone();
        Self::new(name, column.texts())
    }

    /// The name of the column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the groups.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The index of the group of every patient, (n); `None` where it is unknown.
    pub fn groups(&self) -> &[Option<usize>] {
        &self.groups
    }

    /// The patients in a group.
    pub fn members(&self, group: usize) -> Vec<usize> {
        let groups = self.groups.iter().enumerate();
        groups.filter(|(_, of)| **of == Some(group)).map(|(i, _)| i).collect()
    }

    pub(super) fn rows(&self, indices: &[usize]) -> Self {
        let groups = indices.iter().map(|&i| self.groups[i]).collect();
        Self { groups, ..self.clone() }
    }
}
