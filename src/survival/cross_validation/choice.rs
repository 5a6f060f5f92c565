//! Settings that are chosen inside the patients to fit to.

use ndarray::{Array1, Array2};

use super::{CrossValidation, CrossValidationParams, Measure, Recipe};
use crate::{
    error::{Error, Result},
    survival::{Cohort, SurvivalModel},
};

/// How a [`Recipe::chosen`] chooses.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The score that decides.
    pub by: Measure,
    /// The folds of the patients to fit to on which candidates are judged.
    pub validation: CrossValidationParams,
}

/// Three inner folds, by the integrated Brier score.
impl Default for Choice {
    fn default() -> Self {
        Self { by: Measure::IntegratedBrier, validation: CrossValidation::params().folds(3) }
    }
}

impl<'a> Recipe<'a> {
    /// The candidate that does best in a cross-validation inside the patients to fit to, fitted to all
    /// of them. Those to judge with have no part in the choice. The fitted model says in its name
    /// which candidate it is.
    ///
    /// ```
    /// use elbo::{data, survival::{Choice, Cox, CrossValidation, MissingCells, Recipe}};
    ///
    /// let ridge = |ridge: f64| {
    ///     Recipe::new(format!("ridge {ridge}"), move |train, _| {
    ///         Cox::params().missing(MissingCells::Mean).ridge(ridge).fit(train)
    ///     })
    /// };
    /// let cox = Recipe::chosen("Cox", [ridge(0.1), ridge(30.0)], Choice::default());
    /// let cohort = data::cohort(1).cohort.split(0.3, 1)?.0;
    /// assert!(cox.fit(&cohort, 0)?.name().starts_with("Cox (ridge "));
    /// # Ok::<(), elbo::Error>(())
    /// ```
    pub fn chosen(
        name: impl Into<String>,
        candidates: impl IntoIterator<Item = Recipe<'a>>,
        choice: Choice,
    ) -> Self {
        let (name, candidates): (String, Vec<Recipe>) =
            (name.into(), candidates.into_iter().collect());
        let in_order = candidates.iter().any(Recipe::is_in_order);
        let called = name.clone();
        let recipe = Recipe::new(name, move |train: &Cohort, seed| {
            let best = choice.best(train, &candidates)?;
            Ok(Chosen {
                name: format!("{called} ({})", best.name()),
                model: best.fit(train, seed)?,
            })
        });
        if in_order { recipe.in_order() } else { recipe }
    }
}

impl Choice {
    fn best<'b, 'a>(&self, train: &Cohort, candidates: &'b [Recipe<'a>]) -> Result<&'b Recipe<'a>> {
        if let [only] = candidates {
            return Ok(only);
        }
        let scores = self.validation.run(train, candidates)?;
        let badness = |place: usize| {
            let mean = scores.models[place].mean(self.by);
            if self.by.higher_is_better() { -mean } else { mean }
        };
        (0..candidates.len())
            .min_by(|&a, &b| badness(a).total_cmp(&badness(b)))
            .map(|place| &candidates[place])
            .ok_or_else(|| Error::setting("candidates", "empty", "give at least one"))
    }
}

/// A model with the name of its candidate.
struct Chosen {
    name: String,
    model: Box<dyn SurvivalModel>,
}

impl SurvivalModel for Chosen {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        self.model.survival(cohort, times)
    }

    fn risk(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        self.model.risk(cohort)
    }

    fn survival_at_own_times(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        self.model.survival_at_own_times(cohort)
    }
}
