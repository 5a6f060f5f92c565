//! The predictions of a SAVAE for the patients of a cohort.

use ndarray::{Array1, Array2};

use super::{distribution::SurvivalDistribution, importance::effective_draws, mixtures::Mixtures};
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
    survival::{TimeUnit, check_times},
};

/// p(y|t, x) of the patients of a cohort; made by [`crate::Savae::predict`] and its relatives.
#[derive(Clone, Debug)]
pub struct Predictions {
    pub(in crate::savae) mixtures: Mixtures,
    pub(in crate::savae) unit: TimeUnit,
    pub(in crate::savae) what: String,
}

impl Predictions {
    /// Patients.
    pub fn len(&self) -> usize {
        self.mixtures.len()
    }

    /// Whether there is nobody; there always is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The distribution of one patient.
    ///
    /// # Errors
    /// [`Error::Setting`] for a number that is not below [`Self::len`].
    pub fn patient(&self, number: usize) -> Result<SurvivalDistribution> {
        if number >= self.len() {
            let requirement = format!("there are {} patients, counted from 0", self.len());
            return Err(Error::setting("patient", number, requirement));
        }
        Ok(self.mixtures.distribution(number))
    }

    /// S(t) of every patient, (n, times).
    ///
    /// # Errors
    /// [`Error::Setting`] for a time that is negative or not finite.
    pub fn survival(&self, times: &[f64]) -> Result<Array2<f64>> {
        check_times(times)?;
        Ok(self.mixtures.survival(times))
    }

    /// The expected time of every patient, (n).
    pub fn mean(&self) -> Array1<f64> {
        self.mixtures.each(SurvivalDistribution::mean)
    }

    /// The median time of every patient, (n).
    pub fn median(&self) -> Array1<f64> {
        self.mixtures.each(SurvivalDistribution::median)
    }

    /// The time by which a share of such patients have the event, (n).
    pub fn quantile(&self, share: f64) -> Array1<f64> {
        self.mixtures.each(|patient| patient.quantile(share))
    }

    /// The expected time of every patient until the event or `horizon`, (n).
    pub fn restricted_mean(&self, horizon: f64) -> Array1<f64> {
        self.mixtures.each(|patient| patient.restricted_mean(horizon))
    }

    /// The effective number of draws of every patient, 1/Σw², (n): as many independent draws from
    /// p(z|x) would say as much. Small numbers mean predictions that other draws would change.
    pub fn effective_draws(&self) -> Array1<f64> {
        effective_draws(self.mixtures.weights.view())
    }

    /// The draws of z for each patient.
    pub fn draws(&self) -> usize {
        self.mixtures.weights.ncols()
    }

    /// What times are counted in.
    pub fn unit(&self) -> &TimeUnit {
        &self.unit
    }
}

/// Patients of a table.
const SHOWN: usize = 8;

impl RichDisplay for Predictions {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("Times until the event of {} patients, {}", self.len(), self.what);
        let unit = self.unit.axis();
        let columns = ["patient", "10% by", "median", "90% by", "effective draws"];
        let mut table = Table::new(format!("{title}; {unit}"), columns);
        let effective = self.effective_draws();
        for number in 0..self.len().min(SHOWN) {
            let patient = self.mixtures.distribution(number);
            let quantile = |share| Cell::from(patient.quantile(share));
            table = table.row([
                number.into(),
                quantile(0.1),
                quantile(0.5),
                quantile(0.9),
                Cell::decimals(effective[number], 0),
            ]);
        }
        if self.len() > SHOWN {
            let more = format!("and {} more", self.len() - SHOWN);
            table = table.row([more.into(), "".into(), "".into(), "".into(), "".into()]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Predictions);
