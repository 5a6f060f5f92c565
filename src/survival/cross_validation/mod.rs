//! Models judged by patients that they were not fitted to, fold by fold.

mod choice;
mod comparison;
mod display;
mod mersenne;
mod params;
mod recipe;
mod splits;

pub use choice::Choice;
pub use comparison::{Comparison, Measure};
pub use params::CrossValidationParams;
pub use recipe::Recipe;
pub use splits::{Split, Splits};

use crate::error::{Error, Result};

/// The scores of several models on the folds of a cohort.
///
/// ```
/// use elbo::{data, survival::{Cox, CrossValidation, KaplanMeier, Measure, MissingCells, Recipe}};
///
/// let cohort = data::cohort(3).cohort.split(0.4, 1)?.0;
/// let validation = CrossValidation::params().folds(4).seeds([0]).run(&cohort, &[
///     Recipe::new("nobody differs", |train, _| KaplanMeier::fit(train.follow_up())),
///     Recipe::new("Cox", |train, _| Cox::params().missing(MissingCells::Mean).fit(train)),
/// ])?;
/// let gain = validation.compare("Cox", "nobody differs", Measure::IntegratedBrier)?;
/// assert!(gain.difference < 0.0);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// One for each recipe, in their order.
    pub models: Vec<ModelScores>,
    /// Patients of the cohort.
    pub patients: usize,
    /// Their events.
    pub events: usize,
    /// Whether an interrupt came before all folds were done.
    pub interrupted: bool,
}

/// What a recipe came to.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelScores {
    /// The name of the recipe.
    pub name: String,
    /// In the order of the splits.
    pub folds: Vec<FoldResult>,
}

/// What came of one fold.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldResult {
    /// The repeat of the [`Split`].
    pub repeat: u64,
    /// Its fold.
    pub fold: usize,
    /// What the fitted model calls itself; a [`Choice`] says here what was chosen.
    pub model: String,
    /// Patients that were fitted to.
    pub train: usize,
    /// Patients that were judged with.
    pub test: usize,
    /// Antolini's concordance, in which ties of predictions are errors. Higher is better.
    pub antolini: f64,
    /// Antolini's concordance adjusted for ties, as [`FoldScore`](super::scores::FoldScore) explains.
    /// Higher is better.
    pub adjusted: f64,
    /// Lower is better.
    pub integrated_brier: f64,
    /// What the fit took.
    pub fit_seconds: f64,
    /// What predictions and scores took.
    pub score_seconds: f64,
}

impl ModelScores {
    /// A score of every fold.
    pub fn values(&self, measure: Measure) -> Vec<f64> {
        self.folds.iter().map(|fold| measure.of(fold)).collect()
    }

    /// The mean over the folds.
    pub fn mean(&self, measure: Measure) -> f64 {
        let values = self.values(measure);
        values.iter().sum::<f64>() / values.len() as f64
    }

    /// The standard deviation over the folds, with their number as the divisor.
    pub fn standard_deviation(&self, measure: Measure) -> f64 {
        let (values, mean) = (self.values(measure), self.mean(measure));
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / values.len() as f64).sqrt()
    }
}

impl CrossValidation {
    /// The settings.
    pub fn params() -> CrossValidationParams {
        CrossValidationParams::default()
    }

    /// The scores of a recipe.
    ///
    /// # Errors
    /// [`Error::Setting`] when there is none of this name.
    pub fn model(&self, name: &str) -> Result<&ModelScores> {
        self.models.iter().find(|model| model.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.models.iter().map(|model| model.name.as_str()).collect();
            Error::setting("model", name, format!("the models are {names:?}"))
        })
    }
}
