//! Gaussian mixtures, fitted by EM (Bishop 2006, section 9.2).
//!
//! p(z = k) = πₖ, p(x|z = k) = N(μₖ, Σₖ), so that p(x) = Σₖ πₖ N(x; μₖ, Σₖ).

mod checkpoint;
mod densities;
mod em;
mod kmeans;
mod latent_model;
mod m_step;
mod normals;
mod params;

use ndarray::{Array1, Array2, ArrayView2, Axis};

pub(crate) use checkpoint::NormalsSize;
pub(crate) use em::responsibilities_from_labels;
pub(crate) use kmeans::{Effort, kmeans};
pub(crate) use m_step::{Ridge, estimate};
pub use normals::{Covariance, Normals};
pub use params::GaussianMixtureParams;
pub(crate) use params::{check_constant, check_ridge};

use crate::{
    data::{Dataset, Missing, check_cells, check_width},
    display::{
        Cell, GraphicalModel, LatentMap, MimeBundle, ModelCard, RichDisplay, Table, counted,
        impl_evcxr_display,
    },
    error::{Error, Result},
    latent::{LogLikelihood, log_sum_exp},
    pca::first_two,
    train::EmHistory,
};

/// A fitted Gaussian mixture.
///
/// ```
/// use elbo::GaussianMixture;
///
/// let rows = [[0.0, 0.1], [0.2, 0.0], [0.1, 0.2], [0.1, 0.0], [5.0, 5.1], [5.2, 5.0], [4.9, 5.3], [5.0, 4.9]];
/// let mixture = GaussianMixture::params(2).restarts(3).seed(7).fit(&rows)?;
/// let labels = mixture.predict(&rows)?;
/// assert!(labels[..4] == [labels[0]; 4] && labels[4..] == [labels[4]; 4] && labels[0] != labels[4]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GaussianMixture {
    weights: Array1<f64>,
    normals: Normals,
    history: Option<EmHistory>,
}

impl GaussianMixture {
    /// The settings: the number K of components.
    pub fn params(components: usize) -> GaussianMixtureParams {
        GaussianMixtureParams::new(components)
    }

    /// A mixture with known parameters: πₖ and N(μₖ, Σₖ).
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one weight for each component, [`Error::Setting`] when
    /// the weights are not probabilities that sum to 1.
    pub fn from_parts(weights: Array1<f64>, normals: Normals) -> Result<Self> {
        check_probabilities("weights", weights.iter().copied(), normals.len())?;
        Ok(Self { weights, normals, history: None })
    }

    /// π, (K).
    pub fn weights(&self) -> &Array1<f64> {
        &self.weights
    }

    /// The components N(μₖ, Σₖ).
    pub fn components(&self) -> &Normals {
        &self.normals
    }

    /// The course of the best start, unless the mixture is from known parameters.
    pub fn history(&self) -> Option<&EmHistory> {
        self.history.as_ref()
    }

    /// p(z = k|x) of every row, (n, K).
    ///
    /// # Errors
    /// [`Error::Shape`] for rows of another width, [`Error::Value`] for a cell that is missing or
    /// not finite.
    pub fn responsibilities(&self, rows: &(impl Dataset + ?Sized)) -> Result<Array2<f64>> {
        let joint = self.log_joint(rows.matrix()?.view())?;
        let evidence = log_sum_exp(joint.view()).insert_axis(Axis(1));
        Ok((joint - evidence).mapv(f64::exp))
    }

    /// The most probable component of every row.
    ///
    /// # Errors
    /// Those of [`Self::responsibilities`].
    pub fn predict(&self, rows: &(impl Dataset + ?Sized)) -> Result<Vec<usize>> {
        let joint = self.log_joint(rows.matrix()?.view())?;
        let most = |row: ndarray::ArrayView1<f64>| {
            let entries = row.into_iter().enumerate();
            entries.max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(index, _)| index)
        };
        Ok(joint.rows().into_iter().map(most).collect())
    }

    /// log p(x) of every row, in nats.
    ///
    /// # Errors
    /// Those of [`Self::responsibilities`].
    pub fn evidence(&self, rows: &(impl Dataset + ?Sized)) -> Result<LogLikelihood> {
        Ok(LogLikelihood::exact(log_sum_exp(self.log_joint(rows.matrix()?.view())?.view())))
    }

    /// The number of free parameters.
    pub fn parameter_count(&self) -> usize {
        self.normals.parameter_count() + self.weights.len() - 1
    }

    /// Akaike's information criterion, 2·parameters − 2·log-likelihood. Lower is better.
    ///
    /// # Errors
    /// Those of [`Self::responsibilities`].
    pub fn aic(&self, rows: &(impl Dataset + ?Sized)) -> Result<f64> {
        Ok(2.0 * self.parameter_count() as f64 - 2.0 * self.evidence(rows)?.sum())
    }

    /// The Bayesian information criterion, log(n)·parameters − 2·log-likelihood. Lower is better.
    ///
    /// # Errors
    /// Those of [`Self::responsibilities`].
    pub fn bic(&self, rows: &(impl Dataset + ?Sized)) -> Result<f64> {
        let evidence = self.evidence(rows)?;
        let count = (evidence.values.len() as f64).ln();
        Ok(count * self.parameter_count() as f64 - 2.0 * evidence.sum())
    }

    /// The first two columns of every row, coloured by its most probable component.
    ///
    /// # Errors
    /// Those of [`Self::predict`], and [`Error::Setting`] with one column.
    pub fn map(&self, rows: &(impl Dataset + ?Sized)) -> Result<LatentMap> {
        let labels = self.predict(rows)?;
        let map = first_two(rows.matrix()?.view())?.letter('x').title("Components");
        map.labels("component", &labels)
    }

    /// log πₖ + log N(x; μₖ, Σₖ), (n, K).
    fn log_joint(&self, x: ArrayView2<f64>) -> Result<Array2<f64>> {
        check_width("the data", x, self.normals.dimensions())?;
        check_cells(x, Missing::Refused)?;
        Ok(self.normals.log_densities(x)? + &self.weights.mapv(f64::ln))
    }
}

/// # Errors
/// [`Error::Shape`] for another number of probabilities than `want`, [`Error::Setting`] when they
/// do not sum to 1.
pub(crate) fn check_probabilities(
    name: &'static str,
    values: impl Iterator<Item = f64> + Clone,
    want: usize,
) -> Result<()> {
    let count = values.clone().count();
    if count != want {
        return Err(Error::Shape {
            what: name.to_owned(),
            got: vec![count],
            want: vec![want],
            advice: "give one for each component".to_owned(),
        });
    }
    let sum: f64 = values.clone().sum();
    // Probabilities that were written out with a few digits add up to 1 within them.
    if values.clone().all(|value| value >= 0.0) && (sum - 1.0).abs() < 1e-6 {
        return Ok(());
    }
    let values: Vec<f64> = values.collect();
    Err(Error::setting(name, format!("{values:?}"), "probabilities are not negative and sum to 1"))
}

impl RichDisplay for GaussianMixture {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let curves = self.history().filter(|history| history.iterations() > 2);
        ModelCard::new(self.table()).graph(self.graphical_model()).curves(curves).bundle()
    }
}

impl GaussianMixture {
    /// The graph of the model: a component z for each row x.
    ///
    /// # Errors
    /// Never; the type says so of all graphs.
    pub fn graphical_model(&self) -> Result<GraphicalModel> {
        GraphicalModel::new("")
            .parameter("π", (-1.0, 0.0))
            .latent("z", (0.0, 0.0))
            .observed("x", (0.0, 1.0))
            .parameter("μ, Σ", (-1.0, 1.0))
            .depends("z", &["π"])?
            .depends("x", &["z", "μ, Σ"])?
            .plate("n rows", &["z", "x"])
    }

    fn table(&self) -> Table {
        let title = format!(
            "Gaussian mixture, {}, {} covariances, {}",
            counted(self.normals.len(), "component"),
            self.normals.covariance().name(),
            counted(self.normals.dimensions(), "column")
        );
        let columns = ["component", "weight", "mean", "standard deviations"];
        let mut table = Table::new(title, columns);
        for (k, weight) in self.weights.iter().enumerate() {
            let std = self.normals.variances(k).mapv(f64::sqrt);
            table = table.row([
                Cell::Number(k.to_string()),
                Cell::decimals(*weight, 3),
                short(self.normals.means().row(k)).into(),
                short(std.view()).into(),
            ]);
        }
        table
    }
}

impl_evcxr_display!(GaussianMixture);

/// The first numbers of a vector.
pub(crate) fn short(values: ndarray::ArrayView1<f64>) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = values.iter().take(SHOWN).map(|value| format!("{value:.3}")).collect();
    let rest = if values.len() > SHOWN { ", …" } else { "" };
    format!("({}{rest})", shown.join(", "))
}
