//! Draws of the latent variable with their importance weights (lecture, eq. 15 and 16).

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand_distr::{Distribution, StandardNormal};

use super::settings::{Prediction, Proposal};
use crate::{
    error::Result,
    latent::log_sum_exp_of,
    savae::{
        configuration::Configuration,
        model::{Engine, Outcomes},
    },
    train::stream,
};

/// The share of draws from p(z) beside those from the encoder.
const DEFENSIVE: f64 = 0.1;
/// Draws of z held at once.
const MOST: usize = 1 << 18;

/// Draws of z for some patients.
pub(in crate::savae) struct Draws {
    /// (patients · draws, Z), one patient's after the other's; or (draws, Z), the same for all.
    pub z: Array2<f32>,
    pub shared: bool,
    /// Logarithms of the weights p(x|z)p(z)/proposal(z), whose mean is p(x): (patients, draws).
    pub log_weights: Array2<f64>,
}

/// What is weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::savae) enum Given {
    /// The covariates, for predictions.
    Covariates,
    /// The covariates, the time and the event, for p(z|x, y).
    Outcomes,
}

/// Patients that are handled at once.
pub(in crate::savae) fn block(settings: &Prediction) -> usize {
    (MOST / settings.draws).max(1)
}

impl Draws {
    /// Draws for the patients of `rows`.
    pub fn new(
        engine: &dyn Engine,
        configuration: &Configuration,
        rows: ArrayView2<f32>,
        settings: &Prediction,
        given: Given,
    ) -> Result<Self> {
        match settings.proposal {
            Proposal::Prior => from_prior(engine, configuration, rows, settings, given),
            Proposal::Encoder => {
                let latent = configuration.settings.latent;
                proposed(engine, rows, (latent, DEFENSIVE), settings, given)
            }
        }
    }

    /// The self-normalised weights, (patients, draws): rows sum to 1.
    pub fn weights(&self) -> Array2<f64> {
        let mut weights = self.log_weights.clone();
        for mut row in weights.rows_mut() {
            let total = log_sum_exp_of(row.iter().copied());
            row.mapv_inplace(|log_weight| (log_weight - total).exp());
        }
        weights
    }
}

/// The effective number of draws of every patient, 1/Σw², from weights that sum to 1.
pub(in crate::savae) fn effective_draws(weights: ArrayView2<f64>) -> Array1<f64> {
    weights.map_axis(Axis(1), |row| row.iter().map(|weight| weight * weight).sum::<f64>().recip())
}

/// (draws, Z) of standard normal numbers.
fn noise(draws: usize, latent: usize, seed: u64) -> Array2<f32> {
    let rng = &mut stream(seed, PREDICTION_STREAM);
    Array2::from_shape_simple_fn((draws, latent), || StandardNormal.sample(rng))
}

/// Apart from the streams of training and of other draws with the same seed.
const PREDICTION_STREAM: u64 = 5 << 32;

fn from_prior(
    engine: &dyn Engine,
    configuration: &Configuration,
    rows: ArrayView2<f32>,
    settings: &Prediction,
    given: Given,
) -> Result<Draws> {
    let z = noise(settings.draws, configuration.settings.latent, settings.seed);
    if given == Given::Outcomes {
        let z = repeated(&z, rows.nrows());
        let log_weights = log_likelihood(engine, rows, z.view(), given)?;
        return Ok(Draws { z, shared: false, log_weights });
    }
    let parameters = engine.covariate_parameters(z.view())?;
    let log_weights =
        super::pairs::log_prob_of_pairs(configuration, rows, parameters.view()).mapv(f64::from);
    Ok(Draws { z, shared: true, log_weights })
}

/// Draws of which a share comes from p(z) and the rest from q.
fn proposed(
    engine: &dyn Engine,
    rows: ArrayView2<f32>,
    (latent, share): (usize, f64),
    settings: &Prediction,
    given: Given,
) -> Result<Draws> {
    let outcomes = match given {
        Given::Covariates => Outcomes::Hidden,
        Given::Outcomes => Outcomes::Known,
    };
    let (mean, std) = engine.encode(rows, outcomes)?;
    let draws = settings.draws;
    // The same noise for all patients and treatments: differences of predictions vary less.
    let noise = noise(draws, latent, settings.seed);
    let defensive = (share * draws as f64).ceil() as usize;
    let mut z = Array2::zeros((rows.nrows() * draws, latent));
    let mut log_weights = Array2::zeros((rows.nrows(), draws));
    for (number, (mut z, log_weight)) in z.rows_mut().into_iter().zip(&mut log_weights).enumerate()
    {
        let (patient, draw) = (number / draws, number % draws);
        let mut log_ratio = 0.0;
        for j in 0..latent {
            let (noise, mean, std) = (noise[[draw, j]], mean[[patient, j]], std[[patient, j]]);
            z[j] = if draw < defensive { noise } else { mean + std * noise };
            let standardised = f64::from((z[j] - mean) / std);
            let z = f64::from(z[j]);
            // log q(z) − log p(z)
            log_ratio += 0.5 * (z * z - standardised * standardised) - f64::from(std).ln();
        }
        *log_weight = -log_mixture(defensive as f64 / draws as f64, log_ratio);
    }
    log_weights += &log_likelihood(engine, rows, z.view(), given)?;
    Ok(Draws { z, shared: false, log_weights })
}

/// log p(x|z) + log p(y|t, z) + log p(z) − log q(z|x, y) at draws from q(z|x, y) alone, (n, draws).
pub(in crate::savae) fn encoder_log_weights(
    engine: &dyn Engine,
    rows: ArrayView2<f32>,
    configuration: &Configuration,
    settings: &Prediction,
) -> Result<Array2<f64>> {
    let latent = configuration.settings.latent;
    Ok(proposed(engine, rows, (latent, 0.0), settings, Given::Outcomes)?.log_weights)
}

/// log (share + (1 − share)eʳ), without overflow.
fn log_mixture(share: f64, r: f64) -> f64 {
    if share == 0.0 {
        return r;
    }
    let largest = r.max(0.0);
    largest + (share * (-largest).exp() + (1.0 - share) * (r - largest).exp()).ln()
}

fn log_likelihood(
    engine: &dyn Engine,
    rows: ArrayView2<f32>,
    z: ArrayView2<f32>,
    given: Given,
) -> Result<Array2<f64>> {
    let covariates = engine.covariate_log_prob(rows, z)?.mapv(f64::from);
    match given {
        Given::Covariates => Ok(covariates),
        Given::Outcomes => Ok(covariates + engine.time_log_prob(rows, z)?.mapv(f64::from)),
    }
}

/// The same draws for every patient.
fn repeated(z: &Array2<f32>, patients: usize) -> Array2<f32> {
    let all: Vec<_> = (0..patients).map(|_| z.view()).collect();
    // Views of one array always fit together.
    ndarray::concatenate(Axis(0), &all).unwrap_or_else(|_| z.clone())
}
