//! Probabilistic principal component analysis (Tipping and Bishop 1999).
//!
//! p(z) = N(0, I) with q dimensions, p(x|z) = N(Wz + μ, σ²I), so that
//!
//! p(x) = N(μ, WWᵀ + σ²I),  p(z|x) = N(M⁻¹Wᵀ(x − μ), σ²M⁻¹) with M = WᵀW + σ²I.
//!
//! Complete rows have a closed form of the maximum-likelihood parameters. Rows with missing cells
//! are fitted by EM, in which a missing cell is a latent variable like z: nothing is imputed before.
//! Cells are taken to be missing at random.

mod checkpoint;
mod closed_form;
mod em;
mod latent_model;
mod linear_normal;
mod m_step;
mod params;
mod patterns;
mod prediction;
mod relevance;

use ndarray::{Array1, Array2, ArrayView2};

pub use params::{Method, ProbabilisticPcaParams};
pub use prediction::{Imputation, Prediction};

use self::linear_normal::LinearNormal;
use crate::{
    data::{Dataset, Missing, check_cells, check_width},
    display::{
        Cell, GraphicalModel, LatentMap, MimeBundle, ModelCard, RichDisplay, Table,
        impl_evcxr_display,
    },
    error::{Error, Result},
    latent::{LogLikelihood, Moments},
    pca::first_two,
    train::EmHistory,
};

/// A fitted probabilistic PCA. Rows may have missing cells (NaN) wherever rows are taken.
///
/// ```
/// use elbo::ProbabilisticPca;
///
/// let missing = f64::NAN;
/// let rows = [[0.0, 0.1, 0.0], [1.0, 0.9, 2.1], [2.0, missing, 3.8], [3.0, 2.9, missing], [4.0, 4.2, 8.1]];
/// let pca = ProbabilisticPca::params(1).fit(&rows)?;
/// let imputed = pca.impute(&rows)?;
/// assert!((imputed.values[[3, 2]] - 6.0).abs() < 0.5 && imputed.std[[3, 2]] > 0.0);
/// assert_eq!(imputed.std[[0, 0]], 0.0);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProbabilisticPca {
    parameters: LinearNormal,
    relevance: Option<Array1<f64>>,
    history: Option<EmHistory>,
}

impl ProbabilisticPca {
    /// The settings: the number q of latent dimensions, less than that of the columns.
    pub fn params(dimensions: usize) -> ProbabilisticPcaParams {
        ProbabilisticPcaParams::new(dimensions)
    }

    /// A model with known parameters: W (D, q), μ (D) and σ².
    ///
    /// # Errors
    /// [`Error::Shape`] when W and μ do not fit, [`Error::Setting`] for a variance that is not
    /// positive.
    pub fn from_parts(
        weights: Array2<f64>,
        mean: Array1<f64>,
        noise_variance: f64,
    ) -> Result<Self> {
        if weights.nrows() != mean.len() || weights.is_empty() {
            return Err(Error::Shape {
                what: "the mean".to_owned(),
                got: vec![mean.len()],
                want: vec![weights.nrows().max(1)],
                advice: "W has as many rows as the mean has entries, and at least one column"
                    .to_owned(),
            });
        }
        if !(noise_variance > 0.0 && noise_variance.is_finite()) {
            return Err(Error::setting("noise_variance", noise_variance, "it must be positive"));
        }
        let parameters = LinearNormal { weights, mean, noise_variance };
        Ok(Self { parameters, relevance: None, history: None })
    }

    /// W, (D, q): orthogonal columns of falling length after a fit, with the signs of [`crate::Pca`].
    pub fn weights(&self) -> ArrayView2<'_, f64> {
        self.parameters.weights.view()
    }

    /// μ, (D).
    pub fn mean(&self) -> &Array1<f64> {
        &self.parameters.mean
    }

    /// σ², in squared units of the data.
    pub fn noise_variance(&self) -> f64 {
        self.parameters.noise_variance
    }

    /// WWᵀ + σ²I, the covariance of p(x): (D, D).
    pub fn covariance(&self) -> Array2<f64> {
        self.parameters.covariance()
    }

    /// The variance of p(x) along each column of W: ‖w‖² + σ², (q). The eigenvalues of the
    /// covariance that belong to the latent dimensions.
    pub fn explained_variance(&self) -> Array1<f64> {
        self.parameters.squared_lengths() + self.parameters.noise_variance
    }

    /// The precision α of each column's prior after a fit with relevance determination: infinite
    /// for a dimension that was switched off.
    pub fn relevance(&self) -> Option<&Array1<f64>> {
        self.relevance.as_ref()
    }

    /// The number of latent dimensions that are not switched off.
    pub fn effective_dimensions(&self) -> usize {
        self.parameters.squared_lengths().iter().filter(|&&length| length > 0.0).count()
    }

    /// The course of the EM fit, unless the parameters are from the closed form.
    pub fn history(&self) -> Option<&EmHistory> {
        self.history.as_ref()
    }

    /// p(z|x) of every row, from its observed cells: without any it is the prior.
    ///
    /// # Errors
    /// [`Error::Shape`] for rows of another width, [`Error::Value`] for an infinite cell.
    pub fn encode(&self, rows: &(impl Dataset + ?Sized)) -> Result<Moments> {
        let rows = rows.matrix()?;
        self.check(rows.view())?;
        self.parameters.posterior(rows.view())
    }

    /// p(x|z) at every row of `latent`: (n, q) → mean (n, D), covariance σ²I.
    ///
    /// # Errors
    /// [`Error::Shape`] for a matrix without q columns.
    pub fn decode(&self, latent: &(impl Dataset + ?Sized)) -> Result<Moments> {
        self.parameters.conditional(latent.matrix()?.view())
    }

    /// log p of the observed cells of every row, in nats.
    ///
    /// # Errors
    /// Those of [`Self::encode`].
    pub fn evidence(&self, rows: &(impl Dataset + ?Sized)) -> Result<LogLikelihood> {
        let rows = rows.matrix()?;
        self.check(rows.view())?;
        Ok(LogLikelihood::exact(self.parameters.log_likelihood(rows.view())?))
    }

    /// The means of p(z|x) in the first two latent dimensions, coloured by an integer label.
    ///
    /// # Errors
    /// Those of [`Self::encode`], [`Error::UnknownLabel`], and [`Error::Setting`] with one dimension.
    pub fn latent_map(&self, rows: &(impl Dataset + ?Sized), label: &str) -> Result<LatentMap> {
        let labels = rows.label_values(label)?;
        first_two(self.encode(rows)?.mean.view())?.labels(label, &labels)
    }

    fn check(&self, rows: ArrayView2<f64>) -> Result<()> {
        check_width("the data", rows, self.parameters.mean.len())?;
        check_cells(rows, Missing::Allowed)
    }
}

impl RichDisplay for ProbabilisticPca {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let curves = self.history().filter(|history| history.iterations() > 2);
        ModelCard::new(self.table()).graph(self.graphical_model()).curves(curves).bundle()
    }
}

impl ProbabilisticPca {
    /// The graph of the model.
    ///
    /// # Errors
    /// Never; the type says so of all graphs.
    pub fn graphical_model(&self) -> Result<GraphicalModel> {
        GraphicalModel::new("")
            .latent("z", (0.0, 0.0))
            .observed("x", (0.0, 1.0))
            .parameter("W, μ", (-1.0, 1.0))
            .parameter("σ²", (1.0, 1.0))
            .depends("x", &["z", "W, μ", "σ²"])?
            .plate("n rows", &["z", "x"])
    }

    fn table(&self) -> Table {
        let lengths = self.parameters.squared_lengths();
        let total = lengths.sum() + self.noise_variance() * self.mean().len() as f64;
        let title = format!(
            "Probabilistic PCA of {} columns, noise variance {:.4}",
            self.mean().len(),
            self.noise_variance()
        );
        let mut columns = vec!["dimension", "explained variance", "share"];
        columns.extend(self.relevance.as_ref().map(|_| "α"));
        let mut table = Table::new(title, columns);
        for (i, variance) in self.explained_variance().iter().enumerate() {
            let share = Cell::decimals(variance / total, 4);
            let mut row = vec![Cell::from(i + 1), Cell::from(*variance), share];
            let alpha = self.relevance.as_ref().and_then(|relevance| relevance.get(i));
            row.extend(alpha.map(|&alpha| match alpha.is_finite() {
                true => Cell::from(alpha),
                false => Cell::Number("off".to_owned()),
            }));
            table = table.row(row);
        }
        table
    }
}

impl_evcxr_display!(ProbabilisticPca);
