//! Kaplan-Meier curves side by side.

use super::{AtRisk, Counting, KaplanMeier, at_risk::row};
use crate::survival::TimeUnit;

/// One curve for each group; made by [`KaplanMeier::fit_by`].
#[derive(Clone, Debug, PartialEq)]
pub struct KaplanMeierGroups {
    /// The column that made the groups.
    pub column: String,
    /// The name of each group and its curve.
    pub curves: Vec<(String, KaplanMeier)>,
}

impl KaplanMeierGroups {
    /// The curve of a group.
    pub fn get(&self, group: &str) -> Option<&KaplanMeier> {
        self.curves.iter().find(|(name, _)| name == group).map(|(_, curve)| curve)
    }

    /// Numbers at risk at these times in every group.
    pub fn at_risk(&self, times: &[f64], counting: Counting) -> AtRisk {
        let rows = self
            .curves
            .iter()
            .map(|(name, curve)| row(name.clone(), &curve.table, times, counting, &curve.entries));
        AtRisk { times: times.to_vec(), counting, rows: rows.collect(), unit: self.unit() }
    }

    /// What times are counted in.
    pub fn unit(&self) -> TimeUnit {
        self.curves.first().map(|(_, curve)| curve.unit.clone()).unwrap_or_default()
    }
}
