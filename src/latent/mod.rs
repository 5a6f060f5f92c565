//! What all generative models with latent variables have in common.
//!
//! A model draws z ~ p(z), then x ~ p(x|z). [`LatentModel`] says so in code, for continuous z
//! (probabilistic PCA, the VAE) and for discrete z (mixtures, hidden Markov models), where z is a
//! one-hot row. [`compare`] sets any of them side by side.

mod active;
mod classifier;
mod compare;
mod covariances;
mod likelihood;
mod moments;
mod supervised;
#[cfg(test)]
mod tests;

use ndarray::{Array2, ArrayView2};

pub use active::{ActiveUnits, active_units};
pub use classifier::ClassConditional;
pub use compare::{Compared, Comparison, compare};
pub use covariances::Covariances;
pub(crate) use likelihood::standard_error;
pub use likelihood::{LogLikelihood, Meaning};
pub use moments::Moments;
pub(crate) use moments::{
    categorical_draw, log_sum_exp, log_sum_exp_of, normal_draws, one_hot_draws, one_hot_indices,
};

pub(crate) use classifier::{most_probable, share_right};
pub use supervised::{
    ClassifierMethod, LatentClassifier, LatentClassifierParams, LatentRegression,
    LatentRegressionParams,
};

use crate::error::Result;

/// A generative model p(z)·p(x|z) of rows x of D values with M latent dimensions.
///
/// ```
/// use elbo::{GaussianMixture, LatentModel, ProbabilisticPca, latent::compare, mixture::Covariance};
///
/// let truth = ProbabilisticPca::from_parts(
///     ndarray::array![[2.0], [1.0], [0.0]], // W
///     ndarray::array![0.0, 1.0, 2.0],       // μ
///     0.1,                                  // σ²
/// )?;
/// let (rows, others) = (truth.draw(300, 7)?.observed, truth.draw(300, 8)?.observed);
/// let pca = ProbabilisticPca::params(1).fit(&rows)?;
/// let mixture = GaussianMixture::params(2).covariance(Covariance::Spherical).fit(&rows)?;
/// let comparison = compare(&[&pca, &mixture], &others)?;
/// assert!(comparison.entries[0].log_likelihood.mean() > comparison.entries[1].log_likelihood.mean());
/// # Ok::<(), elbo::Error>(())
/// ```
pub trait LatentModel {
    /// What the model is, in a few words.
    fn name(&self) -> String;

    /// D, the number of columns of x.
    fn data_dimensions(&self) -> usize;

    /// M, the number of columns of z: with a discrete z the number of its values.
    fn latent_dimensions(&self) -> usize;

    /// Draws z ~ p(z): (count, M). The same on every call with the same seed.
    ///
    /// # Errors
    /// When the model cannot compute.
    fn draw_latent(&self, count: usize, seed: u64) -> Result<Array2<f64>>;

    /// E(x|z) and Var(x|z) at every row of `z`, (n, M) → (n, D) and n matrices (D, D).
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for a `z` of another width, [`crate::Error::Value`] for one that
    /// the model cannot have.
    fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments>;

    /// Draws x ~ p(x|z), one a row of `z`: (n, M) → (n, D).
    ///
    /// # Errors
    /// Those of [`Self::conditional`].
    fn draw_conditional(&self, z: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>>;

    /// Mean and covariance of p(z|x), or of the model's approximation to it, for every row of `x`:
    /// (n, D) → (n, M) and n matrices (M, M).
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for an `x` of another width, [`crate::Error::Value`] naming a cell
    /// that the model cannot have.
    fn posterior(&self, x: ArrayView2<f64>) -> Result<Moments>;

    /// log p(x) of every row of `x` in nats, or a lower bound; the answer says which.
    ///
    /// # Errors
    /// Those of [`Self::posterior`].
    fn log_likelihood(&self, x: ArrayView2<f64>) -> Result<LogLikelihood>;

    /// Ancestral sampling: z ~ p(z), then x ~ p(x|z).
    ///
    /// # Errors
    /// Those of [`Self::draw_latent`] and [`Self::draw_conditional`].
    fn draw(&self, count: usize, seed: u64) -> Result<Draws> {
        let latent = self.draw_latent(count, seed)?;
        let observed = self.draw_conditional(latent.view(), seed)?;
        Ok(Draws { latent, observed })
    }
}

/// A model whose E(x) and Var(x) have a closed form.
pub trait ClosedFormMoments: LatentModel {
    /// E(x) and Var(x) as one row: mean (1, D) and one matrix (D, D).
    fn observed_moments(&self) -> Moments;
}

/// Draws from a model, a row each.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// z, (n, M).
    pub latent: Array2<f64>,
    /// x, (n, D).
    pub observed: Array2<f64>,
}

/// Streams of random numbers of one seed, so that draws of z and of x do not depend on each other.
pub(crate) const LATENT_STREAM: u64 = 0;
pub(crate) const CONDITIONAL_STREAM: u64 = 1;
