//! The bound of rows, and what a step of the training descends.

use dfdx::{
    shapes::{Axis, Rank0},
    tensor::{OwnedTape, Tape, Tensor},
    tensor_ops::{MeanTo, TryAdd, TryMul, TrySub},
};

use super::{Model, batch::Batch};
use crate::{
    ops::{Backend, Fixed, Matrix, OpResult, Traced, Vector, compose},
    savae::{bound::BoundTerms, network::Dropout},
    train::Terms,
};

/// The parts of the bound, of every row.
pub(super) struct Parts<B: Backend> {
    covariates: Vector<B>,
    treatments: Option<Vector<B>>,
    time: Vector<B>,
    divergence: Vector<B>,
}

impl<B: Backend> Model<B> {
    /// Lecture eq. (5), with as many draws of z a row as there are matrices of noise.
    pub(super) fn parts<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        batch: &Batch<B>,
        noise: &[Matrix<B>],
        dropout: Option<&Dropout<B>>,
    ) -> OpResult<B, Parts<B>> {
        let masks = |of: fn(&Dropout<B>) -> &Matrix<B>| dropout.map(of);
        let [mean, log_std] = self.network.encoder.forward(
            tape,
            Fixed(&batch.encoder),
            masks(|masks| &masks.encoder),
        )?;
        let (mut covariates, mut time) = (Vec::new(), Vec::new());
        for noise in noise {
            let z = B::reparameterise(tape, &mean, &log_std, noise)?;
            let mask = masks(|masks| &masks.covariates);
            let [parameters] = self.network.covariates.forward(tape, Traced(&z), mask)?;
            let cells = (&batch.cells, &batch.observed);
            covariates.push(B::mixed_log_prob(tape, &self.layout, cells, &parameters)?);
            let mask = masks(|masks| &masks.time);
            let parameters = self.network.time(tape, Traced(&z), &batch.treatments, mask)?;
            time.push(B::censored_log_prob(tape, self.time, &batch.outcome, &parameters)?);
        }
        let treatments = match &self.network.treatments {
            None => None,
            Some(edge) => {
                let mask = masks(|masks| &masks.treatments);
                let [logits] = edge.forward(tape, Fixed(&batch.inputs), mask)?;
                Some(B::bernoulli_log_prob(tape, &batch.treatments, &logits)?)
            }
        };
        Ok(Parts {
            covariates: mean_of(tape, covariates)?,
            time: mean_of(tape, time)?,
            treatments,
            divergence: B::kl_normal(tape, &mean, &log_std, None)?,
        })
    }

    /// The mean over the rows of what a step descends: β·divergence less the log-likelihoods, that
    /// of a time which the encoder did not see with its weight.
    pub(super) fn loss(
        &self,
        tape: &mut OwnedTape<f32, B>,
        parts: &Parts<B>,
        hidden: &[bool],
    ) -> OpResult<B, Tensor<Rank0, f32, B>> {
        let weight = self.configuration.settings.time_weight as f32;
        let weights = hidden.iter().map(|&hidden| if hidden { -weight } else { -1.0 });
        let weights: Vector<B> =
            self.device.try_tensor_from_vec(weights.collect(), (hidden.len(),))?;
        let joined = compose(tape, &parts.divergence, |divergence| {
            let divergence = scaled(divergence, self.beta)?;
            divergence.try_sub(parts.covariates.retaped::<OwnedTape<f32, B>>())
        })?;
        let joined = compose(tape, &parts.time, |time| {
            let time = time.try_mul(weights)?;
            time.try_add(joined.retaped::<OwnedTape<f32, B>>())
        })?;
        let joined = match &parts.treatments {
            None => joined,
            Some(treatments) => compose(tape, treatments, |treatments| {
                let treatments = treatments.try_negate()?;
                treatments.try_add(joined.retaped::<OwnedTape<f32, B>>())
            })?,
        };
        compose(tape, &joined, |joined| joined.try_mean::<Rank0, Axis<0>>())
    }
}

fn scaled<B: Backend, T: Tape<f32, B>>(x: Vector<B, T>, factor: f32) -> OpResult<B, Vector<B, T>> {
    if factor == 1.0 { Ok(x) } else { x.try_mul(factor) }
}

/// The mean of vectors, of which there is at least one.
fn mean_of<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    mut vectors: Vec<Vector<B>>,
) -> OpResult<B, Vector<B>> {
    let count = vectors.len();
    let first = vectors.swap_remove(0);
    if count == 1 {
        return Ok(first);
    }
    let mut sum = first;
    for vector in vectors {
        sum = compose(tape, &sum, |sum| sum.try_add(vector.retaped::<T>()))?;
    }
    compose(tape, &sum, |sum| sum.try_mul((count as f32).recip()))
}

/// The bound of every row.
pub(super) fn row_terms<B: Backend>(parts: &Parts<B>, constants: &[f32]) -> Vec<BoundTerms> {
    let (covariates, time) = (parts.covariates.as_vec(), parts.time.as_vec());
    let divergence = parts.divergence.as_vec();
    let treatments = parts.treatments.as_ref().map(Vector::as_vec);
    (0..constants.len())
        .map(|row| BoundTerms {
            covariates: f64::from(covariates[row]),
            treatments: treatments.as_ref().map_or(0.0, |values| f64::from(values[row])),
            time: f64::from(time[row]),
            constant: f64::from(constants[row]),
            kl: f64::from(divergence[row]),
        })
        .collect()
}

pub(super) fn mean_terms(rows: &[BoundTerms]) -> Terms {
    let rows: Vec<_> = rows.iter().map(|terms| (1, terms.terms())).collect();
    Terms::mean(&rows)
}
