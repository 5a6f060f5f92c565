//! Whether hazards are proportional: do Schoenfeld residuals have a trend?

use super::{Cox, residuals::centred_products};
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    survival::{Cohort, KaplanMeier, statistics::chi_squared_tail},
};

/// The function of time that a coefficient might change with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeTransform {
    /// The rank of the time among the times of all events, ties sharing their mean.
    #[default]
    Rank,
    /// The time itself.
    Identity,
    /// The logarithm of the time.
    Log,
    /// 1 − S(t) of Kaplan and Meier.
    KaplanMeier,
}

impl TimeTransform {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            TimeTransform::Rank => "rank of time",
            TimeTransform::Identity => "time",
            TimeTransform::Log => "log time",
            TimeTransform::KaplanMeier => "1 − Kaplan-Meier",
        }
    }

    fn apply(self, cohort: &Cohort, times: &[f64]) -> Result<Vec<f64>> {
        let follow_up = cohort.follow_up();
        Ok(match self {
            TimeTransform::Identity => times.to_vec(),
            TimeTransform::Log => times.iter().map(|time| time.ln()).collect(),
            TimeTransform::KaplanMeier => {
                let curve = KaplanMeier::fit(follow_up)?;
                times.iter().map(|&time| 1.0 - curve.survival_at(time)).collect()
            }
            TimeTransform::Rank => {
                let mut all = times.to_vec();
                all.sort_by(f64::total_cmp);
                let rank = |time: &f64| {
                    let below = all.partition_point(|other| other < time);
                    let through = all.partition_point(|other| other <= time);
                    (below + through + 1) as f64 / 2.0
                };
                times.iter().map(rank).collect()
            }
        })
    }
}

/// The result of the test for one column.
#[derive(Clone, Debug, PartialEq)]
pub struct ProportionalityRow {
    /// The column.
    pub name: String,
    /// χ² with one degree of freedom when its hazards are proportional.
    pub statistic: f64,
    /// The probability of a statistic this large when they are.
    pub p_value: f64,
}

/// The test of Grambsch and Therneau (1994) of every column; made by
/// [`Cox::proportionality`].
#[derive(Clone, Debug, PartialEq)]
pub struct Proportionality {
    /// The function of time.
    pub transform: TimeTransform,
    /// One for each column.
    pub rows: Vec<ProportionalityRow>,
}

impl Cox {
    /// Whether the coefficient of each column is constant over time; `cohort` is the one that was
    /// fitted. A small p-value says that it is not.
    ///
    /// The covariance of the residuals is taken as the same at all times, as in lifelines and, before
    /// its version 3, in R's survival package.
    ///
    /// # Errors
    /// Those of [`Self::schoenfeld_residuals`].
    pub fn proportionality(
        &self,
        cohort: &Cohort,
        transform: TimeTransform,
    ) -> Result<Proportionality> {
        let (times, residuals) = self.schoenfeld_residuals(cohort)?;
        let scaled = residuals.dot(&self.covariance);
        let transformed = transform.apply(cohort, &times)?;
        let events = times.len() as f64;
        let mean = transformed.iter().sum::<f64>() / events;
        let spread: f64 = transformed.iter().map(|value| (value - mean).powi(2)).sum();
        let products = centred_products(&transformed, &scaled);
        let row = |(name, (product, variance)): (&String, (&f64, &f64))| {
            let statistic = (events * product).powi(2) / (events * variance * spread);
            let p_value = chi_squared_tail(statistic, 1);
            ProportionalityRow { name: name.clone(), statistic, p_value }
        };
        let columns = products.iter().zip(self.covariance.diag());
        let rows = self.design.names().iter().zip(columns).map(row).collect();
        Ok(Proportionality { transform, rows })
    }
}

impl RichDisplay for Proportionality {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("Are hazards proportional? Trend with {}", self.transform.name());
        let mut table = Table::new(title, ["column", "χ²", "p"]);
        for row in &self.rows {
            table = table.row([
                row.name.as_str().into(),
                Cell::decimals(row.statistic, 2),
                Cell::p_value(row.p_value),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Proportionality);
