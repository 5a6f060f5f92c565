//! What a VAE has in common with other latent-variable models.

use ndarray::{Array2, ArrayView2};
use rand_distr::{Distribution, StandardNormal};

use super::Vae;
use crate::{
    error::Result,
    latent::{Covariances, LATENT_STREAM, LatentModel, LogLikelihood, Meaning, Moments},
    train::stream,
};

/// Draws of z a row for [`LatentModel::log_likelihood`].
const DRAWS: usize = 100;

impl<const D: usize, const Z: usize> LatentModel for Vae<D, Z> {
    fn name(&self) -> String {
        format!("{self:?}")
    }

    fn data_dimensions(&self) -> usize {
        D
    }

    fn latent_dimensions(&self) -> usize {
        Z
    }

    fn draw_latent(&self, count: usize, seed: u64) -> Result<Array2<f64>> {
        let rng = &mut stream(seed, LATENT_STREAM);
        Ok(Array2::from_shape_simple_fn((count, Z), || StandardNormal.sample(rng)))
    }

    fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments> {
        let decoded = self.decode(&narrow(z))?;
        Ok(diagonal(&decoded.mean.values, &decoded.std.values))
    }

    fn draw_conditional(&self, z: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>> {
        Ok(self.decode(&narrow(z))?.draw(seed).values.mapv(f64::from))
    }

    /// q(z|x), the encoder's approximation.
    fn posterior(&self, x: ArrayView2<f64>) -> Result<Moments> {
        let posterior = self.encode(&narrow(x))?;
        Ok(diagonal(&posterior.mean, &posterior.std))
    }

    /// The bound of [`Vae::evidence`] from 100 draws a row.
    fn log_likelihood(&self, x: ArrayView2<f64>) -> Result<LogLikelihood> {
        let evidence = self.evidence(&narrow(x), DRAWS)?;
        Ok(LogLikelihood {
            values: evidence.log_prob,
            meaning: Meaning::LowerBound { draws: evidence.draws },
        })
    }
}

/// Networks compute in single precision.
fn narrow(values: ArrayView2<f64>) -> Array2<f32> {
    values.mapv(|value| value as f32)
}

fn diagonal(mean: &Array2<f32>, std: &Array2<f32>) -> Moments {
    Moments {
        mean: mean.mapv(f64::from),
        covariances: Covariances::Diagonal(std.mapv(|std| f64::from(std).powi(2))),
    }
}
