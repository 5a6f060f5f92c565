//! Whether one model is better than another, fold by fold.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{CrossValidation, FoldResult};
use crate::error::{Error, Result};

/// A score of a fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Antolini's concordance. Higher is better.
    Antolini,
    /// Antolini's concordance adjusted for ties. Higher is better.
    AdjustedAntolini,
    /// The integrated Brier score. Lower is better.
    IntegratedBrier,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 3] =
        [Measure::Antolini, Measure::AdjustedAntolini, Measure::IntegratedBrier];

    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Antolini => "Antolini's concordance",
            Measure::AdjustedAntolini => "the same, adjusted for ties",
            Measure::IntegratedBrier => "integrated Brier score",
        }
    }

    /// Whether a higher score is the better one.
    pub fn higher_is_better(self) -> bool {
        !matches!(self, Measure::IntegratedBrier)
    }

    pub(super) fn of(self, fold: &FoldResult) -> f64 {
        match self {
            Measure::Antolini => fold.antolini,
            Measure::AdjustedAntolini => fold.adjusted,
            Measure::IntegratedBrier => fold.integrated_brier,
        }
    }
}

/// One model compared with another on the folds of both.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The model.
    pub model: String,
    /// The one that it is compared with.
    pub reference: String,
    /// The score.
    pub measure: Measure,
    /// The mean over the folds of the model's score less that of the reference.
    pub difference: f64,
    /// The difference as a share of the mean score of the reference.
    pub relative: f64,
    /// Folds on which the model is better.
    pub wins: usize,
    /// All folds.
    pub folds: usize,
    /// Of the difference. Folds share patients to fit to, so the variance over the J folds is
    /// multiplied by 1/J + n_test/n_train and not by 1/J alone (Nadeau and Bengio 2003).
    pub standard_error: f64,
    /// Of Student's t with J − 1 degrees of freedom: how probable so large a difference is between
    /// models that are equally good. Approximate.
    pub p_value: f64,
}

impl CrossValidation {
    /// Compares two models on the folds that both have.
    ///
    /// # Errors
    /// [`Error::Setting`] for a name that no model has, or with fewer than two folds.
    pub fn compare(&self, model: &str, reference: &str, measure: Measure) -> Result<Comparison> {
        let (ours, theirs) = (self.model(model)?, self.model(reference)?);
        let place = |fold: &FoldResult| (fold.repeat, fold.fold);
        let pairs: Vec<(&FoldResult, &FoldResult)> = ours
            .folds
            .iter()
            .filter_map(|a| Some((a, theirs.folds.iter().find(|b| place(a) == place(b))?)))
            .collect();
        let folds = pairs.len();
        if folds < 2 {
            return Err(Error::setting("folds", folds, "a comparison needs at least two"));
        }
        let count = folds as f64;
        let differences: Vec<f64> =
            pairs.iter().map(|(a, b)| measure.of(a) - measure.of(b)).collect();
        let difference = differences.iter().sum::<f64>() / count;
        let squares: f64 = differences.iter().map(|d| (d - difference).powi(2)).sum();
        let shares: f64 = pairs.iter().map(|(a, _)| a.test as f64 / a.train as f64).sum();
        let variance = squares / (count - 1.0) * (1.0 / count + shares / count);
        let standard_error = variance.sqrt();
        let better = |d: &&f64| if measure.higher_is_better() { **d > 0.0 } else { **d < 0.0 };
        let scale = pairs.iter().map(|(_, b)| measure.of(b)).sum::<f64>() / count;
        Ok(Comparison {
            model: model.to_owned(),
            reference: reference.to_owned(),
            measure,
            difference,
            relative: difference / scale,
            wins: differences.iter().filter(better).count(),
            folds,
            standard_error,
            p_value: two_sided(difference / standard_error, count - 1.0),
        })
    }
}

/// P(|T| > |t|); 1 for models that do not differ on any fold.
fn two_sided(t: f64, degrees: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, degrees) {
        Ok(student) if t.is_finite() => 2.0 * student.sf(t.abs()),
        _ if t.is_nan() => 1.0,
        _ => 0.0,
    }
}
