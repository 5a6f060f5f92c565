//! Bayesian PCA: automatic relevance determination by EM (Bishop 1999, section 3).

use ndarray::{Array1, ArrayView2, s};

use super::{closed_form::check_noise, em::Centred, linear_normal::LinearNormal, m_step::Sums};
use crate::{
    error::Result,
    train::{EmHistory, EmSettings},
};

/// A column of W whose squared length is below this share of the first σ² is switched off, that is
/// set to zero: along it p(x) differs from noise by no more than about this share.
const OFF: f64 = 1e-6;

/// From the maximum-likelihood parameters: each M-step has the prior ∏ N(wᵢ; 0, I/αᵢ) on the
/// columns of W, with αᵢ = D/‖wᵢ‖² re-estimated after it. Returns the parameters and α.
pub(super) fn determine(
    x: ArrayView2<f64>,
    mut parameters: LinearNormal,
    settings: EmSettings,
) -> Result<(LinearNormal, Array1<f64>, EmHistory)> {
    let data = Centred::new(x);
    let dimensions = parameters.weights.ncols();
    parameters.mean -= &data.mean;
    let rows = x.nrows() as f64;
    let least = OFF * parameters.noise_variance;
    let history = settings.run(|| {
        let alpha = precisions(&parameters, least);
        let sums = Sums::new(data.x.view(), &data.patterns, &parameters)?;
        let objective = sums.log_likelihood + log_prior(&parameters, &alpha);
        let before = parameters.noise_variance;
        parameters = sums.maximise(&(alpha * before))?;
        switch_off(&mut parameters, least);
        check_noise(parameters.noise_variance, data.variance, dimensions)?;
        Ok(objective / rows)
    })?;
    parameters.mean += &data.mean;
    let on = parameters.squared_lengths().iter().filter(|&&length| length > 0.0).count();
    parameters.rotate()?;
    // The rotation sorts the columns; rounding must not wake up those that are off.
    parameters.weights.slice_mut(s![.., on..]).fill(0.0);
    let columns = data.mean.len() as f64;
    let alpha = parameters.squared_lengths().mapv(|length| columns / length);
    Ok((parameters, alpha, history))
}

/// αᵢ = D/‖wᵢ‖², finite also for a column that is off: there it has no effect.
fn precisions(parameters: &LinearNormal, least: f64) -> Array1<f64> {
    let columns = parameters.mean.len() as f64;
    parameters.squared_lengths().mapv(|length| columns / length.max(least))
}

/// Σᵢ log N(wᵢ; 0, I/αᵢ), (D/2) log(αᵢ/2π) − αᵢ‖wᵢ‖²/2 each.
fn log_prior(parameters: &LinearNormal, alpha: &Array1<f64>) -> f64 {
    let columns = parameters.mean.len() as f64;
    let lengths = parameters.squared_lengths();
    let terms = alpha
        .iter()
        .zip(&lengths)
        .map(|(alpha, length)| columns * (alpha / std::f64::consts::TAU).ln() - alpha * length);
    0.5 * terms.sum::<f64>()
}

fn switch_off(parameters: &mut LinearNormal, least: f64) {
    let lengths = parameters.squared_lengths();
    for (mut column, length) in parameters.weights.columns_mut().into_iter().zip(lengths) {
        if length < least {
            column.fill(0.0);
        }
    }
}
