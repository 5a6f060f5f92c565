//! A cohort as the matrix of a regression.

use ndarray::{Array1, Array2};

use super::{Cohort, Covariate, Family};
use crate::error::{Error, Result};

/// What a regression does with missing cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingCells {
    /// They are an error that names the first.
    #[default]
    Refused,
    /// They get the mean of the column in the cohort that the model was fitted to.
    Mean,
}

/// How covariates and treatments become the columns of a matrix: amounts as they are, a level other
/// than the first as a column of 0 and 1, treatments as 0 and 1. Learnt from one cohort, so that the
/// columns mean the same for others.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    terms: Vec<Term>,
    names: Vec<String>,
    treatments: Vec<String>,
    missing: MissingCells,
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    covariate: String,
    family: Family,
    levels: Vec<String>,
    /// The level that the column is 1 for.
    level: Option<usize>,
    mean: f64,
}

impl Design {
    /// The design of a cohort, without the columns in `except`.
    pub(crate) fn of(cohort: &Cohort, missing: MissingCells, except: &[String]) -> Self {
        let kept = |name: &str| !except.iter().any(|other| other == name);
        let covariates = cohort.covariates.iter().filter(|covariate| kept(covariate.name()));
        let terms: Vec<Term> = covariates.flat_map(terms_of).collect();
        let treatments = cohort.treatments.iter().map(|treatment| treatment.name().to_owned());
        let treatments: Vec<String> = treatments.filter(|name| kept(name)).collect();
        let names = terms.iter().map(Term::name).chain(treatments.iter().cloned()).collect();
        Self { terms, names, treatments, missing }
    }

    /// The names of the columns, such as `age` and `stage=III`.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The matrix (n, columns) of a cohort with the same columns.
    ///
    /// # Errors
    /// [`Error::Column`] for a column that the cohort lacks or that has other levels; [`Error::Cell`]
    /// for a missing cell, unless they get the mean.
    pub fn matrix(&self, cohort: &Cohort) -> Result<Array2<f64>> {
        let mut out = Array2::zeros((cohort.len(), self.names.len()));
        for (term, mut to) in self.terms.iter().zip(out.columns_mut()) {
            to.assign(&term.column(cohort, self.missing)?);
        }
        for (name, mut to) in
            self.treatments.iter().zip(out.columns_mut().into_iter().skip(self.terms.len()))
        {
            let given = cohort.grouping(name)?;
            let value = |group: &Option<usize>| group.map_or(f64::NAN, |given| given as f64);
            to.assign(&given.groups().iter().map(value).collect::<Array1<f64>>());
        }
        Ok(out)
    }
}

fn terms_of(covariate: &Covariate) -> Vec<Term> {
    let term = |level: Option<usize>| {
        let mut term = Term {
            covariate: covariate.name().to_owned(),
            family: covariate.family(),
            levels: covariate.levels().to_vec(),
            level,
            mean: 0.0,
        };
        term.mean = match level {
            None => covariate.mean(),
            Some(level) => {
                let present = covariate.values().iter().filter(|value| !value.is_nan());
                let inside = present.clone().filter(|value| **value == level as f64).count();
                inside as f64 / present.count() as f64
            }
        };
        term
    };
    match covariate.levels().len() {
        0 => vec![term(None)],
        levels => (1..levels).map(|level| term(Some(level))).collect(),
    }
}

impl Term {
    /// A column of 0 and 1 has the name of its covariate; another level stands behind the name.
    fn name(&self) -> String {
        match self.level {
            Some(level) if self.levels != ["0", "1"] => {
                format!("{}={}", self.covariate, self.levels[level])
            }
            _ => self.covariate.clone(),
        }
    }

    fn column(&self, cohort: &Cohort, missing: MissingCells) -> Result<Array1<f64>> {
        let covariate = cohort.covariate(&self.covariate)?;
        if covariate.levels() != self.levels {
            return Err(Error::Column {
                column: self.covariate.clone(),
                problem: format!("has the levels {:?}", covariate.levels()),
                advice: format!(
                    "the model was fitted to {:?}: read both from one table and split it, or set \
                     the same family",
                    self.levels
                ),
            });
        }
        let value = |(row, &value): (usize, &f64)| match (value.is_nan(), self.level) {
            (true, _) if missing == MissingCells::Mean => Ok(self.mean),
            (true, _) => Err(Error::Cell {
                column: self.covariate.clone(),
                row,
                value: "missing".to_owned(),
                advice: "use cohort.complete_cases(), or let missing cells have the mean with \
                         .missing(MissingCells::Mean)"
                    .to_owned(),
            }),
            (false, Some(level)) => Ok(f64::from(u8::from(value == level as f64))),
            (false, None) => Ok(value),
        };
        covariate.values().iter().enumerate().map(value).collect()
    }
}
