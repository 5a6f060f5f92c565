//! The product-limit estimator of the survival function (Kaplan and Meier 1958).
//!
//! S(t) = Π (1 − dᵢ / nᵢ) over the event times tᵢ ≤ t, with dᵢ events among nᵢ at risk. Its variance
//! is Greenwood's, S(t)² Σ dᵢ / (nᵢ (nᵢ − dᵢ)).

mod at_risk;
mod display;
mod groups;
mod params;

use ndarray::{Array2, ArrayView1};

pub use at_risk::{AtRisk, AtRiskRow, Counting};
pub use groups::KaplanMeierGroups;
pub use params::{Band, KaplanMeierParams};

use super::{
    Cohort, FollowUp, RiskTable, Steps, SurvivalModel, TimeUnit, model::check_times,
    risk_table::order, statistics::half_width,
};
use crate::error::{Error, Result};

/// A fitted Kaplan-Meier curve.
///
/// ```
/// use elbo::survival::{Durations, Events, FollowUp, KaplanMeier};
///
/// let follow_up = FollowUp::new(
///     Durations::weeks([6.0, 6.0, 6.0, 6.0, 7.0, 9.0, 10.0]),
///     Events::observed([true, true, true, false, true, false, true]),
/// )?;
/// let curve = KaplanMeier::fit(&follow_up)?;
/// assert!((curve.survival_at(6.0) - 4.0 / 7.0).abs() < 1e-12);
/// assert_eq!(curve.median().value, Some(7.0));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeier {
    table: RiskTable,
    survival: Steps,
    /// Greenwood's standard error of S.
    standard_errors: Vec<f64>,
    bands: Vec<(f64, f64)>,
    settings: KaplanMeierParams,
    unit: TimeUnit,
    /// The weight of those who entered by each time, from the first to the last; empty without left
    /// truncation.
    entered: Steps,
}

/// A time by which a share of the subjects had the event, with its interval. `None` where the curve,
/// or the band, does not come down so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileTime {
    /// The estimate.
    pub value: Option<f64>,
    /// The first time at which the lower band is so low.
    pub lower: Option<f64>,
    /// The first time at which the upper band is so low.
    pub upper: Option<f64>,
}

impl KaplanMeier {
    /// The settings: the kind of band and its confidence.
    pub fn params() -> KaplanMeierParams {
        KaplanMeierParams::default()
    }

    /// The curve with log-log bands of 95 %.
    ///
    /// # Errors
    /// Those of [`KaplanMeierParams::fit`].
    pub fn fit(follow_up: &FollowUp) -> Result<Self> {
        Self::params().fit(follow_up)
    }

    /// A curve for each group of a grouping, a treatment, or a covariate with levels.
    ///
    /// # Errors
    /// Those of [`KaplanMeierParams::fit_by`].
    pub fn fit_by(cohort: &Cohort, column: &str) -> Result<KaplanMeierGroups> {
        Self::params().fit_by(cohort, column)
    }

    fn of(follow_up: &FollowUp, settings: KaplanMeierParams) -> Self {
        let table = RiskTable::new(follow_up);
        let (mut survival, mut hazard_variance) = (1.0, 0.0);
        let mut values = Vec::with_capacity(table.times.len());
        let mut standard_errors = Vec::with_capacity(table.times.len());
        let mut bands = Vec::with_capacity(table.times.len());
        let z = half_width(settings.confidence);
        for (&at_risk, &events) in table.at_risk.iter().zip(&table.events) {
            if events > 0.0 {
                survival *= 1.0 - events / at_risk;
                hazard_variance += events / (at_risk * (at_risk - events));
            }
            values.push(survival);
            let zero = survival == 0.0;
            standard_errors.push(if zero { f64::NAN } else { survival * hazard_variance.sqrt() });
            bands.push(settings.band.around(survival, hazard_variance.sqrt(), z));
        }
        let survival = Steps { times: table.times.clone(), values, start: 1.0 };
        let unit = follow_up.unit().clone();
        let entered = entered(follow_up);
        Self { table, survival, standard_errors, bands, settings, unit, entered }
    }

    /// S(t). After the last time it keeps its last value: if that time is censored, nothing is known
    /// about what comes.
    pub fn survival_at(&self, time: f64) -> f64 {
        self.survival.at(time)
    }

    /// S as a step function.
    pub fn curve(&self) -> &Steps {
        &self.survival
    }

    /// Who was at risk when, and what happened.
    pub fn risk_table(&self) -> &RiskTable {
        &self.table
    }

    /// Greenwood's standard error of S at every time of the table; NaN where S = 0.
    pub fn standard_errors(&self) -> &[f64] {
        &self.standard_errors
    }

    /// The band of S at every time of the table, pointwise; NaN where S = 0, where there is none.
    pub fn bands(&self) -> &[(f64, f64)] {
        &self.bands
    }

    /// The probability that the bands contain S at a given time.
    pub fn confidence(&self) -> f64 {
        self.settings.confidence
    }

    /// What times are counted in.
    pub fn unit(&self) -> &TimeUnit {
        &self.unit
    }

    /// The first time with S(t) ≤ ½, with the interval of Brookmeyer and Crowley (1982).
    pub fn median(&self) -> QuantileTime {
        self.reached(0.5)
    }

    /// The time by which this share of the subjects had the event.
    ///
    /// # Errors
    /// [`Error::Setting`] unless 0 < share < 1.
    pub fn quantile(&self, share: f64) -> Result<QuantileTime> {
        if share > 0.0 && share < 1.0 {
            return Ok(self.reached(1.0 - share));
        }
        Err(Error::setting("share", share, "a share of the subjects lies between 0 and 1"))
    }

    fn reached(&self, level: f64) -> QuantileTime {
        let band = |end: fn(&(f64, f64)) -> f64| {
            let values = self.bands.iter().map(end).collect();
            let band = Steps { times: self.table.times.clone(), values, start: 1.0 };
            band.first_at_most(level)
        };
        QuantileTime {
            value: self.survival.first_at_most(level),
            lower: band(|ends| ends.0),
            upper: band(|ends| ends.1),
        }
    }

    /// ∫ S from 0 to `horizon`: the expected time until the event or the horizon, whichever is first.
    pub fn restricted_mean(&self, horizon: f64) -> f64 {
        self.survival.integral(horizon)
    }

    /// Times, counts, S, its standard error and its band, one row for each distinct time.
    ///
    /// # Errors
    /// Never, unless polars fails.
    #[cfg(feature = "polars")]
    pub fn to_frame(&self) -> Result<polars::prelude::DataFrame> {
        use polars::prelude::{Column, DataFrame};

        let table = &self.table;
        let bands =
            |end: fn(&(f64, f64)) -> f64| -> Vec<f64> { self.bands.iter().map(end).collect() };
        let columns = vec![
            Column::new("time".into(), &table.times),
            Column::new("at risk".into(), &table.at_risk),
            Column::new("events".into(), &table.events),
            Column::new("censored".into(), &table.censored),
            Column::new("survival".into(), &self.survival.values),
            Column::new("standard error".into(), &self.standard_errors),
            Column::new("lower".into(), bands(|ends| ends.0)),
            Column::new("upper".into(), bands(|ends| ends.1)),
        ];
        DataFrame::new(table.times.len(), columns).map_err(Error::drawing)
    }
}

/// How many entered by each time of an entry.
fn entered(follow_up: &FollowUp) -> Steps {
    let entries = follow_up.entries().unwrap_or_default();
    let weights = follow_up.frequencies();
    let mut steps = Steps { times: Vec::new(), values: Vec::new(), start: 0.0 };
    let mut sum = 0.0;
    for i in order(entries) {
        sum += weights[i];
        steps.times.push(entries[i]);
        steps.values.push(sum);
    }
    steps
}

/// Everybody has the same curve.
impl SurvivalModel for KaplanMeier {
    fn name(&self) -> String {
        "Kaplan-Meier".to_owned()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        check_times(times)?;
        let values = self.survival.at_all(times);
        let row = ArrayView1::from(&values);
        // One row for everybody always fits.
        Ok(row.broadcast((cohort.len(), times.len())).map(|all| all.to_owned()).unwrap_or_default())
    }
}
