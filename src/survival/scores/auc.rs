//! How well predictions at a time tell those with an event by then from the others (Uno et al. 2007,
//! Hung and Chiang 2010: cumulative cases, dynamic controls).

use ndarray::ArrayView1;

use super::Censoring;
use crate::{
    error::{Error, Result},
    survival::{
        Cohort, FollowUp, RiskTable, SurvivalModel, TimeUnit,
        model::{check_times, sorted_times},
        risk_table::order,
    },
};

const AREA: &str = "the area under the curve";

/// The area under the curve of sensitivity against 1 − specificity at several times: the probability
/// that a patient with an event by then was predicted a lower survival than one without. ½ is a
/// coin.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeAuc {
    /// In increasing order.
    pub times: Vec<f64>,
    /// One for each time; NaN where there are no cases or no controls.
    pub areas: Vec<f64>,
    /// The mean of the areas, weighted by how many have their event between the times.
    pub mean: f64,
    /// What times are counted in.
    pub unit: TimeUnit,
}

impl TimeAuc {
    /// The areas of a model on a cohort that it was not fitted to. `times` are sorted.
    ///
    /// # Errors
    /// Those of the model; [`Error::Setting`] for times outside their range.
    pub fn of(
        model: &(impl SurvivalModel + ?Sized),
        censoring: &Censoring,
        cohort: &Cohort,
        times: &[f64],
    ) -> Result<Self> {
        let times = sorted_times(times)?;
        let follow_up = cohort.follow_up();
        follow_up.check_from_the_start(AREA)?;
        let survival = model.survival(cohort, &times)?;
        let columns: Vec<ByRisk> =
            times.iter().zip(survival.columns()).map(|(t, s)| ByRisk::new(*t, s)).collect();
        let weights = censoring.event_weights(follow_up);
        Ok(Self::of_columns(&columns, follow_up, &weights, &follow_up.frequencies()))
    }

    /// The areas of risks that are the same at all times, one for each patient.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one risk for each patient; [`Error::Setting`] for times
    /// outside their range.
    pub fn of_risk(
        risk: &[f64],
        censoring: &Censoring,
        follow_up: &FollowUp,
        times: &[f64],
    ) -> Result<Self> {
        check_times(times)?;
        follow_up.check_from_the_start(AREA)?;
        if risk.len() != follow_up.len() {
            return Err(Error::Shape {
                what: "the risks".to_owned(),
                got: vec![risk.len()],
                want: vec![follow_up.len()],
                advice: "give one for each patient".to_owned(),
            });
        }
        let safety: ndarray::Array1<f64> = risk.iter().map(|risk| -risk).collect();
        let columns: Vec<ByRisk> = times.iter().map(|&t| ByRisk::new(t, safety.view())).collect();
        let weights = censoring.event_weights(follow_up);
        Ok(Self::of_columns(&columns, follow_up, &weights, &follow_up.frequencies()))
    }

    /// The areas when each patient counts as often as `frequencies` says.
    pub(super) fn of_columns(
        columns: &[ByRisk],
        follow_up: &FollowUp,
        event_weights: &[f64],
        frequencies: &[f64],
    ) -> Self {
        let area = |column: &ByRisk| column.area(follow_up, event_weights, frequencies);
        let areas: Vec<f64> = columns.iter().map(area).collect();
        let times: Vec<f64> = columns.iter().map(|column| column.time).collect();
        let mean = match areas[..] {
            [only] => only,
            _ => weighted_mean(&times, &areas, follow_up, frequencies),
        };
        Self { times, areas, mean, unit: follow_up.unit().clone() }
    }
}

/// Areas weighted by the fall of Kaplan and Meier's S since the time before.
fn weighted_mean(times: &[f64], areas: &[f64], follow_up: &FollowUp, frequencies: &[f64]) -> f64 {
    let table = RiskTable::counting(follow_up, frequencies);
    let mut survival = 1.0;
    let fall = |(at_risk, events): (&f64, &f64)| {
        if *events > 0.0 {
            survival *= 1.0 - events / at_risk;
        }
        survival
    };
    let values: Vec<f64> = table.at_risk.iter().zip(&table.events).map(fall).collect();
    let (mut before, mut sum) = (1.0, 0.0);
    for (time, area) in times.iter().zip(areas) {
        let now = table.place(*time).map_or(1.0, |place| values[place]);
        if now < before {
            sum += area * (before - now);
        }
        before = now;
    }
    sum / (1.0 - before)
}

/// Patients in the order of their predicted survival at one time.
pub(super) struct ByRisk {
    time: f64,
    /// From the lowest survival to the highest; equal ones in one group.
    groups: Vec<Vec<usize>>,
}

impl ByRisk {
    pub fn new(time: f64, survival: ArrayView1<f64>) -> Self {
        let values = survival.to_vec();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for i in order(&values) {
            match groups.last_mut() {
                Some(group) if values[group[0]] == values[i] => group.push(i),
                _ => groups.push(vec![i]),
            }
        }
        Self { time, groups }
    }

    /// Controls behind each case, of equal ones half, over all pairs.
    fn area(&self, follow_up: &FollowUp, event_weights: &[f64], frequencies: &[f64]) -> f64 {
        let (mut cases, mut controls, mut below) = (0.0, 0.0, 0.0);
        for group in &self.groups {
            let (mut case, mut control) = (0.0, 0.0);
            for &i in group {
                if follow_up.times()[i] > self.time {
                    control += frequencies[i];
                } else {
                    case += event_weights[i] * frequencies[i];
                }
            }
            // A case below a control is right: count what is wrong, and half of the ties.
            below += case * (controls + 0.5 * control);
            cases += case;
            controls += control;
        }
        1.0 - below / (cases * controls)
    }
}
