//! Whether predicted probabilities are met.

use ndarray::{Array1, Array2};

use crate::{
    display::{LineChart, LineSeries},
    error::{Error, Result},
    survival::{
        Cohort, Durations, Events, FollowUp, KaplanMeier, SurvivalModel, TimeUnit,
        risk_table::order, statistics::chi_squared_tail,
    },
};

/// Patients of similar predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationGroup {
    /// How many they are.
    pub count: usize,
    /// The mean of their predicted S(horizon).
    pub predicted: f64,
    /// Their S(horizon) by Kaplan and Meier.
    pub observed: f64,
    /// Its log-log interval of 95 %.
    pub interval: (f64, f64),
}

/// Predicted against observed survival at one time, in groups of equal size from the lowest
/// prediction to the highest.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The time.
    pub horizon: f64,
    /// From the lowest prediction to the highest. Equal predictions stay together.
    pub groups: Vec<CalibrationGroup>,
    /// What times are counted in.
    pub unit: TimeUnit,
}

impl Calibration {
    /// The calibration of a model on a cohort that it was not fitted to.
    ///
    /// # Errors
    /// Those of the model; [`Error::Setting`] without groups, or for more than patients.
    pub fn of(
        model: &(impl SurvivalModel + ?Sized),
        cohort: &Cohort,
        horizon: f64,
        groups: usize,
    ) -> Result<Self> {
        if !(1..=cohort.len()).contains(&groups) {
            let requirement = format!("it must be 1 to {}, the number of patients", cohort.len());
            return Err(Error::setting("groups", groups, requirement));
        }
        let predicted = model.survival(cohort, &[horizon])?.column(0).to_vec();
        let order = order(&predicted);
        let (mut start, mut out) = (0, Vec::new());
        for group in 1..=groups {
            let mut end = (group * order.len()) / groups;
            while end > start
                && end < order.len()
                && predicted[order[end]] == predicted[order[end - 1]]
            {
                end += 1;
            }
            if end > start {
                out.push(group_of(cohort, &order[start..end], &predicted, horizon)?);
                start = end;
            }
        }
        Ok(Self { horizon, groups: out, unit: cohort.follow_up().unit().clone() })
    }

    /// The mean distance of predicted and observed survival over the patients.
    pub fn mean_error(&self) -> f64 {
        let count: usize = self.groups.iter().map(|group| group.count).sum();
        let error = |group: &CalibrationGroup| {
            group.count as f64 * (group.predicted - group.observed).abs()
        };
        self.groups.iter().map(error).sum::<f64>() / count as f64
    }

    /// Observed against predicted survival; on the diagonal they are equal.
    pub fn chart(&self, name: &str) -> LineChart {
        let groups = &self.groups;
        let unit = match &self.unit {
            TimeUnit::Unknown => String::new(),
            unit => format!(" {unit}"),
        };
        LineChart {
            title: format!("Calibration at {}{unit}", self.horizon),
            x_label: "predicted survival".to_owned(),
            y_label: "observed survival".to_owned(),
            series: vec![LineSeries {
                name: name.to_owned(),
                points: groups.iter().map(|group| (group.predicted, group.observed)).collect(),
                intervals: groups.iter().map(|group| group.interval).collect(),
                markers: true,
                ..LineSeries::default()
            }],
            diagonal: true,
            x_range: Some((0.0, 1.0)),
            y_range: Some((0.0, 1.0)),
        }
    }
}

fn group_of(
    cohort: &Cohort,
    members: &[usize],
    predicted: &[f64],
    horizon: f64,
) -> Result<CalibrationGroup> {
    let curve = KaplanMeier::fit(&cohort.follow_up().rows(members))?;
    let interval = curve.risk_table().place(horizon).map_or((1.0, 1.0), |i| curve.bands()[i]);
    let weights = cohort.follow_up().frequencies();
    let weight: f64 = members.iter().map(|&i| weights[i]).sum();
    let sum: f64 = members.iter().map(|&i| weights[i] * predicted[i]).sum();
    Ok(CalibrationGroup {
        count: members.len(),
        predicted: sum / weight,
        observed: curve.survival_at(horizon),
        interval,
    })
}

/// Distributional calibration (Haider et al. 2020): S at the times of the events is uniform when
/// predictions are right at all times. A censored patient with S = s stands for one whose S is
/// uniform between 0 and s; of one who came under observation late it is S(t)/S(entry).
#[derive(Clone, Debug, PartialEq)]
pub struct DCalibration {
    /// Patients whose S falls into each of ten equal bins from 0 to 1.
    pub counts: Vec<f64>,
    /// χ² with nine degrees of freedom when predictions are right.
    pub statistic: f64,
    /// The probability of a statistic this large when they are. A small one says that they are not.
    pub p_value: f64,
}

/// As many as in the paper.
const BINS: usize = 10;

impl DCalibration {
    /// The test of a model on a cohort that it was not fitted to.
    ///
    /// # Errors
    /// Those of the model.
    pub fn of(model: &(impl SurvivalModel + ?Sized), cohort: &Cohort) -> Result<Self> {
        let weights = Array1::from(cohort.follow_up().frequencies());
        Ok(Self::of_counts(weights.dot(&bin_shares(model, cohort)?).to_vec()))
    }

    pub(super) fn of_counts(counts: Vec<f64>) -> Self {
        let expected = counts.iter().sum::<f64>() / BINS as f64;
        let statistic = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
        Self { counts, statistic, p_value: chi_squared_tail(statistic, BINS - 1) }
    }
}

/// S at each patient's own time as a share of that at the entry, (n).
fn since_entry(model: &(impl SurvivalModel + ?Sized), cohort: &Cohort) -> Result<Array1<f64>> {
    let own = model.survival_at_own_times(cohort)?;
    let Some(entries) = cohort.follow_up().entries() else { return Ok(own) };
    let follow_up = cohort.follow_up();
    let unit = follow_up.unit().clone();
    let until = FollowUp::new(
        Durations::new(entries.to_vec(), unit),
        Events::observed(follow_up.observed().to_vec()),
    )?;
    Ok(own / model.survival_at_own_times(&cohort.clone().with_follow_up(until)?)?)
}

/// The share of every patient in every bin, (n, bins).
pub(super) fn bin_shares(
    model: &(impl SurvivalModel + ?Sized),
    cohort: &Cohort,
) -> Result<Array2<f64>> {
    let own = since_entry(model, cohort)?;
    let mut shares = Array2::zeros((cohort.len(), BINS));
    for (i, mut row) in shares.rows_mut().into_iter().enumerate() {
        let survival = own[i].clamp(0.0, 1.0);
        let bin = ((survival * BINS as f64) as usize).min(BINS - 1);
        if cohort.follow_up().observed()[i] || survival == 0.0 {
            row[bin] = 1.0;
            continue;
        }
        for (place, share) in row.iter_mut().enumerate().take(bin + 1) {
            let top = ((place + 1) as f64 / BINS as f64).min(survival);
            *share = (top - place as f64 / BINS as f64) / survival;
        }
    }
    Ok(shares)
}
