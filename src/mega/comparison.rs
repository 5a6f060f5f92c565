//! Models side by side, by what they generate.

use ndarray::{Array2, ArrayView2, Axis};

use super::{
    discrepancy::{Discrepancy, mmd},
    frechet::frechet_in,
    metric::Mega,
    standard_error::Estimate,
};
use crate::{
    data::Dataset,
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    latent::LatentModel,
};

/// A function from rows to features, a row each.
type Features<'a> = Box<dyn Fn(ArrayView2<f64>) -> Result<Array2<f64>> + 'a>;

/// The settings of a [`GenerativeComparison`]; made by [`GenerativeComparison::params`].
pub struct GenerativeComparisonParams<'a> {
    draws: usize,
    seed: u64,
    pairs: usize,
    features: Option<Features<'a>>,
}

impl<'a> GenerativeComparisonParams<'a> {
    /// Decides the draws, the same for all models; 0 unless set.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The most rows of data and of draws that the maximum mean discrepancy takes: its time grows
    /// with the square; 2,000 unless set. Of more rows, evenly spaced ones are taken.
    pub fn mmd_rows(self, rows: usize) -> Self {
        Self { pairs: rows, ..self }
    }

    /// The space that the Fréchet distance is measured in; that of the rows themselves unless set.
    pub fn features(self, features: impl Fn(ArrayView2<f64>) -> Result<Array2<f64>> + 'a) -> Self {
        Self { features: Some(Box::new(features)), ..self }
    }

    /// Every model against `rows`.
    ///
    /// # Errors
    /// Those of [`super::mega`], [`mmd`] and [`super::frechet`], and of the features.
    pub fn of(
        self,
        models: &[&dyn LatentModel],
        rows: &(impl Dataset + ?Sized),
    ) -> Result<GenerativeComparison> {
        let rows = rows.matrix()?;
        let entries = models.iter().map(|model| self.entry(*model, rows.view()));
        Ok(GenerativeComparison { entries: entries.collect::<Result<_>>()?, draws: self.draws })
    }

    fn entry(&self, model: &dyn LatentModel, rows: ArrayView2<f64>) -> Result<Generated> {
        let params = Mega::params(self.draws).seed(self.seed);
        let mega = params.of(model, &rows)?;
        let samples = model.draw(self.draws, self.seed)?.observed;
        let thinned = |rows: ArrayView2<f64>| {
            let count = rows.nrows().min(self.pairs);
            let chosen: Vec<usize> = (0..count).map(|i| i * rows.nrows() / count).collect();
            rows.select(Axis(0), &chosen)
        };
        let features = |rows: ArrayView2<f64>| match &self.features {
            Some(features) => features(rows),
            None => Ok(rows.to_owned()),
        };
        Ok(Generated {
            name: model.name(),
            first: mega.first(),
            second: mega.second(),
            second_by_sampling: params.by_sampling(model, &rows)?.second(),
            mmd: mmd(&thinned(rows), &thinned(samples.view()))?,
            frechet: frechet_in(&rows, &samples, features)?,
        })
    }
}

/// One model of a [`GenerativeComparison`].
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// [`LatentModel::name`].
    pub name: String,
    /// 1MEGA-F.
    pub first: Estimate,
    /// 2MEGA-F.
    pub second: Estimate,
    /// 2MEGA-F by the sampling estimator, from as many draws of x.
    pub second_by_sampling: Estimate,
    /// The maximum mean discrepancy between the rows and draws of x.
    pub mmd: Discrepancy,
    /// The Fréchet distance between the rows and draws of x.
    pub frechet: f64,
}

/// How well several models generate the same data; lower is better throughout. Shown as a table, the
/// numbers with their standard errors.
///
/// ```
/// use elbo::{GaussianMixture, LatentModel, ProbabilisticPca, mega::GenerativeComparison};
/// use ndarray::array;
///
/// let truth = ProbabilisticPca::from_parts(array![[2.0], [1.0], [0.0]], array![0.0, 1.0, 2.0], 0.1)?;
/// let rows = truth.draw(400, 7)?.observed;
/// let mixture = GaussianMixture::params(2).restarts(2).fit(&rows)?;
/// let table = GenerativeComparison::params(1_000).of(&[&truth, &mixture], &rows)?;
/// assert_eq!(table.entries.len(), 2);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GenerativeComparison {
    /// In the order in which the models were given.
    pub entries: Vec<Generated>,
    draws: usize,
}

impl GenerativeComparison {
    /// The settings: the number of draws from each model.
    pub fn params<'a>(draws: usize) -> GenerativeComparisonParams<'a> {
        GenerativeComparisonParams { draws, seed: 0, pairs: 2000, features: None }
    }
}

impl RichDisplay for GenerativeComparison {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let columns = ["model", "1MEGA-F", "2MEGA-F", "2MEGA-F by sampling", "MMD²", "Fréchet"];
        let title = format!("What the models generate, {} draws each", self.draws);
        let mut table = Table::new(title, columns);
        let number = |estimate: Estimate| Cell::Number(estimate.to_string());
        for entry in &self.entries {
            table = table.row([
                Cell::from(entry.name.clone()),
                number(entry.first),
                number(entry.second),
                number(entry.second_by_sampling),
                number(entry.mmd.squared),
                entry.frechet.into(),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(GenerativeComparison);
