//! EM for a mixture, from several starts.

use ndarray::{Array2, ArrayView2, Axis};

use super::{
    GaussianMixture,
    kmeans::{Effort, kmeans},
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

/// Mixtures that a start chooses from, and the iterations of EM that each gets before the choice.
const CANDIDATES: usize = 10;
const SHORT: usize = 30;

/// The mixture with the highest likelihood of all starts.
///
/// # Errors
/// The error of the last start, when a component collapsed in every one.
pub(super) fn best_of_restarts(x: ArrayView2<f64>, settings: Settings) -> Result<GaussianMixture> {
    let mut best: Option<(f64, GaussianMixture)> = None;
    let mut failure = None;
    for start in 0..settings.restarts {
        match best_candidate(x, start as u64, settings)
            .and_then(|mixture| maximise(x, mixture, settings))
        {
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

/// Where a start begins: at the most probable of several mixtures after a few iterations each
/// (Biernacki, Celeux and Govaert 2003, the small EM of emEM).
fn best_candidate(x: ArrayView2<f64>, start: u64, settings: Settings) -> Result<GaussianMixture> {
    let rng = &mut stream(settings.seed, start);
    let em = EmSettings { iterations: SHORT, tolerance: 0.0 };
    let mut candidate = |effort| {
        let labels = kmeans(x, settings.components, effort, rng);
        let hard = responsibilities_from_labels(&labels, settings.components);
        let mixture = m_step(x, hard.view(), settings)?;
        maximise(x, mixture, Settings { em, ..settings })
    };
    // Tight clusters are often the best of all, and often the same: every second start does without.
    let first = if start.is_multiple_of(2) { Effort::Thorough } else { Effort::Hasty };
    let mut best = candidate(first);
    for _ in 1..CANDIDATES {
        best = match (best, candidate(Effort::Hasty)) {
            (Ok(best), Ok(other)) if other.0 > best.0 => Ok(other),
            (Err(_), Ok(other)) => Ok(other),
            (best, _) => best,
        };
    }
    best.map(|(_, mixture)| mixture)
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
