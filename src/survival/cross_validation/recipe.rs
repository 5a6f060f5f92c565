//! How a model is made from the patients to fit to.

use crate::{
    error::Result,
    survival::{Cohort, SurvivalModel},
};

type Made<'a> = dyn Fn(&Cohort, u64) -> Result<Box<dyn SurvivalModel>> + Sync + 'a;

/// A name and a way to fit a model. Everything that is learnt, such as how missing cells are filled
/// or which setting is best, happens inside it, so that the patients to judge with have no part in
/// it.
///
/// ```
/// use elbo::{data, survival::{Cox, MissingCells, Recipe}};
///
/// let cox = Recipe::new("Cox", |train, _seed| {
///     Cox::params().missing(MissingCells::Mean).fit(train)
/// });
/// let model = cox.fit(&data::cohort(1).cohort, 0)?;
/// assert_eq!(model.name(), "Cox");
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct Recipe<'a> {
    name: String,
    make: Box<Made<'a>>,
    in_order: bool,
}

impl<'a> Recipe<'a> {
    /// `fit` gets the patients to fit to, and a seed that differs from fold to fold and from repeat to
    /// repeat, for models that need one.
    pub fn new<M: SurvivalModel + 'static>(
        name: impl Into<String>,
        fit: impl Fn(&Cohort, u64) -> Result<M> + Sync + 'a,
    ) -> Self {
        let make = move |train: &Cohort, seed| -> Result<Box<dyn SurvivalModel>> {
            Ok(Box::new(fit(train, seed)?))
        };
        Self { name: name.into(), make: Box::new(make), in_order: false }
    }

    /// Folds are fitted one after another and not side by side, for a model that needs the whole
    /// machine.
    pub fn in_order(mut self) -> Self {
        self.in_order = true;
        self
    }

    /// What it is called in tables.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_in_order(&self) -> bool {
        self.in_order
    }

    /// Fits the model.
    ///
    /// # Errors
    /// Those of the model.
    pub fn fit(&self, train: &Cohort, seed: u64) -> Result<Box<dyn SurvivalModel>> {
        (self.make)(train, seed)
    }
}

impl std::fmt::Debug for Recipe<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recipe").field("name", &self.name).finish_non_exhaustive()
    }
}
