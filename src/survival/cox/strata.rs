//! Groups of patients with a baseline hazard each.

use crate::{
    error::{Error, Result},
    survival::Cohort,
};

/// The combinations of levels that patients are in.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::survival) struct Strata {
    columns: Vec<String>,
    /// Sorted. Without columns there is one, with the empty name.
    names: Vec<String>,
}

impl Strata {
    pub fn of(cohort: &Cohort, columns: &[String]) -> Result<Self> {
        let mut strata = Self { columns: columns.to_vec(), names: Vec::new() };
        strata.names = strata.names_of(cohort)?;
        strata.names.sort();
        strata.names.dedup();
        Ok(strata)
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The stratum of every patient.
    ///
    /// # Errors
    /// [`Error::Cell`] for a patient whose stratum is unknown or was not among those fitted.
    pub fn indices(&self, cohort: &Cohort) -> Result<Vec<usize>> {
        let index = |(row, name): (usize, String)| {
            self.names.binary_search(&name).map_err(|_| Error::Cell {
                column: self.columns.join(", "),
                row,
                value: name,
                advice: format!("the model has the strata {:?}", self.names),
            })
        };
        self.names_of(cohort)?.into_iter().enumerate().map(index).collect()
    }

    fn names_of(&self, cohort: &Cohort) -> Result<Vec<String>> {
        let mut names = vec![String::new(); cohort.len()];
        for column in &self.columns {
            let grouping = cohort.grouping(column)?;
            for (row, (name, group)) in names.iter_mut().zip(grouping.groups()).enumerate() {
                let Some(group) = group else {
                    return Err(Error::Cell {
                        column: column.clone(),
                        row,
                        value: "missing".to_owned(),
                        advice: "every patient needs a stratum: drop the row, or fill the cell"
                            .to_owned(),
                    });
                };
                if !name.is_empty() {
                    name.push_str(", ");
                }
                name.push_str(&grouping.levels()[*group]);
            }
        }
        Ok(names)
    }
}
