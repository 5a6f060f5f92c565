//! Parts of a cohort.

use rand::seq::SliceRandom;

use super::{Cohort, Covariate};
use crate::{
    error::{Error, Result},
    train::stream,
};

impl Cohort {
    /// The patients at `indices`, in that order; an index may come repeatedly.
    ///
    /// # Errors
    /// [`Error::Shape`] without an index, or for one that is not below [`Self::len`].
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        if let Some(index) = indices.iter().find(|&&index| index >= self.len()) {
            return Err(selection(vec![*index], self.len()));
        }
        if indices.is_empty() {
            return Err(selection(vec![0], self.len()));
        }
        Ok(Self {
            follow_up: self.follow_up.rows(indices),
            covariates: self.covariates.iter().map(|column| column.rows(indices)).collect(),
            treatments: self.treatments.iter().map(|column| column.rows(indices)).collect(),
            groupings: self.groupings.iter().map(|column| column.rows(indices)).collect(),
        })
    }

    /// The patients without a missing cell.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is none.
    pub fn complete_cases(&self) -> Result<Self> {
        let complete = |&i: &usize| {
            self.covariates.iter().map(Covariate::values).all(|values| !values[i].is_nan())
        };
        self.select(&(0..self.len()).filter(complete).collect::<Vec<_>>())
    }

    /// Two random parts: about `share` of the patients, and the rest. The same `seed` gives the same
    /// parts.
    ///
    /// # Errors
    /// [`Error::Setting`] when one of the parts would be empty.
    pub fn split(&self, share: f64, seed: u64) -> Result<(Self, Self)> {
        let (first, rest) = self.split_indices(share, seed)?;
        Ok((self.select(&first)?, self.select(&rest)?))
    }

    /// The patients of the two parts of [`Self::split`].
    ///
    /// # Errors
    /// Those of [`Self::split`].
    pub fn split_indices(&self, share: f64, seed: u64) -> Result<(Vec<usize>, Vec<usize>)> {
        let first = (self.len() as f64 * share).round();
        if !(first >= 1.0 && first < self.len() as f64) {
            let requirement = format!("both parts of {} patients need somebody", self.len());
            return Err(Error::setting("share", share, requirement));
        }
        let mut order = self.shuffled(seed);
        let rest = order.split_off(first as usize);
        Ok((order, rest))
    }

    /// Cross-validation: indices of the patients to fit to and of those to judge with, for each of
    /// `folds`. Every patient is judged once; the same `seed` gives the same folds.
    ///
    /// # Errors
    /// [`Error::Setting`] for fewer than two folds, or more than patients.
    pub fn folds(&self, folds: usize, seed: u64) -> Result<Vec<(Vec<usize>, Vec<usize>)>> {
        if !(2..=self.len()).contains(&folds) {
            let requirement = format!("it must be 2 to {}, the number of patients", self.len());
            return Err(Error::setting("folds", folds, requirement));
        }
        let order = self.shuffled(seed);
        let part = |fold: usize| {
            let (judge, fit): (Vec<_>, Vec<_>) =
                order.iter().enumerate().partition(|(place, _)| place % folds == fold);
            let indices = |part: Vec<(usize, &usize)>| {
                let mut indices: Vec<usize> = part.into_iter().map(|(_, &index)| index).collect();
                indices.sort_unstable();
                indices
            };
            (indices(fit), indices(judge))
        };
        Ok((0..folds).map(part).collect())
    }

    fn shuffled(&self, seed: u64) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.shuffle(&mut stream(seed, 0));
        order
    }
}

fn selection(got: Vec<usize>, len: usize) -> Error {
    Error::Shape {
        what: "the selection of patients".to_owned(),
        got,
        want: vec![len],
        advice: "name at least one patient, and only such as the cohort has".to_owned(),
    }
}
