//! What a mixture has in common with other models: z is a one-hot row that says the component.

use ndarray::{Array2, ArrayView2, Axis};

use super::GaussianMixture;
use crate::{
    error::Result,
    latent::{
        ClosedFormMoments, Covariances, LATENT_STREAM, LatentModel, LogLikelihood, Moments,
        one_hot_draws,
    },
    linalg::scatter,
    train::stream,
};

impl LatentModel for GaussianMixture {
    fn name(&self) -> String {
        self.normals.name_of("Gaussian mixture", "component")
    }

    fn data_dimensions(&self) -> usize {
        self.normals.dimensions()
    }

    fn latent_dimensions(&self) -> usize {
        self.normals.len()
    }

    fn draw_latent(&self, count: usize, seed: u64) -> Result<Array2<f64>> {
        Ok(one_hot_draws(self.weights.view(), count, &mut stream(seed, LATENT_STREAM)))
    }

    fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments> {
        self.normals.conditional(z)
    }

    fn draw_conditional(&self, z: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>> {
        self.normals.draw_conditional(z, seed)
    }

    fn posterior(&self, x: ArrayView2<f64>) -> Result<Moments> {
        let mean = self.responsibilities(&x)?;
        Ok(Moments { covariances: Covariances::OneHot(mean.clone()), mean })
    }

    fn log_likelihood(&self, x: ArrayView2<f64>) -> Result<LogLikelihood> {
        self.evidence(&x)
    }
}

impl ClosedFormMoments for GaussianMixture {
    /// Σ πₖμₖ and Σ πₖ(Σₖ + (μₖ − E x)(μₖ − E x)ᵀ).
    fn observed_moments(&self) -> Moments {
        let means = self.normals.means();
        let mean = self.weights.dot(&means);
        let mut covariance = scatter(means, mean.view(), Some(self.weights.view()));
        for (k, weight) in self.weights.iter().enumerate() {
            covariance.scaled_add(*weight, &self.normals.covariance_matrix(k));
        }
        let covariances = Covariances::Shared { matrices: vec![covariance], of: vec![0] };
        Moments { mean: mean.insert_axis(Axis(0)), covariances }
    }
}
