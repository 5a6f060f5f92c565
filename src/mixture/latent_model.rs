//! What a mixture has in common with other models: z is a one-hot row that says the component.

use ndarray::{Array2, ArrayView2, Axis};

use super::GaussianMixture;
use crate::{
    data::check_width,
    error::Result,
    latent::{
        CONDITIONAL_STREAM, ClosedFormMoments, Covariances, LATENT_STREAM, LatentModel,
        LogLikelihood, Moments, normal_draws, one_hot_draws, one_hot_indices,
    },
    linalg::scatter,
    train::stream,
};

impl LatentModel for GaussianMixture {
    fn name(&self) -> String {
        let (count, kind) = (self.normals.len(), self.normals.covariance().name());
        format!("Gaussian mixture, {count} components, {kind}")
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
        check_width("the latent variables", z, self.normals.len())?;
        let components = one_hot_indices(z)?;
        let mean = self.normals.means().select(Axis(0), &components);
        Ok(Moments { mean, covariances: self.normals.covariances_of(components) })
    }

    fn draw_conditional(&self, z: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>> {
        normal_draws(&self.conditional(z)?, &mut stream(seed, CONDITIONAL_STREAM))
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
