//! A cohort as a table.

use super::{Cohort, Covariate};
use crate::{
    display::{MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    survival::display::short,
};

impl RichDisplay for Cohort {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let columns = ["column", "what it is", "missing", "values"];
        let mut table = Table::new(self.headline(), columns);
        for covariate in self.covariates() {
            table = table.row([
                covariate.name().into(),
                covariate.family().to_string().into(),
                covariate.missing_count().into(),
                described(covariate).into(),
            ]);
        }
        for treatment in self.treatments() {
            let given = treatment.given().iter().filter(|&&given| given).count();
            let share = 100.0 * given as f64 / self.len() as f64;
            table = table.row([
                treatment.name().into(),
                "treatment".into(),
                0.into(),
                format!("given to {share:.1} %").into(),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Cohort);

impl Cohort {
    /// Patients, events, the longest follow-up, and times of zero where there are any.
    fn headline(&self) -> String {
        let follow_up = self.follow_up();
        let censored = 100.0 - 100.0 * follow_up.event_count() as f64 / self.len() as f64;
        let mut out = format!(
            "{} patients, {} events, {censored:.1} % censored, followed for up to {} {}",
            self.len(),
            follow_up.event_count(),
            short(follow_up.last_time()),
            follow_up.unit()
        );
        match follow_up.zero_times() {
            0 => {}
            1 => out.push_str("; 1 time is 0"),
            zeros => out.push_str(&format!("; {zeros} times are 0")),
        }
        out
    }
}

/// Shares of the levels, or mean and standard deviation.
fn described(covariate: &Covariate) -> String {
    let present: Vec<f64> =
        covariate.values().iter().copied().filter(|value| !value.is_nan()).collect();
    let count = present.len() as f64;
    if covariate.family().is_discrete() {
        let share = |(level, name): (usize, &String)| {
            let inside = present.iter().filter(|value| **value == level as f64).count();
            format!("{name} {:.1} %", 100.0 * inside as f64 / count)
        };
        return covariate.levels().iter().enumerate().map(share).collect::<Vec<_>>().join(", ");
    }
    let mean = covariate.mean();
    let variance = present.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    let range = present.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
        (low.min(value), high.max(value))
    });
    let [mean, sd, low, high] = [mean, variance.sqrt(), range.0, range.1].map(short);
    format!("mean {mean}, sd {sd}, {low} to {high}")
}
