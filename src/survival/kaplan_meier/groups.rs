//! Kaplan-Meier curves side by side.

use ndarray::Array2;

use super::{AtRisk, Counting, KaplanMeier, at_risk::row};
use crate::{
    error::{Error, Result},
    survival::{Cohort, SurvivalModel, TimeUnit, model::check_times},
};

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
            .map(|(name, curve)| row(name.clone(), &curve.table, times, counting, &curve.entered));
        AtRisk { times: times.to_vec(), counting, rows: rows.collect(), unit: self.unit() }
    }

    /// What times are counted in.
    pub fn unit(&self) -> TimeUnit {
        self.curves.first().map(|(_, curve)| curve.unit.clone()).unwrap_or_default()
    }
}

/// Every patient has the curve of the group that they are in.
impl SurvivalModel for KaplanMeierGroups {
    fn name(&self) -> String {
        format!("Kaplan-Meier by {}", self.column)
    }

    /// # Errors
    /// [`Error::Column`] when the cohort lacks the column, [`Error::Cell`] for a patient whose group
    /// is unknown or has no curve.
    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        check_times(times)?;
        let grouping = cohort.grouping(&self.column)?;
        let mut out = Array2::zeros((cohort.len(), times.len()));
        for (row, (group, mut to)) in grouping.groups().iter().zip(out.rows_mut()).enumerate() {
            let name = group.map(|group| grouping.levels()[group].as_str());
            let Some(curve) = name.and_then(|name| self.get(name)) else {
                return Err(Error::Cell {
                    column: self.column.clone(),
                    row,
                    value: name.unwrap_or("missing").to_owned(),
                    advice: "there is no curve for it: drop the row, or fit to a cohort with \
                             everybody's group"
                        .to_owned(),
                });
            };
            to.iter_mut().zip(times).for_each(|(to, &time)| *to = curve.survival_at(time));
        }
        Ok(out)
    }
}
