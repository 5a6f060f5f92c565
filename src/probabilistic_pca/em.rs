//! Maximum likelihood by EM, with missing cells.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rand_distr::{Distribution, StandardNormal};

use super::{
    closed_form::check_noise,
    linear_normal::LinearNormal,
    m_step::Sums,
    patterns::{Pattern, patterns},
};
use crate::{
    error::Result,
    linalg::Cholesky,
    train::{EmHistory, EmSettings, stream},
};

/// Rows centred on the means of their observed cells, so that sums of squares keep their digits.
pub(super) struct Centred {
    pub x: Array2<f64>,
    pub mean: Array1<f64>,
    /// The mean square of the observed cells.
    pub variance: f64,
    pub patterns: Vec<Pattern>,
}

impl Centred {
    /// Every column has an observed cell.
    pub fn new(x: ArrayView2<f64>) -> Self {
        let observed = |column: ndarray::ArrayView1<f64>| {
            column.iter().copied().filter(|value| !value.is_nan()).collect::<Array1<f64>>()
        };
        let mean = x.map_axis(Axis(0), |column| observed(column).mean().unwrap_or(0.0));
        let x = &x - &mean;
        let cells: Array1<f64> = x.iter().copied().filter(|value| !value.is_nan()).collect();
        let variance = cells.dot(&cells) / cells.len().max(1) as f64;
        let patterns = patterns(x.view());
        Self { x, mean, variance, patterns }
    }
}

/// EM from a random W, until the log-likelihood stands.
pub(super) fn maximise(
    x: ArrayView2<f64>,
    dimensions: usize,
    settings: EmSettings,
    seed: u64,
) -> Result<(LinearNormal, EmHistory)> {
    let data = Centred::new(x);
    let mut parameters = start(&data, dimensions, seed);
    let none = Array1::zeros(dimensions);
    let rows = x.nrows() as f64;
    let history = settings.run(|| {
        let sums = Sums::new(data.x.view(), &data.patterns, &parameters)?;
        parameters = sums.maximise(&none)?;
        expand(&mut parameters, &sums.latent);
        check_noise(parameters.noise_variance, data.variance, dimensions)?;
        Ok(sums.log_likelihood / rows)
    })?;
    parameters.mean += &data.mean;
    parameters.rotate()?;
    Ok((parameters, history))
}

/// W of random directions that together explain half of the variance; σ² is the other half.
fn start(data: &Centred, dimensions: usize, seed: u64) -> LinearNormal {
    let mut rng = stream(seed, 0);
    let columns = data.mean.len();
    let scale = (0.5 * data.variance / dimensions as f64).sqrt();
    let draw = || {
        let draw: f64 = StandardNormal.sample(&mut rng);
        scale * draw
    };
    LinearNormal {
        weights: Array2::from_shape_simple_fn((columns, dimensions), draw),
        mean: Array1::zeros(columns),
        noise_variance: 0.5 * data.variance,
    }
}

/// Parameter-expanded EM (Liu, Rubin and Wu 1998): z ~ N(ν, Ψ) with ν and Ψ estimated, then put
/// into μ and W so that z ~ N(0, I) again. The likelihood still never falls, and rises much faster
/// than by EM alone, which turns and stretches W in small steps.
fn expand(parameters: &mut LinearNormal, latent: &Array2<f64>) {
    let size = parameters.weights.ncols();
    let rows = latent[[size, size]];
    let mean = latent.slice(s![..size, size]).to_owned() / rows;
    let column = mean.view().insert_axis(Axis(1));
    let covariance = latent.slice(s![..size, ..size]).to_owned() / rows - column.dot(&column.t());
    // Without a factor the plain step of EM stands.
    if let Ok(factor) = Cholesky::new(covariance.view()) {
        parameters.mean += &parameters.weights.dot(&mean);
        parameters.weights = parameters.weights.dot(&factor.lower());
    }
}
