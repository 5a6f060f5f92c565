//! Hidden Markov models with normal emissions (Rabiner 1989; Bishop 2006, section 13.2).
//!
//! A chain of hidden states: p(z₁ = k) = πₖ, p(zₜ = j|zₜ₋₁ = i) = Aᵢⱼ, and p(xₜ|zₜ = k) = N(μₖ, Σₖ).
//! Rows are in the order of time. All probabilities are kept as logarithms, so that long sequences
//! do not underflow.

mod baum_welch;
mod chain;
mod checkpoint;
mod latent_model;
mod params;
mod viterbi;

use ndarray::{Array1, Array2, ArrayView2, Axis};

pub use params::HiddenMarkovParams;
pub use viterbi::Path;

use self::chain::{Chain, Smoothed};
use crate::{
    data::{Dataset, Missing, check_cells, check_rows, check_width},
    display::{
        Cell, GraphicalModel, MimeBundle, ModelCard, RichDisplay, Table, impl_evcxr_display,
    },
    error::Result,
    mixture::{Normals, check_probabilities, short},
    train::EmHistory,
};

/// A fitted hidden Markov model.
///
/// ```
/// use elbo::{HiddenMarkov, LatentModel, mixture::Normals};
/// use ndarray::array;
///
/// let truth = HiddenMarkov::from_parts(
///     array![0.5, 0.5],
///     array![[0.95, 0.05], [0.10, 0.90]],
///     Normals::spherical(array![[0.0], [3.0]], array![1.0, 1.0])?,
/// )?;
/// let sequence = truth.draw(400, 1)?.observed;
/// let model = HiddenMarkov::params(2).restarts(2).fit(&[sequence.view()])?;
/// let path = model.viterbi(&sequence)?;
/// assert_eq!(path.states.len(), 400);
/// assert!(model.log_likelihood_of(&[sequence])? >= path.log_probability);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HiddenMarkov {
    chain: Chain,
    normals: Normals,
    history: Option<EmHistory>,
}

impl HiddenMarkov {
    /// The settings: the number K of states.
    pub fn params(states: usize) -> HiddenMarkovParams {
        HiddenMarkovParams::new(states)
    }

    /// A model with known parameters: π (K), A (K, K) with a row for the state that is left, and
    /// the emissions.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for sizes that do not fit, [`crate::Error::Setting`] for probabilities that do not
    /// sum to 1.
    pub fn from_parts(
        initial: Array1<f64>,
        transitions: Array2<f64>,
        emissions: Normals,
    ) -> Result<Self> {
        let states = emissions.len();
        check_probabilities("initial", initial.iter().copied(), states)?;
        check_width("the transitions", transitions.view(), states)?;
        check_width("the transitions", transitions.t(), states)?;
        for row in transitions.rows() {
            check_probabilities("transitions", row.iter().copied(), states)?;
        }
        let chain = Chain { initial, transitions };
        Ok(Self { chain, normals: emissions, history: None })
    }

    /// π, (K).
    pub fn initial(&self) -> &Array1<f64> {
        &self.chain.initial
    }

    /// A, (K, K): row i has the probabilities of what follows state i.
    pub fn transitions(&self) -> &Array2<f64> {
        &self.chain.transitions
    }

    /// The emissions N(μₖ, Σₖ).
    pub fn emissions(&self) -> &Normals {
        &self.normals
    }

    /// The course of the best start of Baum-Welch, unless the parameters were known.
    pub fn history(&self) -> Option<&EmHistory> {
        self.history.as_ref()
    }

    /// p(zₜ = k|x₁…x\_T) of every row of a sequence, (T, K).
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for rows of another width or an empty sequence, [`crate::Error::Value`] for a cell
    /// that is missing or not finite.
    pub fn smooth(&self, sequence: &(impl Dataset + ?Sized)) -> Result<Array2<f64>> {
        Ok(self.forward_backward(sequence.matrix()?.view())?.states)
    }

    /// The most probable sequence of states.
    ///
    /// # Errors
    /// Those of [`Self::smooth`].
    pub fn viterbi(&self, sequence: &(impl Dataset + ?Sized)) -> Result<Path> {
        let densities = self.log_densities(sequence.matrix()?.view())?;
        Ok(self.chain.viterbi(densities.view()))
    }

    /// log p of all sequences together, in nats.
    ///
    /// # Errors
    /// Those of [`Self::smooth`].
    pub fn log_likelihood_of<S: Dataset>(&self, sequences: &[S]) -> Result<f64> {
        let log_likelihood = |sequence: &S| {
            let densities = self.log_densities(sequence.matrix()?.view())?;
            Ok(self.chain.predictive(densities.view()).sum())
        };
        sequences.iter().map(log_likelihood).sum()
    }

    /// The number of free parameters.
    pub fn parameter_count(&self) -> usize {
        let states = self.normals.len();
        self.normals.parameter_count() + (states - 1) * (states + 1)
    }

    /// Akaike's information criterion, 2·parameters − 2·log-likelihood. Lower is better.
    ///
    /// # Errors
    /// Those of [`Self::smooth`].
    pub fn aic<S: Dataset>(&self, sequences: &[S]) -> Result<f64> {
        let parameters = self.parameter_count() as f64;
        Ok(2.0 * parameters - 2.0 * self.log_likelihood_of(sequences)?)
    }

    /// The Bayesian information criterion, log(rows)·parameters − 2·log-likelihood. Lower is better.
    ///
    /// # Errors
    /// Those of [`Self::smooth`].
    pub fn bic<S: Dataset>(&self, sequences: &[S]) -> Result<f64> {
        let mut rows = 0;
        for sequence in sequences {
            rows += sequence.matrix()?.nrows();
        }
        let parameters = self.parameter_count() as f64;
        Ok((rows as f64).ln() * parameters - 2.0 * self.log_likelihood_of(sequences)?)
    }

    fn forward_backward(&self, x: ArrayView2<f64>) -> Result<Smoothed> {
        Ok(self.chain.smooth(self.log_densities(x)?.view()))
    }

    /// log p(xₜ|zₜ = k), (T, K).
    fn log_densities(&self, x: ArrayView2<f64>) -> Result<Array2<f64>> {
        check_rows(x, 1, "a sequence has at least one row")?;
        check_width("the sequence", x, self.normals.dimensions())?;
        check_cells(x, Missing::Refused)?;
        self.normals.log_densities(x)
    }
}

impl RichDisplay for HiddenMarkov {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let curves = self.history().filter(|history| history.iterations() > 2);
        ModelCard::new(self.table()).graph(self.graphical_model()).curves(curves).bundle()
    }
}

impl HiddenMarkov {
    /// The graph of the model: a chain of states, each with its row.
    ///
    /// # Errors
    /// Never; the type says so of all graphs.
    pub fn graphical_model(&self) -> Result<GraphicalModel> {
        GraphicalModel::new("")
            .ellipsis("before", (-0.75, 0.0))
            .latent("z_{t-1}", (0.0, 0.0))
            .latent("z_t", (1.0, 0.0))
            .latent("z_{t+1}", (2.0, 0.0))
            .ellipsis("after", (2.75, 0.0))
            .observed("x_{t-1}", (0.0, 1.0))
            .observed("x_t", (1.0, 1.0))
            .observed("x_{t+1}", (2.0, 1.0))
            .depends("z_{t-1}", &["before"])?
            .depends("z_t", &["z_{t-1}"])?
            .depends("z_{t+1}", &["z_t"])?
            .depends("after", &["z_{t+1}"])?
            .depends("x_{t-1}", &["z_{t-1}"])?
            .depends("x_t", &["z_t"])?
            .depends("x_{t+1}", &["z_{t+1}"])
    }

    fn table(&self) -> Table {
        let title = format!(
            "Hidden Markov model, {} states, {} covariances, {} columns",
            self.normals.len(),
            self.normals.covariance().name(),
            self.normals.dimensions()
        );
        let columns = ["state", "initial", "followed by", "mean", "standard deviations"];
        let mut table = Table::new(title, columns);
        let rows = self.chain.transitions.axis_iter(Axis(0));
        for (k, (initial, next)) in self.chain.initial.iter().zip(rows).enumerate() {
            let std = self.normals.variances(k).mapv(f64::sqrt);
            table = table.row([
                Cell::Number(k.to_string()),
                Cell::decimals(*initial, 3),
                short(next).into(),
                short(self.normals.means().row(k)).into(),
                short(std.view()).into(),
            ]);
        }
        table
    }
}

impl_evcxr_display!(HiddenMarkov);
