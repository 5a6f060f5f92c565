//! What a hidden Markov model has in common with other models: the rows are one sequence in the
//! order of time, and z is a one-hot row that says the state.

use ndarray::{Array2, ArrayView2, Axis};

use super::HiddenMarkov;
use crate::{
    error::Result,
    latent::{Covariances, LATENT_STREAM, LatentModel, LogLikelihood, Moments, categorical_draw},
    train::stream,
};

impl LatentModel for HiddenMarkov {
    fn name(&self) -> String {
        self.normals.name_of("Hidden Markov model", "state")
    }

    fn data_dimensions(&self) -> usize {
        self.normals.dimensions()
    }

    fn latent_dimensions(&self) -> usize {
        self.normals.len()
    }

    /// A sequence of `count` states.
    fn draw_latent(&self, count: usize, seed: u64) -> Result<Array2<f64>> {
        let rng = &mut stream(seed, LATENT_STREAM);
        let mut draws = Array2::zeros((count, self.normals.len()));
        let mut state = None;
        for mut row in draws.rows_mut() {
            let probabilities = match state {
                None => self.chain.initial.view(),
                Some(state) => self.chain.transitions.index_axis(Axis(0), state),
            };
            let next = categorical_draw(probabilities, rng);
            row[next] = 1.0;
            state = Some(next);
        }
        Ok(draws)
    }

    fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments> {
        self.normals.conditional(z)
    }

    fn draw_conditional(&self, z: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>> {
        self.normals.draw_conditional(z, seed)
    }

    /// p(zₜ|x) given the whole sequence.
    fn posterior(&self, x: ArrayView2<f64>) -> Result<Moments> {
        let mean = self.smooth(&x)?;
        Ok(Moments { covariances: Covariances::OneHot(mean.clone()), mean })
    }

    /// log p(xₜ|x₁…xₜ₋₁): the sum is log p of the sequence.
    fn log_likelihood(&self, x: ArrayView2<f64>) -> Result<LogLikelihood> {
        let densities = self.log_densities(x)?;
        Ok(LogLikelihood::exact(self.chain.predictive(densities.view())))
    }
}
