//! Which columns of a table mean what.

use std::{collections::BTreeMap, path::Path};

#[cfg(feature = "parquet")]
use super::parquet;
use super::{Cohort, Covariate, Family, Grouping, Treatment, column::Columns, csv};
use crate::{
    error::{Error, Result},
    survival::{Durations, Events, FollowUp, TimeUnit},
};

/// What the columns of a table mean; made by [`Cohort::params`]. A column that nothing is said about
/// is a covariate.
#[derive(Clone, Debug)]
pub struct CohortParams {
    time: String,
    event: String,
    entry: Option<String>,
    weight: Option<String>,
    unit: TimeUnit,
    treatments: Vec<String>,
    groupings: Vec<String>,
    ignored: Vec<String>,
    families: BTreeMap<String, Family>,
}

impl CohortParams {
    pub(super) fn new(time: impl Into<String>, event: impl Into<String>) -> Self {
        Self {
            time: time.into(),
            event: event.into(),
            entry: None,
            weight: None,
            unit: TimeUnit::Unknown,
            treatments: Vec::new(),
            groupings: Vec::new(),
            ignored: Vec::new(),
            families: BTreeMap::new(),
        }
    }

    /// What times are counted in; stands on axes.
    pub fn unit(mut self, unit: TimeUnit) -> Self {
        self.unit = unit;
        self
    }

    /// The column of the times at which patients came under observation (left truncation).
    pub fn entry(mut self, column: impl Into<String>) -> Self {
        self.entry = Some(column.into());
        self
    }

    /// The column that says how often each patient counts, as [`FollowUp::weighted`] explains.
    pub fn weights(mut self, column: impl Into<String>) -> Self {
        self.weight = Some(column.into());
        self
    }

    /// Columns of treatments: 1 where it was given, 0 where not.
    pub fn treatments<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.treatments.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Columns that put patients into groups but explain nothing, such as a hospital: for strata,
    /// clusters and curves by group.
    pub fn groupings<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.groupings.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Columns that are left out.
    pub fn ignore<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.ignored.extend(columns.into_iter().map(Into::into));
        self
    }

    /// The family of a covariate, instead of the one its values suggest.
    pub fn family(mut self, column: impl Into<String>, family: Family) -> Self {
        self.families.insert(column.into(), family);
        self
    }

    /// Reads a file of comma-separated values with a heading. Cells that are empty, `NA`, `NaN`,
    /// `null` or `.` are missing.
    ///
    /// # Errors
    /// [`Error::File`] for a file that cannot be read, and those of [`Self::frame`].
    pub fn csv(self, path: impl AsRef<Path>) -> Result<Cohort> {
        self.read(&csv::read(path.as_ref())?)
    }

    /// Reads a Parquet file. Values that are null or not a number are missing; dates are text.
    ///
    /// # Errors
    /// [`Error::File`] for a file that cannot be read, and those of [`Self::frame`].
    #[cfg(feature = "parquet")]
    pub fn parquet(self, path: impl AsRef<Path>) -> Result<Cohort> {
        self.read(&parquet::read(path.as_ref())?)
    }

    /// Reads a data frame.
    ///
    /// # Errors
    /// [`Error::Column`] for a column that does not exist, is constant, or holds neither numbers nor
    /// text; [`Error::Cell`] for a time that is negative or missing, an event that is neither 0 nor
    /// 1, text among numbers; [`Error::NoEvents`] when nothing happened.
    #[cfg(feature = "polars")]
    pub fn frame(self, frame: &polars::prelude::DataFrame) -> Result<Cohort> {
        self.read(frame)
    }

    fn read(self, table: &impl Columns) -> Result<Cohort> {
        for name in self.ignored.iter().chain(self.families.keys()) {
            table.check(name)?;
        }
        let follow_up = self.follow_up(table)?;
        let treatment = |name: &String| Treatment::read(table.column(name)?);
        let treatments = self.treatments.iter().map(treatment).collect::<Result<Vec<_>>>()?;
        let grouping = |name: &String| Ok(Grouping::read(table.column(name)?));
        let groupings = self.groupings.iter().map(grouping).collect::<Result<Vec<_>>>()?;
        let covariates = table
            .names()
            .into_iter()
            .filter(|name| !self.has_meaning(name))
            .map(|name| {
                let family = self.families.get(name).copied();
                Covariate::read(table.column(name)?, family)
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Cohort { follow_up, covariates, treatments, groupings })
    }

    fn follow_up(&self, table: &impl Columns) -> Result<FollowUp> {
        let advice = "a time is a number: correct the cell or drop the row";
        let numbers = |name: &str, advice| table.column(name)?.numbers(advice);
        let durations = Durations::new(numbers(&self.time, advice)?, self.unit.clone());
        let advice = "an event is 1 (observed) or 0 (censored): recode the column";
        let events = Events::coded_in(&self.event, numbers(&self.event, advice)?)?;
        let mut follow_up = FollowUp::named(&self.time, durations, events)?;
        if let Some(entry) = &self.entry {
            let entries = numbers(entry, "an entry is a time: correct the cell or drop the row")?;
            follow_up = follow_up.entered_in(entry, Durations::new(entries, self.unit.clone()))?;
        }
        if let Some(weight) = &self.weight {
            let weights =
                numbers(weight, "a weight is a number: correct the cell or drop the row")?;
            follow_up = follow_up.weighted_in(weight, weights)?;
        }
        match follow_up.event_count() {
            0 => Err(Error::NoEvents {
                rows: follow_up.len(),
                advice: format!(
                    "column {:?} is 0 everywhere: check that 1 means observed",
                    self.event
                ),
            }),
            _ => Ok(follow_up),
        }
    }

    fn has_meaning(&self, name: &str) -> bool {
        let listed = [&self.treatments, &self.groupings, &self.ignored];
        name == self.time
            || name == self.event
            || self.entry.as_deref() == Some(name)
            || self.weight.as_deref() == Some(name)
            || listed.iter().any(|names| names.iter().any(|other| other == name))
    }
}
