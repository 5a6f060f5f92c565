//! Patients: how long they were followed, what is known of them, what was done to them.

mod column;
mod covariate;
mod csv;
mod design;
mod display;
mod family;
#[cfg(feature = "polars")]
mod frame;
mod params;
#[cfg(feature = "parquet")]
mod parquet;
mod subsets;
mod treatment;

use ndarray::{Array2, ArrayView2};

pub use covariate::Covariate;
pub use design::{Design, MissingCells};
pub use family::Family;
pub use params::CohortParams;
pub use treatment::{Grouping, Treatment};

use super::FollowUp;
use crate::error::{Error, Result};

/// A cohort of n patients.
///
/// ```
/// use elbo::{polars::prelude::df, survival::{Cohort, Family, TimeUnit}};
///
/// let frame = df!(
///     "months" => [5.0, 12.0, 7.5, 20.0],
///     "died" => [1, 0, 1, 0],
///     "radiotherapy" => [0, 1, 0, 1],
///     "age" => [Some(61.0), Some(48.5), None, Some(55.0)],
///     "stage" => ["II", "I", "III", "II"],
/// )?;
/// let cohort = Cohort::params("months", "died")
///     .unit(TimeUnit::Months)
///     .treatments(["radiotherapy"])
///     .frame(&frame)?;
/// assert_eq!(cohort.covariate("stage")?.family(), Family::Categorical);
/// assert_eq!(cohort.covariate("age")?.missing_count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    follow_up: FollowUp,
    covariates: Vec<Covariate>,
    treatments: Vec<Treatment>,
    groupings: Vec<Grouping>,
}

impl Cohort {
    /// A table is read by saying which of its columns is the time and which the event.
    pub fn params(time: impl Into<String>, event: impl Into<String>) -> CohortParams {
        CohortParams::new(time, event)
    }

    /// A cohort from its parts.
    ///
    /// # Errors
    /// [`Error::Shape`] for a covariate without one value for each patient.
    pub fn new(follow_up: FollowUp, covariates: Vec<Covariate>) -> Result<Self> {
        let empty = Self {
            follow_up,
            covariates: Vec::new(),
            treatments: Vec::new(),
            groupings: Vec::new(),
        };
        for covariate in &covariates {
            empty.check_length(covariate.name(), covariate.values().len())?;
        }
        Ok(Self { covariates, ..empty })
    }

    /// A cohort with the columns of a matrix (n, p) as covariates, all normal. NaN is missing.
    ///
    /// # Errors
    /// [`Error::Shape`] for sizes that do not fit, [`Error::Column`] for a constant column.
    pub fn from_matrix(
        follow_up: FollowUp,
        names: &[impl AsRef<str>],
        x: ArrayView2<f64>,
    ) -> Result<Self> {
        if x.dim() != (follow_up.len(), names.len()) {
            return Err(Error::Shape {
                what: "the matrix of covariates".to_owned(),
                got: x.shape().to_vec(),
                want: vec![follow_up.len(), names.len()],
                advice: "give one row for each patient and one name for each column".to_owned(),
            });
        }
        let columns = names.iter().zip(x.columns());
        let covariate = |(name, column): (_, ndarray::ArrayView1<f64>)| {
            let name: &str = AsRef::as_ref(name);
            Covariate::new(name, Family::Normal, column.iter().copied())
        };
        Self::new(follow_up, columns.map(covariate).collect::<Result<_>>()?)
    }

    /// The same patients with these treatments.
    ///
    /// # Errors
    /// [`Error::Shape`] for a treatment without one value for each patient.
    pub fn with_treatments(self, treatments: Vec<Treatment>) -> Result<Self> {
        for treatment in &treatments {
            self.check_length(treatment.name(), treatment.given().len())?;
        }
        Ok(Self { treatments, ..self })
    }

    /// The same patients with other covariates, which have one value for each of them.
    pub(crate) fn with_covariates(&self, covariates: Vec<Covariate>) -> Self {
        Self { covariates, ..self.clone() }
    }

    /// The same patients with one more grouping.
    ///
    /// # Errors
    /// [`Error::Shape`] when it has not one group for each patient.
    pub fn with_grouping(mut self, grouping: Grouping) -> Result<Self> {
        self.check_length(grouping.name(), grouping.groups().len())?;
        self.groupings.push(grouping);
        Ok(self)
    }

    /// The same patients with another follow-up.
    ///
    /// # Errors
    /// [`Error::Shape`] when it is one of another number of patients.
    pub fn with_follow_up(self, follow_up: FollowUp) -> Result<Self> {
        self.check_length("time", follow_up.len())?;
        Ok(Self { follow_up, ..self })
    }

    /// The same patients as if all had been given these treatments, one entry a treatment: for
    /// predictions of what would have happened.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of treatments than the cohort has.
    pub fn under(&self, given: &[bool]) -> Result<Self> {
        if given.len() != self.treatments.len() {
            return Err(Error::Shape {
                what: "the treatments".to_owned(),
                got: vec![given.len()],
                want: vec![self.treatments.len()],
                advice: "say of each treatment of the cohort whether it is given".to_owned(),
            });
        }
        let all = |(treatment, &given): (&Treatment, &bool)| {
            Treatment::new(treatment.name(), std::iter::repeat_n(given, self.len()))
        };
        let treatments = self.treatments.iter().zip(given).map(all).collect();
        Ok(Self { treatments, ..self.clone() })
    }

    fn check_length(&self, name: &str, length: usize) -> Result<()> {
        if length == self.len() {
            return Ok(());
        }
        Err(Error::Shape {
            what: format!("column {name:?}"),
            got: vec![length],
            want: vec![self.len()],
            advice: "give one value for each patient".to_owned(),
        })
    }

    /// n
    pub fn len(&self) -> usize {
        self.follow_up.len()
    }

    /// Whether there is nobody; there always is.
    pub fn is_empty(&self) -> bool {
        self.follow_up.is_empty()
    }

    /// How long patients were followed, and how it ended.
    pub fn follow_up(&self) -> &FollowUp {
        &self.follow_up
    }

    /// The covariates, in the order of the table.
    pub fn covariates(&self) -> &[Covariate] {
        &self.covariates
    }

    /// The treatments.
    pub fn treatments(&self) -> &[Treatment] {
        &self.treatments
    }

    /// The covariate of this name.
    ///
    /// # Errors
    /// [`Error::Column`] when there is none.
    pub fn covariate(&self, name: &str) -> Result<&Covariate> {
        let names = self.covariates.iter().map(Covariate::name).collect();
        let found = self.covariates.iter().find(|covariate| covariate.name() == name);
        found.ok_or_else(|| unknown(name, names))
    }

    /// The covariates as a matrix (n, covariates), one column each: levels are coded 0, 1, ... and
    /// missing cells are NaN.
    pub fn values(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.len(), self.covariates.len()), |(i, j)| {
            self.covariates[j].values()[i]
        })
    }

    /// True where a cell of [`Self::values`] is there, (n, covariates).
    pub fn observed_cells(&self) -> Array2<bool> {
        self.values().mapv(|value| !value.is_nan())
    }

    /// The treatments as a matrix (n, treatments) of 0 and 1.
    pub fn treatment_matrix(&self) -> Array2<f64> {
        Array2::from_shape_fn((self.len(), self.treatments.len()), |(i, j)| {
            f64::from(u8::from(self.treatments[j].given()[i]))
        })
    }

    /// The groups that a column puts patients into: a grouping, a treatment, or a covariate with
    /// levels.
    ///
    /// # Errors
    /// [`Error::Column`] when there is no such column.
    pub fn grouping(&self, name: &str) -> Result<Grouping> {
        if let Some(grouping) = self.groupings.iter().find(|grouping| grouping.name() == name) {
            return Ok(grouping.clone());
        }
        if let Some(treatment) = self.treatments.iter().find(|treatment| treatment.name() == name) {
            let levels = vec![format!("no {name}"), name.to_owned()];
            let groups = treatment.given().iter().map(|&given| Some(usize::from(given)));
            return Ok(Grouping::of_indices(name, levels, groups));
        }
        let discrete: Vec<&Covariate> =
            self.covariates.iter().filter(|covariate| covariate.family().is_discrete()).collect();
        if let Some(covariate) = discrete.iter().find(|covariate| covariate.name() == name) {
            let code = |value: &f64| (!value.is_nan()).then_some(*value as usize);
            let groups = covariate.values().iter().map(code);
            return Ok(Grouping::of_indices(name, covariate.levels().to_vec(), groups));
        }
        let groupings = self.groupings.iter().map(Grouping::name);
        let treatments = self.treatments.iter().map(Treatment::name);
        let known = discrete.iter().map(|covariate| covariate.name());
        Err(unknown(name, groupings.chain(treatments).chain(known).collect()))
    }
}

fn unknown(name: &str, known: Vec<&str>) -> Error {
    Error::Column {
        column: name.to_owned(),
        problem: "is not among those that can be asked for here".to_owned(),
        advice: format!("these can: {known:?}"),
    }
}
