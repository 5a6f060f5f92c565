//! Missing cells, filled with what the model expects there.

use ndarray::{ArrayView1, ArrayView2, s};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::draw::{Conditional, conditionals};
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    latent::categorical_draw,
    savae::{Savae, columns::CovariateColumn, core::Core, prediction::Given},
    survival::{Cohort, Covariate, Family},
};

/// What a model expects in the missing cells of a cohort; made by [`Savae::impute`].
#[derive(Clone, Debug)]
pub struct Imputation {
    /// One entry for each missing cell, patient after patient.
    pub cells: Vec<ImputedCell>,
    cohort: Cohort,
    /// The column of each cell.
    places: Vec<usize>,
    /// Values of all cells, for every completion.
    completed: Vec<Vec<f64>>,
}

/// p(missing cell | everything that is known of the patient).
#[derive(Clone, Debug, PartialEq)]
pub struct ImputedCell {
    /// The row of the patient.
    pub patient: usize,
    /// The covariate.
    pub column: String,
    /// Its mean; of levels that of their index.
    pub mean: f64,
    /// Its standard deviation.
    pub std: f64,
    /// Whether it is a count.
    pub is_count: bool,
    /// The probability of every level, where the covariate has them.
    pub levels: Vec<(String, f64)>,
}

impl Imputation {
    /// Cohorts without missing cells, each with its own draw of all of them: for multiple imputation.
    pub fn completed(&self) -> Vec<Cohort> {
        self.completed.iter().map(|values| self.filled(values)).collect()
    }

    /// The cohort with the mean in every missing cell, rounded where it is a count, or the most
    /// probable level.
    pub fn expected(&self) -> Cohort {
        let value = |cell: &ImputedCell| match cell.levels.is_empty() {
            true if cell.is_count => cell.mean.round(),
            true => cell.mean,
            false => {
                let levels = cell.levels.iter().enumerate();
                let likeliest = levels.max_by(|(_, a), (_, b)| a.1.total_cmp(&b.1));
                likeliest.map_or(0.0, |(level, _)| level as f64)
            }
        };
        self.filled(&self.cells.iter().map(value).collect::<Vec<_>>())
    }

    fn filled(&self, values: &[f64]) -> Cohort {
        let mut columns: Vec<Vec<f64>> =
            self.cohort.covariates().iter().map(|column| column.values().to_vec()).collect();
        for ((cell, &place), &value) in self.cells.iter().zip(&self.places).zip(values) {
            columns[place][cell.patient] = value;
        }
        let covariates = self.cohort.covariates().iter().zip(columns);
        let filled = covariates.map(|(column, values)| {
            let levels = column.levels().to_vec();
            Covariate::of_coded(column.name(), column.family(), levels, values)
        });
        self.cohort.with_covariates(filled.collect())
    }
}

impl<const Z: usize> Savae<Z> {
    /// What is expected in the missing cells of a cohort, given all else that is known of each
    /// patient, the time and the event included, with `completions` draws of all cells for multiple
    /// imputation. The same seed gives the same draws.
    ///
    /// Cells are taken to be missing at random: that they are missing says nothing more about what
    /// they would be.
    ///
    /// ```
    /// use elbo::{Fit, Savae, data};
    ///
    /// let cohort = data::cohort(7).cohort;
    /// let (savae, _) = Savae::<2>::params().hidden(8).fit(&cohort, Fit::new().epochs(1))?;
    /// let imputation = savae.impute(&cohort.select(&[0, 1, 2, 3])?, 5, 1)?;
    /// for cohort in imputation.completed() {
    ///     assert!(cohort.covariates().iter().all(|column| column.missing_count() == 0));
    /// }
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Self::encode`].
    pub fn impute(&self, cohort: &Cohort, completions: usize, seed: u64) -> Result<Imputation> {
        self.core.impute(cohort, completions, seed)
    }
}

impl Core {
    fn impute(&self, cohort: &Cohort, completions: usize, seed: u64) -> Result<Imputation> {
        let mut imputation = Imputation {
            cells: Vec::new(),
            places: Vec::new(),
            cohort: cohort.clone(),
            completed: vec![Vec::new(); completions],
        };
        let incomplete: Vec<usize> = (0..cohort.len())
            .filter(|&i| cohort.covariates().iter().any(|column| column.values()[i].is_nan()))
            .collect();
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let settings = self.prediction;
        for some in incomplete.chunks(PATIENTS) {
            let rows = self.rows(&cohort.select(some)?)?;
            let draws = self.posterior_draws(rows.view(), &settings, Given::Outcomes)?;
            let weights = draws.weights();
            let parameters = self.engine.covariate_parameters(draws.z.view())?;
            for (number, &patient) in some.iter().enumerate() {
                let count = weights.ncols();
                let own = parameters.slice(s![number * count..(number + 1) * count, ..]);
                let weighted = Weighted { weights: weights.row(number), parameters: own };
                self.impute_patient(&mut imputation, patient, &weighted, rng);
            }
        }
        Ok(imputation)
    }

    fn impute_patient(
        &self,
        imputation: &mut Imputation,
        patient: usize,
        weighted: &Weighted,
        rng: &mut ChaCha8Rng,
    ) {
        let (columns, layout) = (&self.configuration.columns, self.configuration.layout());
        let by_draw: Vec<Vec<Conditional>> = weighted
            .parameters
            .rows()
            .into_iter()
            .map(|row| conditionals(columns, &layout, row))
            .collect();
        // All cells of a completion come from one z.
        let chosen: Vec<usize> =
            imputation.completed.iter().map(|_| categorical_draw(weighted.weights, rng)).collect();
        for (number, column) in columns.in_order().enumerate() {
            let known = imputation.cohort.covariates();
            let place = known.iter().position(|other| other.name() == column.name);
            let Some(place) = place.filter(|&place| known[place].values()[patient].is_nan()) else {
                continue;
            };
            let conditionals = by_draw.iter().map(|all| &all[number]);
            let cell = imputed(column, patient, weighted.weights, conditionals);
            imputation.cells.push(cell);
            imputation.places.push(place);
            for (completed, &draw) in imputation.completed.iter_mut().zip(&chosen) {
                completed.push(by_draw[draw][number].draw(column, rng));
            }
        }
    }
}

/// Patients whose draws are held at once.
const PATIENTS: usize = 256;

/// p(x|z) at the draws of a patient, with their weights.
struct Weighted<'a> {
    weights: ArrayView1<'a, f64>,
    parameters: ArrayView2<'a, f32>,
}

fn imputed<'a>(
    column: &CovariateColumn,
    patient: usize,
    weights: ArrayView1<f64>,
    conditionals: impl Iterator<Item = &'a Conditional>,
) -> ImputedCell {
    let (mut mean, mut square) = (0.0, 0.0);
    let mut shares = vec![0.0; column.levels.len()];
    for (conditional, &weight) in conditionals.zip(weights) {
        let (first, second) = conditional.moments(column);
        (mean, square) = (mean + weight * first, square + weight * second);
        if let Conditional::Levels(probabilities) = conditional {
            shares.iter_mut().zip(probabilities).for_each(|(sum, p)| *sum += weight * p);
        }
    }
    ImputedCell {
        patient,
        column: column.name.clone(),
        is_count: column.family == Family::Poisson,
        mean,
        std: (square - mean * mean).max(0.0).sqrt(),
        levels: column.levels.iter().cloned().zip(shares).collect(),
    }
}

/// Cells of a table.
const SHOWN: usize = 12;

impl RichDisplay for Imputation {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("{} missing cells of {} patients", self.cells.len(), self.cohort.len());
        let mut table = Table::new(title, ["patient", "covariate", "expected", "±"]);
        for cell in self.cells.iter().take(SHOWN) {
            let likeliest = cell.levels.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let (expected, spread) = match likeliest {
                Some((level, share)) => (level.as_str().into(), format!("probability {share:.2}")),
                None => (Cell::from(cell.mean), Cell::from(cell.std).to_string()),
            };
            let (patient, column) = (cell.patient.into(), cell.column.as_str().into());
            table = table.row([patient, column, expected, spread.into()]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Imputation);
