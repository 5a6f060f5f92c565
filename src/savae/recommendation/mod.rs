//! Which treatments a patient should be given.

mod display;
mod rule;

use ndarray::{Array1, Array2};
use rayon::prelude::*;

pub use rule::Rule;

use super::{Savae, SurvivalDistribution, prediction::Mixtures};
use crate::{
    error::{Error, Result},
    survival::{Cohort, TimeUnit},
};

/// What a model recommends for the patients of a cohort; made by [`Savae::recommend`].
///
/// Values are what the rule looks at, such as P(T > τ), under every combination of treatments. A
/// gain is a value less that without treatment. Whether these are what would happen depends on
/// whether the covariates hold all that both the choice of the treatment and the time depend on.
#[derive(Clone, Debug)]
pub struct Recommendation {
    /// The rule.
    pub rule: Rule,
    /// The names of the treatments.
    pub treatments: Vec<String>,
    /// Combinations of the treatments, none first.
    pub combinations: Vec<Vec<bool>>,
    /// (n, combinations)
    pub values: Array2<f64>,
    /// The Monte Carlo standard error of every gain, (n, combinations): how far it would move with
    /// other draws of z. It is 0 for no treatment and says nothing about how well the model is known.
    pub errors: Array2<f64>,
    /// The combination that the rule chooses, (n).
    pub chosen: Vec<usize>,
    /// The effective number of draws of every patient, (n).
    pub effective_draws: Array1<f64>,
    pub(super) unit: TimeUnit,
}

impl Recommendation {
    /// The gain of every combination over no treatment, (n, combinations).
    pub fn gains(&self) -> Array2<f64> {
        let first = self.values.column(0).insert_axis(ndarray::Axis(1)).to_owned();
        &self.values - &first
    }

    /// The treatments that are recommended for a patient.
    ///
    /// # Errors
    /// [`Error::Setting`] for a number that is not below that of the patients.
    pub fn of(&self, patient: usize) -> Result<&[bool]> {
        let count = self.chosen.len();
        match self.chosen.get(patient) {
            Some(&chosen) => Ok(&self.combinations[chosen]),
            None => {
                let requirement = format!("there are {count} patients, counted from 0");
                Err(Error::setting("patient", patient, requirement))
            }
        }
    }

    /// How many patients each combination is recommended for.
    pub fn counts(&self) -> Vec<usize> {
        let count = |index| self.chosen.iter().filter(|&&chosen| chosen == index).count();
        (0..self.combinations.len()).map(count).collect()
    }

    pub(super) fn combination_name(&self, combination: usize) -> String {
        name_of(&self.treatments, &self.combinations[combination])
    }
}

/// A combination of treatments in words.
pub(super) fn name_of(treatments: &[String], given: &[bool]) -> String {
    let given = treatments.iter().zip(given).filter(|(_, given)| **given);
    let names: Vec<&str> = given.map(|(name, _)| name.as_str()).collect();
    if names.is_empty() { "no treatment".to_owned() } else { names.join(" + ") }
}

impl<const Z: usize> Savae<Z> {
    /// What to do for the patients of a cohort, by a rule. The treatments that they were given are
    /// not looked at.
    ///
    /// ```
    /// use elbo::{Fit, Savae, data, savae::Rule};
    ///
    /// let cohort = data::cohort(7).cohort;
    /// let (savae, _) = Savae::<2>::params().hidden(8).fit(&cohort, Fit::new().epochs(1))?;
    /// let patients = cohort.select(&[0, 1, 2])?;
    /// let advice = savae.recommend(&patients, Rule::survival_beyond(48.0).threshold(0.07))?;
    /// assert_eq!(advice.values.dim(), (3, 4));
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Self::predict`]; [`Error::Setting`] for a rule outside its range or a model
    /// without treatments.
    pub fn recommend(&self, patients: &Cohort, rule: Rule) -> Result<Recommendation> {
        rule.check()?;
        let columns = &self.core.configuration.columns;
        if columns.treatments.is_empty() {
            let requirement = "the cohort of training had none: name the columns of treatments \
                               when reading it";
            return Err(Error::setting("treatments", "none", requirement));
        }
        let (combinations, predictions): (Vec<_>, Vec<_>) =
            self.predict_all(patients)?.into_iter().unzip();
        let effective_draws = predictions[0].effective_draws();
        let mixtures: Vec<&Mixtures> = predictions.iter().map(|all| &all.mixtures).collect();
        let rows: Vec<Vec<(f64, f64)>> = (0..patients.len())
            .into_par_iter()
            .map(|patient| values_and_errors(&rule, &mixtures, patient))
            .collect();
        let table = |of: fn(&(f64, f64)) -> f64| {
            Array2::from_shape_fn((rows.len(), combinations.len()), |(i, j)| of(&rows[i][j]))
        };
        let values = table(|(value, _)| *value);
        let chosen = values
            .rows()
            .into_iter()
            .map(|row| best(&rule, &row.to_vec(), &combinations))
            .collect();
        Ok(Recommendation {
            rule,
            treatments: columns.treatments.iter().map(|column| column.name.clone()).collect(),
            values,
            errors: table(|(_, error)| *error),
            chosen,
            combinations,
            effective_draws,
            unit: columns.unit.clone(),
        })
    }
}

/// The value of every combination, and the standard error of its gain.
fn values_and_errors(rule: &Rule, mixtures: &[&Mixtures], patient: usize) -> Vec<(f64, f64)> {
    let distributions: Vec<SurvivalDistribution> =
        mixtures.iter().map(|all| all.distribution(patient)).collect();
    let weights = distributions[0].draw_weights();
    let values: Vec<_> =
        distributions.iter().map(|distribution| rule.value(distribution)).collect();
    let reference = &values[0].1;
    let with_error = |(value, by_draw): &(f64, Vec<f64>)| {
        (*value, error_of_difference(&weights, by_draw, reference))
    };
    values.iter().map(with_error).collect()
}

/// The standard error of Σ w (a − b) with self-normalised weights (delta method): the root of
/// Σ w² (a − b − mean)².
fn error_of_difference(weights: &[f64], a: &[f64], b: &[f64]) -> f64 {
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let mean: f64 = weights.iter().zip(&differences).map(|(w, d)| w * d).sum();
    let squares = weights.iter().zip(&differences).map(|(w, d)| (w * (d - mean)).powi(2));
    squares.sum::<f64>().sqrt()
}

/// The index of the combination that is worth most; the one with fewer treatments where several are.
fn best(rule: &Rule, values: &[f64], combinations: &[Vec<bool>]) -> usize {
    let mut best = 0;
    for (index, (&value, given)) in values.iter().zip(combinations).enumerate() {
        if rule.worth(value, given) > rule.worth(values[best], &combinations[best]) {
            best = index;
        }
    }
    best
}
