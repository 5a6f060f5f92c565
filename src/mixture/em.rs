//! EM for a mixture, from several starts.

use ndarray::{Array2, ArrayView2, Axis};

use super::{
    GaussianMixture,
    kmeans::kmeans,
    m_step::{Ridge, estimate},
    normals::Covariance,
};
use crate::{
    error::{Error, Result},
    latent::log_sum_exp,
    train::{EmEnd, EmSettings, stream},
};

/// What a fit needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    pub components: usize,
    pub covariance: Covariance,
    pub restarts: usize,
    pub ridge: Ridge,
    pub em: EmSettings,
    pub seed: u64,
}

/// The mixture with the highest likelihood of all starts.
///
/// # Errors
/// The error of the last start, when a component collapsed in every one.
pub(super) fn best_of_restarts(x: ArrayView2<f64>, settings: Settings) -> Result<GaussianMixture> {
    let mut best: Option<(f64, GaussianMixture)> = None;
    let mut failure = None;
    for start in 0..settings.restarts {
        let rng = &mut stream(settings.seed, start as u64);
        let labels = kmeans(x, settings.components, rng);
        match from_labels(x, &labels, settings) {
            Ok((value, mixture)) => {
                let end = mixture.history.as_ref().map(|history| history.end);
                if best.as_ref().is_none_or(|(most, _)| value > *most) {
                    best = Some((value, mixture));
                }
                if end == Some(EmEnd::Interrupted) {
                    break;
                }
            }
            Err(error) => failure = Some(error),
        }
    }
    let nothing = || Error::setting("restarts", settings.restarts, "it must be at least 1");
    best.map(|(_, mixture)| mixture).ok_or_else(|| failure.unwrap_or_else(nothing))
}

fn from_labels(
    x: ArrayView2<f64>,
    labels: &[usize],
    settings: Settings,
) -> Result<(f64, GaussianMixture)> {
    let hard = responsibilities_from_labels(labels, settings.components);
    maximise(x, m_step(x, hard.view(), settings)?, settings)
}

/// EM from a mixture. Returns the mean log-likelihood of the result, too.
pub(super) fn maximise(
    x: ArrayView2<f64>,
    mut mixture: GaussianMixture,
    settings: Settings,
) -> Result<(f64, GaussianMixture)> {
    let history = settings.em.run(|| {
        let joint = mixture.log_joint(x)?;
        let evidence = log_sum_exp(joint.view());
        let responsibilities = (joint - evidence.view().insert_axis(Axis(1))).mapv(f64::exp);
        mixture = m_step(x, responsibilities.view(), settings)?;
        Ok(evidence.mean().unwrap_or(f64::NAN))
    })?;
    mixture.history = Some(history);
    let value = mixture.evidence(&x)?.mean();
    Ok((value, mixture))
}

fn m_step(
    x: ArrayView2<f64>,
    responsibilities: ArrayView2<f64>,
    settings: Settings,
) -> Result<GaussianMixture> {
    let (normals, counts) = estimate(x, responsibilities, settings.covariance, settings.ridge)?;
    let weights = &counts / counts.sum();
    Ok(GaussianMixture { weights, normals, history: None })
}

/// Rows with a 1 at their label.
pub(crate) fn responsibilities_from_labels(labels: &[usize], components: usize) -> Array2<f64> {
    Array2::from_shape_fn((labels.len(), components), |(row, component)| {
        f64::from(u8::from(labels[row] == component))
    })
}
