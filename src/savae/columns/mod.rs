//! How a cohort becomes rows of numbers. Learnt from the cohort that the model is built for, and a
//! part of the model: the same patient always becomes the same numbers.

mod covariate;
mod time;

use std::ops::Range;

use ndarray::{Array2, ArrayViewMut1, s};
use serde::{Deserialize, Serialize};

pub(super) use self::{covariate::CovariateColumn, time::TimeScale};
use crate::{
    error::{Error, Result},
    ops::MixedLayout,
    survival::{Cohort, Family, TimeUnit},
};

/// All columns of a cohort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Columns {
    pub covariates: Vec<CovariateColumn>,
    pub treatments: Vec<TreatmentColumn>,
    pub time: TimeScale,
    pub unit: TimeUnit,
}

/// A treatment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TreatmentColumn {
    pub name: String,
    /// Of the patients that the columns were learnt from.
    pub share: f64,
}

/// Where the parts of a row stand.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    /// What networks see of the covariates: standardised, 0 where missing, and then for every
    /// covariate whether it is missing.
    pub inputs: Range<usize>,
    /// What p(x|z) is asked for, in the order of [`MixedLayout`].
    pub cells: Range<usize>,
    /// Which of these are there.
    pub observed: Range<usize>,
    /// 0 and 1.
    pub treatments: Range<usize>,
    /// The standardised logarithm of the time, and whether the event was observed.
    pub outcome: Range<usize>,
    /// What is to be added to the log-likelihood of the cells and the outcome for that of the
    /// covariates and the time themselves: Jacobians, and ln x! of counts.
    pub constant: usize,
}

impl Columns {
    /// The columns of a cohort.
    ///
    /// # Errors
    /// [`Error::NoEvents`] without an event; [`Error::Setting`] for weights or left truncation, which the model
    /// does not know; [`Error::Shape`] without covariates.
    pub fn of(cohort: &Cohort) -> Result<Self> {
        cohort.follow_up().check_events()?;
        check_follow_up(cohort)?;
        if cohort.covariates().is_empty() {
            return Err(Error::Shape {
                what: "the covariates".to_owned(),
                got: vec![cohort.len(), 0],
                want: vec![cohort.len(), 1],
                advice: "the model tells patients apart by covariates: give at least one"
                    .to_owned(),
            });
        }
        let treatments = cohort.treatments().iter().map(|treatment| {
            let given = treatment.given().iter().filter(|given| **given).count();
            let share = rounded(given as f64 / cohort.len() as f64);
            TreatmentColumn { name: treatment.name().to_owned(), share }
        });
        Ok(Self {
            covariates: cohort.covariates().iter().map(CovariateColumn::of).collect(),
            treatments: treatments.collect(),
            time: TimeScale::of(cohort.follow_up()),
            unit: cohort.follow_up().unit().clone(),
        })
    }

    /// How the cells of p(x|z) stand, with the smallest standard deviation of a normal in the unit
    /// of its own standard deviation.
    pub fn layout(&self, minimum_std: f64) -> MixedLayout {
        let count = |wanted: &dyn Fn(Family) -> bool| {
            self.covariates.iter().filter(|column| wanted(column.family)).count()
        };
        let levels = self.in_order().filter(|column| column.family == Family::Categorical);
        MixedLayout {
            normals: count(&|family| matches!(family, Family::Normal | Family::LogNormal)),
            counts: count(&|family| family == Family::Poisson),
            binaries: count(&|family| family == Family::Bernoulli),
            levels: levels.map(|column| column.levels.len()).collect(),
            log_std_floor: minimum_std.ln() as f32,
        }
    }

    /// The covariates as their cells stand: by family.
    pub fn in_order(&self) -> impl Iterator<Item = &CovariateColumn> {
        (0..FAMILIES).flat_map(|rank| {
            self.covariates.iter().filter(move |column| family_rank(column.family) == rank)
        })
    }

    /// Where the parts of a row stand.
    pub fn blocks(&self) -> Blocks {
        let inputs: usize = self.covariates.iter().map(CovariateColumn::inputs).sum();
        let cells: usize = self.covariates.iter().map(CovariateColumn::cells).sum();
        let mut end = 0;
        let mut next = |width: usize| {
            let start = end;
            end += width;
            start..end
        };
        Blocks {
            inputs: next(inputs + self.covariates.len()),
            cells: next(cells),
            observed: next(cells),
            treatments: next(self.treatments.len()),
            outcome: next(2),
            constant: next(1).start,
        }
    }

    /// The rows of a cohort with the same columns, in whatever order.
    ///
    /// # Errors
    /// [`Error::Column`] for a column that the cohort lacks or that has other levels; [`Error::Cell`]
    /// for a value that its family cannot have; [`Error::Setting`] for weights or left truncation.
    pub fn rows(&self, cohort: &Cohort) -> Result<Array2<f32>> {
        check_follow_up(cohort)?;
        let blocks = self.blocks();
        let mut rows = Array2::zeros((cohort.len(), blocks.constant + 1));
        let (mut input, mut cell) = (blocks.inputs.start, blocks.cells.start);
        let missing = blocks.inputs.end - self.covariates.len();
        for (number, column) in self.in_order().enumerate() {
            let values = column.values_in(cohort)?;
            for (row, &value) in values.iter().enumerate() {
                let mut to = rows.row_mut(row);
                if value.is_nan() {
                    to[missing + number] = 1.0;
                    continue;
                }
                let end = input + column.inputs();
                column.write_input(value, to.slice_mut(s![input..end]));
                column.write_cells(value, to.slice_mut(s![cell..cell + column.cells()]));
                let seen = cell + blocks.cells.len();
                to.slice_mut(s![seen..seen + column.cells()]).fill(1.0);
                to[blocks.constant] += column.constant(value) as f32;
            }
            (input, cell) = (input + column.inputs(), cell + column.cells());
        }
        self.write_treatments(cohort, &blocks, &mut rows)?;
        self.write_outcomes(cohort, &blocks, &mut rows);
        Ok(rows)
    }

    fn write_treatments(
        &self,
        cohort: &Cohort,
        blocks: &Blocks,
        rows: &mut Array2<f32>,
    ) -> Result<()> {
        for (treatment, at) in self.treatments.iter().zip(blocks.treatments.clone()) {
            let known: Vec<_> = cohort.treatments().iter().map(|other| other.name()).collect();
            let found = cohort.treatments().iter().find(|other| other.name() == treatment.name);
            let Some(found) = found else {
                return Err(Error::Column {
                    column: treatment.name.clone(),
                    problem: "is a treatment of the model and none of the cohort".to_owned(),
                    advice: format!("the treatments of the cohort are {known:?}"),
                });
            };
            let given = found.given().iter().map(|&given| f32::from(u8::from(given)));
            rows.column_mut(at).iter_mut().zip(given).for_each(|(to, given)| *to = given);
        }
        Ok(())
    }

    fn write_outcomes(&self, cohort: &Cohort, blocks: &Blocks, rows: &mut Array2<f32>) {
        let follow_up = cohort.follow_up();
        let outcomes = follow_up.times().iter().zip(follow_up.observed());
        for (mut row, (&time, &observed)) in rows.rows_mut().into_iter().zip(outcomes) {
            let mut outcome: ArrayViewMut1<f32> = row.slice_mut(s![blocks.outcome.clone()]);
            outcome[0] = self.time.standardised(time) as f32;
            outcome[1] = f32::from(u8::from(observed));
            if observed {
                row[blocks.constant] += self.time.log_jacobian(time) as f32;
            }
        }
    }
}

const FAMILIES: usize = 4;

/// The place of a family in [`MixedLayout`].
fn family_rank(family: Family) -> usize {
    match family {
        Family::Normal | Family::LogNormal => 0,
        Family::Poisson => 1,
        Family::Bernoulli => 2,
        Family::Categorical => 3,
    }
}

/// The model counts every patient once, and from time 0.
fn check_follow_up(cohort: &Cohort) -> Result<()> {
    if cohort.follow_up().entries().is_some() {
        let requirement = "patients must be followed from time 0: this model does not know left \
                           truncation, Cox regression does";
        return Err(Error::setting("entry", "set", requirement));
    }
    if cohort.follow_up().weights().is_some() {
        let requirement = "patients must count once each: this model does not know weights, Cox \
                           regression does";
        return Err(Error::setting("weights", "set", requirement));
    }
    Ok(())
}

/// Six significant digits: numbers that a saved model gives back exactly, and that one can read.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}
