//! Supervised uses of a model that was fitted without labels: what is to be predicted is predicted
//! from z, the mean of the posterior.
//!
//! [`LatentClassifier`] predicts classes, [`LatentRegression`] numbers. Both work with the latent
//! posterior of every [`LatentModel`], and hold what was fitted on z only: the model itself is
//! passed with the rows. [`super::ClassConditional`] is the other way, a generative model of x for
//! each class.

mod classifier;
mod logistic;
mod regression;
#[cfg(test)]
mod tests;

use ndarray::Array2;

pub use classifier::{ClassifierMethod, LatentClassifier, LatentClassifierParams};
pub use regression::{LatentRegression, LatentRegressionParams};

use super::LatentModel;
use crate::{
    data::Dataset,
    error::{Error, Result},
};

/// The posterior means of the rows, (n, M).
fn latent_means(model: &dyn LatentModel, rows: &(impl Dataset + ?Sized)) -> Result<Array2<f64>> {
    Ok(model.posterior(rows.matrix()?.view())?.mean)
}

/// # Errors
/// [`Error::Shape`] when the model has another number of latent dimensions than that of the fit.
fn check_latent(z: &Array2<f64>, width: usize) -> Result<()> {
    if z.ncols() == width {
        return Ok(());
    }
    Err(Error::Shape {
        what: "the latent variables".to_owned(),
        got: z.shape().to_vec(),
        want: vec![z.nrows(), width],
        advice: "pass the model of the fit".to_owned(),
    })
}
