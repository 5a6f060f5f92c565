//! What probabilistic PCA has in common with other models.

use ndarray::{Array2, ArrayView2, Axis};
use rand_distr::{Distribution, StandardNormal};

use super::ProbabilisticPca;
use crate::{
    display::counted,
    error::Result,
    latent::{
        CONDITIONAL_STREAM, ClosedFormMoments, Covariances, LATENT_STREAM, LatentModel,
        LogLikelihood, Moments, normal_draws,
    },
    train::stream,
};

impl LatentModel for ProbabilisticPca {
    fn name(&self) -> String {
        let kind = if self.relevance.is_some() { "Bayesian" } else { "Probabilistic" };
        format!("{kind} PCA, {}", counted(self.effective_dimensions(), "dimension"))
    }

    fn data_dimensions(&self) -> usize {
        self.mean().len()
    }

    fn latent_dimensions(&self) -> usize {
        self.weights().ncols()
    }

    fn draw_latent(&self, count: usize, seed: u64) -> Result<Array2<f64>> {
        let mut rng = stream(seed, LATENT_STREAM);
        let shape = (count, self.latent_dimensions());
        Ok(Array2::from_shape_simple_fn(shape, || StandardNormal.sample(&mut rng)))
    }

    fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments> {
        self.decode(&z)
    }

    fn draw_conditional(&self, z: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>> {
        normal_draws(&self.decode(&z)?, &mut stream(seed, CONDITIONAL_STREAM))
    }

    fn posterior(&self, x: ArrayView2<f64>) -> Result<Moments> {
        self.encode(&x)
    }

    fn log_likelihood(&self, x: ArrayView2<f64>) -> Result<LogLikelihood> {
        self.evidence(&x)
    }
}

impl ClosedFormMoments for ProbabilisticPca {
    /// μ and WWᵀ + σ²I.
    fn observed_moments(&self) -> Moments {
        let covariances = Covariances::Shared { matrices: vec![self.covariance()], of: vec![0] };
        Moments { mean: self.mean().view().insert_axis(Axis(0)).to_owned(), covariances }
    }
}
