//! The settings of a cross-validation, and its course.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use rayon::prelude::*;

use super::{CrossValidation, FoldResult, ModelScores, Recipe, Split, Splits};
use crate::{
    error::{Error, Result},
    survival::{Cohort, scores::FoldScore},
    train::{Interrupt, Quiet, Rounds},
};

/// The settings of a [`CrossValidation`]; made by [`CrossValidation::params`].
#[derive(Clone, Debug)]
pub struct CrossValidationParams {
    folds: usize,
    seeds: Vec<u64>,
    group: Option<String>,
    repeats_together: bool,
    splits: Option<Splits>,
    parallel: bool,
}

impl Default for CrossValidationParams {
    fn default() -> Self {
        Self {
            folds: 5,
            seeds: vec![0],
            group: None,
            repeats_together: false,
            splits: None,
            parallel: true,
        }
    }
}

impl CrossValidationParams {
    /// How many parts of the patients are judged in turn; 5 unless set.
    pub fn folds(mut self, folds: usize) -> Self {
        self.folds = folds;
        self
    }

    /// The folds are drawn anew with each of these; one drawing with seed 0 unless set.
    pub fn seeds(mut self, seeds: impl IntoIterator<Item = u64>) -> Self {
        self.seeds = seeds.into_iter().collect();
        self
    }

    /// Patients of one group of this column stay in one fold, such as those of a hospital. Who is in
    /// no known group is one alone.
    pub fn group(mut self, column: impl Into<String>) -> Self {
        self.group = Some(column.into());
        self
    }

    /// Rows that repeat one another stay in one fold, as [`Cohort::repeats`] explains.
    pub fn repeats_together(mut self) -> Self {
        self.repeats_together = true;
        self
    }

    /// Folds of one's own, instead of random ones.
    pub fn splits(mut self, splits: Splits) -> Self {
        self.splits = Some(splits);
        self
    }

    /// Whether folds are fitted side by side on all cores, as they are unless set, except for recipes
    /// that are [`Recipe::in_order`].
    pub fn parallel(mut self, parallel: bool) -> Self {
        self.parallel = parallel;
        self
    }

    /// The folds of a cohort.
    ///
    /// # Errors
    /// Those of [`Splits`]; [`Error::Column`] for an unknown column of groups; [`Error::Shape`] for
    /// given folds of another number of patients; [`Error::Setting`] for a group together with
    /// repeats.
    pub fn splits_of(&self, cohort: &Cohort) -> Result<Splits> {
        if let Some(splits) = &self.splits {
            if splits.patients() != cohort.len() {
                return Err(Error::Shape {
                    what: "the given folds".to_owned(),
                    got: vec![splits.patients()],
                    want: vec![cohort.len()],
                    advice: "split the patients of this cohort".to_owned(),
                });
            }
            return Ok(splits.clone());
        }
        let seeds = self.seeds.iter().copied();
        match (&self.group, self.repeats_together) {
            (None, false) => Splits::seeded(cohort.len(), self.folds, seeds),
            (None, true) => Splits::together(&cohort.repeats(), self.folds, seeds),
            (Some(column), false) => {
                let grouping = cohort.grouping(column)?;
                let alone = grouping.levels().len();
                let groups = grouping.groups().iter().enumerate();
                let group: Vec<usize> =
                    groups.map(|(i, group)| group.unwrap_or(alone + i)).collect();
                Splits::together(&group, self.folds, seeds)
            }
            (Some(column), true) => Err(Error::setting(
                "group",
                column,
                "repeated rows are kept together instead: ask for one of the two",
            )),
        }
    }

    /// Fits every recipe to the training part of every split and judges it by the rest. An interrupt
    /// leaves out the folds that are not done.
    ///
    /// # Errors
    /// Those of the recipes and of [`FoldScore::of`]; those of [`Self::splits_of`];
    /// [`Error::Setting`] without a recipe, or for two of one name.
    pub fn run(&self, cohort: &Cohort, recipes: &[Recipe]) -> Result<CrossValidation> {
        check_names(recipes)?;
        let splits = self.splits_of(cohort)?;
        let course = Course {
            cohort,
            interrupt: Interrupt::listen(),
            stopped: AtomicBool::new(false),
            progress: Mutex::new(Rounds::new(splits.all().len() * recipes.len(), "folds")),
        };
        let models = recipes.iter().map(|recipe| {
            let work = |split: &Split| course.fold(recipe, split);
            let folds: Result<Vec<Option<FoldResult>>> =
                match self.parallel && !recipe.is_in_order() {
                    true => splits.all().par_iter().map(work).collect(),
                    false => splits.all().iter().map(work).collect(),
                };
            Ok(ModelScores {
                name: recipe.name().to_owned(),
                folds: folds?.into_iter().flatten().collect(),
            })
        });
        let models = models.collect::<Result<Vec<_>>>()?;
        Ok(CrossValidation {
            models,
            patients: cohort.len(),
            events: cohort.follow_up().event_count(),
            interrupted: course.stopped.load(Ordering::SeqCst),
        })
    }
}

fn check_names(recipes: &[Recipe]) -> Result<()> {
    if recipes.is_empty() {
        return Err(Error::setting("recipes", "empty", "give at least one"));
    }
    let mut names: Vec<&str> = recipes.iter().map(Recipe::name).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::setting("recipes", pair[0], "each needs a name of its own")),
        None => Ok(()),
    }
}

/// What all folds share.
struct Course<'a> {
    cohort: &'a Cohort,
    interrupt: Interrupt,
    stopped: AtomicBool,
    progress: Mutex<Rounds>,
}

impl Course<'_> {
    /// `None` when an interrupt came before the end.
    fn fold(&self, recipe: &Recipe, split: &Split) -> Result<Option<FoldResult>> {
        if self.is_stopped() {
            return Ok(None);
        }
        let _quiet = Quiet::begin();
        let (train, test) = (self.cohort.select(&split.train)?, self.cohort.select(&split.test)?);
        let begun = Instant::now();
        let model = recipe.fit(&train, seed_of(split))?;
        let fit_seconds = begun.elapsed().as_secs_f64();
        // The model of an interrupted training is not the one that was asked for.
        if self.is_stopped() {
            return Ok(None);
        }
        let begun = Instant::now();
        let score = FoldScore::of(&*model, &test)?;
        if let Ok(mut progress) = self.progress.lock() {
            progress.one_is_done(recipe.name());
        }
        Ok(Some(FoldResult {
            repeat: split.repeat,
            fold: split.fold,
            model: model.name(),
            train: train.len(),
            test: test.len(),
            antolini: score.antolini.strict_index(),
            adjusted: score.adjusted.index(),
            integrated_brier: score.integrated_brier,
            fit_seconds,
            score_seconds: begun.elapsed().as_secs_f64(),
        }))
    }

    fn is_stopped(&self) -> bool {
        if self.interrupt.is_raised() {
            self.stopped.store(true, Ordering::SeqCst);
        }
        self.stopped.load(Ordering::SeqCst)
    }
}

/// Differs from fold to fold and from repeat to repeat.
fn seed_of(split: &Split) -> u64 {
    (split.repeat << 16) + split.fold as u64
}
