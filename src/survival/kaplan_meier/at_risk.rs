//! The table of numbers at risk that stands under a Kaplan-Meier plot.

use super::KaplanMeier;
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    survival::{RiskTable, Steps, TimeUnit},
};

/// Who counts as at risk at a time t at which somebody leaves. Programs differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counting {
    /// Just before t: those with time ≥ t, as in the formula of Kaplan and Meier and in R's
    /// `survfit`.
    #[default]
    JustBefore,
    /// Just after t: those with time > t, who are still followed once the events and censorings at
    /// t are done, as in the tables of lifelines.
    JustAfter,
}

impl Counting {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Counting::JustBefore => "at risk just before each time",
            Counting::JustAfter => "at risk just after each time",
        }
    }
}

/// The counts of one curve.
#[derive(Clone, Debug, PartialEq)]
pub struct AtRiskRow {
    /// The name of the group; empty for a single curve.
    pub group: String,
    /// At risk at each time.
    pub at_risk: Vec<f64>,
    /// Events so far: before t when counted just before it, up to and with t when just after.
    pub events: Vec<f64>,
    /// Censorings so far, likewise.
    pub censored: Vec<f64>,
}

/// Numbers at risk at chosen times: a value that is shown as text and HTML, becomes a data frame, and
/// stands under the plot of its curves.
#[derive(Clone, Debug, PartialEq)]
pub struct AtRisk {
    /// The chosen times.
    pub times: Vec<f64>,
    /// Who counts.
    pub counting: Counting,
    /// One for each curve.
    pub rows: Vec<AtRiskRow>,
    /// What times are counted in.
    pub unit: TimeUnit,
}

impl KaplanMeier {
    /// Numbers at risk at these times.
    ///
    /// ```
    /// use elbo::survival::{Counting, Durations, Events, FollowUp, KaplanMeier};
    ///
    /// let events = Events::observed([true, false, true]);
    /// let follow_up = FollowUp::new(Durations::days([2.0, 4.0, 4.0]), events)?;
    /// let curve = KaplanMeier::fit(&follow_up)?;
    /// let before = curve.at_risk(&[0.0, 2.0, 4.0], Counting::JustBefore);
    /// assert_eq!(before.rows[0].at_risk, [3.0, 3.0, 2.0]);
    /// let after = curve.at_risk(&[0.0, 2.0, 4.0], Counting::JustAfter);
    /// assert_eq!(after.rows[0].at_risk, [3.0, 2.0, 0.0]);
    /// # Ok::<(), elbo::Error>(())
    /// ```
    pub fn at_risk(&self, times: &[f64], counting: Counting) -> AtRisk {
        let rows = vec![row(String::new(), &self.table, times, counting, &self.entered)];
        AtRisk { times: times.to_vec(), counting, rows, unit: self.unit.clone() }
    }
}

/// The counts of one curve. `entered` has no steps without left truncation.
pub(super) fn row(
    group: String,
    table: &RiskTable,
    times: &[f64],
    counting: Counting,
    entered: &Steps,
) -> AtRiskRow {
    let everybody: f64 = table.events.iter().chain(&table.censored).sum();
    let mut row = AtRiskRow { group, at_risk: vec![], events: vec![], censored: vec![] };
    for &time in times {
        let (gone, by_then) = match counting {
            Counting::JustBefore => {
                (table.times.partition_point(|&at| at < time), entered.before(time))
            }
            Counting::JustAfter => {
                (table.times.partition_point(|&at| at <= time), entered.at(time))
            }
        };
        let (events, censored) = (&table.events[..gone], &table.censored[..gone]);
        let (events, censored): (f64, f64) = (events.iter().sum(), censored.iter().sum());
        let by_then = if entered.times.is_empty() { everybody } else { by_then };
        row.at_risk.push(by_then - events - censored);
        row.events.push(events);
        row.censored.push(censored);
    }
    row
}

impl AtRisk {
    /// One row for each curve and time: group, time, at risk, events, censored.
    ///
    /// # Errors
    /// Never, unless polars fails.
    #[cfg(feature = "polars")]
    pub fn to_frame(&self) -> Result<polars::prelude::DataFrame> {
        use polars::prelude::{Column, DataFrame};

        let all = |values: fn(&AtRiskRow) -> &Vec<f64>| -> Vec<f64> {
            self.rows.iter().flat_map(|row| values(row).iter().copied()).collect()
        };
        let groups = self.rows.iter().flat_map(|row| self.times.iter().map(|_| &*row.group));
        let times = self.rows.iter().flat_map(|_| self.times.iter().copied());
        let columns = vec![
            Column::new("group".into(), groups.collect::<Vec<&str>>()),
            Column::new("time".into(), times.collect::<Vec<f64>>()),
            Column::new("at risk".into(), all(|row| &row.at_risk)),
            Column::new("events".into(), all(|row| &row.events)),
            Column::new("censored".into(), all(|row| &row.censored)),
        ];
        DataFrame::new(self.rows.len() * self.times.len(), columns).map_err(crate::Error::drawing)
    }
}

impl AtRisk {
    /// Three lines for each curve: at risk, events and censorings so far.
    pub fn table(&self) -> Table {
        let times = self.times.iter().map(|time| format!("{time}"));
        let columns = std::iter::once(self.unit.axis()).chain(times);
        let mut table = Table::new(format!("Numbers {}", self.counting.name()), columns);
        for row in &self.rows {
            let prefix =
                if row.group.is_empty() { String::new() } else { format!("{}, ", row.group) };
            let lines =
                [("at risk", &row.at_risk), ("events", &row.events), ("censored", &row.censored)];
            for (name, counts) in lines {
                let cells = counts.iter().map(|&count| counted(count));
                let name = Cell::from(format!("{prefix}{name}"));
                table = table.row(std::iter::once(name).chain(cells));
            }
        }
        table
    }
}

impl RichDisplay for AtRisk {
    /// Text, HTML and SVG.
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let table = self.table();
        Ok(table.mime_bundle()?.with_svg(table.to_svg()?))
    }
}

/// A count, with a decimal where weights are not whole.
fn counted(count: f64) -> Cell {
    Cell::decimals(count, if count.fract() == 0.0 { 0 } else { 1 })
}

impl_evcxr_display!(AtRisk);
