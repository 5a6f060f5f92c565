//! The bounds of rows: L(x, y) where all labels are known, U(x) where some are not.

use dfdx::{
    shapes::{Axis, HasShape, Rank0},
    tensor::{OwnedTape, Tape, Tensor, WithEmptyTape},
    tensor_ops::{BroadcastTo, ReshapeTo, SumTo, TryAdd, TryMul, TrySub},
};
use rand_chacha::ChaCha8Rng;

use super::{auxiliary::Draw, model::Model, network::value, part::Part};
use crate::{
    nn::{Given, repeated_normal, rows_of, standard_normal},
    ops::{Backend, Matrix, OpResult, Traced, Vector, compose},
    train::Terms,
};

/// What is asked for of rows.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub bound: bool,
    pub classification: bool,
}

/// What was asked for, of every row.
pub(super) struct Evaluated<B: Backend> {
    /// L(x, y) or U(x), in nats.
    pub bound: Option<Vector<B>>,
    /// Their expected divergences.
    pub divergence: Vec<f32>,
    /// log q(y|x) of all labels that are known.
    pub classification: Option<Vector<B>>,
}

/// The terms of the bound (17) of rows with given classes.
struct Conditional<B: Backend> {
    /// L(x, y), apart from log q(a|x).
    bound: Vector<B>,
    divergence: Vec<f32>,
}

impl<B: Backend> Model<B> {
    /// Evaluates rows with one draw of z each, and one of a.
    pub(super) fn evaluate<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        part: &Part<B>,
        wanted: Wanted,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Evaluated<B>> {
        let draw = self.draw(tape, &part.x, rng)?;
        let missing = part.missing();
        let mut classification = None;
        if wanted.classification {
            for (label, known) in part.known.iter().enumerate() {
                let Some(known) = known else { continue };
                let log_prob = self.log_prob_of(tape, label, part, known, value(&draw))?;
                classification = Some(match classification {
                    None => log_prob,
                    Some(sum) => add(tape, &sum, &log_prob)?,
                });
            }
        }
        let (mut bound, mut divergence) = (None, Vec::new());
        if wanted.bound {
            let log_q = self.log_class_probs(tape, &missing, &part.x, value(&draw))?;
            let (of_rows, diverging) =
                self.bound(tape, part, draw.as_ref(), log_q.as_ref(), rng)?;
            (bound, divergence) = (Some(of_rows), diverging);
        }
        Ok(Evaluated { bound, divergence, classification })
    }

    /// A draw of the auxiliary variable for every row, if there is one.
    fn draw<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: &Matrix<B>,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Option<Draw<B>>> {
        let Some((auxiliary, width)) = self.network.auxiliary().zip(self.configuration.auxiliary)
        else {
            return Ok(None);
        };
        let noise = standard_normal(&self.device, (rows_of(x), width), rng)?;
        auxiliary.draw(tape, x, &noise).map(Some)
    }

    /// log q(y|x) of every row, in nats.
    fn log_prob_of<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        label: usize,
        part: &Part<B>,
        known: &[u32],
        auxiliary: Option<&Matrix<B>>,
    ) -> OpResult<B, Vector<B>> {
        let logits = self.network.classify(tape, label, &part.x, auxiliary)?;
        let (rows, classes) = *logits.shape();
        let one_hot = self.device.upload((rows, classes), |values| {
            for (row, &class) in values.chunks_exact_mut(classes).zip(known) {
                row[class as usize] = 1.0;
            }
        })?;
        B::categorical_log_prob(tape, &one_hot, &logits)
    }

    /// log q of each combination of the missing labels: (n, combinations); none where none is
    /// missing.
    fn log_class_probs<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        missing: &[usize],
        x: &Matrix<B>,
        auxiliary: Option<&Matrix<B>>,
    ) -> OpResult<B, Option<Matrix<B>>> {
        let mut joint: Option<Matrix<B>> = None;
        for &label in missing {
            let logits = self.network.classify(tape, label, x, auxiliary)?;
            let log_probs = B::log_softmax(tape, &logits)?;
            joint = Some(match joint {
                None => log_probs,
                Some(joint) => outer_sum(tape, &joint, &log_probs)?,
            });
        }
        Ok(joint)
    }

    /// L(x, y) (17), or U(x) (18) from log q of the missing labels; and the divergences.
    fn bound<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        part: &Part<B>,
        draw: Option<&Draw<B>>,
        log_q: Option<&Matrix<B>>,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, (Vector<B>, Vec<f32>)> {
        let rows = rows_of(&part.x);
        let given = part.given(&self.classes, rows);
        let Conditional { mut bound, mut divergence } =
            self.conditional(tape, &part.x, draw, &given, rng)?;
        if let Some(log_q) = log_q {
            bound = marginal(tape, log_q, &bound)?;
            divergence = expected(&log_q.as_vec(), &divergence, rows);
        }
        if let Some(Draw { log_prob, .. }) = draw {
            bound = subtract(tape, &bound, log_prob)?;
            divergence.iter_mut().zip(log_prob.as_vec()).for_each(|(sum, log)| *sum += log);
        }
        Ok((bound, divergence))
    }

    /// The bound (17) of every row with every class given, apart from log q(a|x).
    fn conditional<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: &Matrix<B>,
        draw: Option<&Draw<B>>,
        given: &Given,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Conditional<B>> {
        let auxiliary = draw.map(|draw| &draw.value);
        let posterior = self.network.encode(tape, x, auxiliary, given)?;
        let shape = (given.rows, self.configuration.latent);
        let noise = repeated_normal(&self.device, rows_of(x), shape, rng)?;
        let z = B::reparameterise(tape, &posterior.mean, &posterior.log_std, &noise)?;
        let mut divergence = B::kl_normal(tape, &posterior.mean, &posterior.log_std, None)?;
        if let Some((networks, a)) = self.network.auxiliary().zip(auxiliary) {
            let prior = networks.decode(tape, Traced(&z), given)?;
            let log_prob = B::normal_log_prob(tape, Traced(a), &prior.mean, &prior.log_std)?;
            divergence = subtract(tape, &divergence, &log_prob)?;
        }
        let likelihood = self.network.decode(tape, Traced(&z), auxiliary, given)?;
        let reconstruction = likelihood.log_prob(tape, x)?;
        let log_prior = self.log_prior_of(given)?;
        let bound = compose(tape, &reconstruction, |reconstruction| {
            reconstruction.try_add(log_prior)?.try_sub(divergence.retaped::<T>())
        })?;
        Ok(Conditional { bound, divergence: divergence.as_vec() })
    }

    /// log p(y) of the classes given.
    fn log_prior_of(&self, given: &Given) -> OpResult<B, Vector<B>> {
        let mut sums = vec![0.0; given.rows];
        for (classes, log_prior) in given.classes.iter().zip(&self.log_prior) {
            let classes = sums.iter_mut().zip(classes.iter());
            classes.for_each(|(sum, &class)| *sum += log_prior[class as usize]);
        }
        self.device.try_tensor_from_vec(sums, (given.rows,))
    }
}

/// Σ_y q(y|x)·(L(x, y) − log q(y|x)): (n, K) and (n·K) → (n).
fn marginal<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    log_q: &Matrix<B>,
    bounds: &Vector<B>,
) -> OpResult<B, Vector<B>> {
    let shape = *log_q.shape();
    compose(tape, log_q, |log_q| {
        let bounds = bounds.retaped::<T>().try_reshape_like(&shape)?;
        let q = log_q.with_empty_tape().try_exp()?;
        bounds.try_sub(log_q)?.try_mul(q)?.try_sum::<(usize,), Axis<1>>()
    })
}

/// Σ_y q(y|x)·(a divergence given y), of every row.
fn expected(log_q: &[f32], divergence: &[f32], rows: usize) -> Vec<f32> {
    let times = divergence.len() / rows.max(1);
    let row = |(log_q, divergence): (&[f32], &[f32])| {
        log_q.iter().zip(divergence).map(|(log_q, divergence)| log_q.exp() * divergence).sum()
    };
    log_q.chunks(times).zip(divergence.chunks(times)).map(row).collect()
}

/// log q(y, y′) = log q(y) + log q(y′): (n, K) and (n, K′) → (n, K·K′).
fn outer_sum<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    first: &Matrix<B>,
    second: &Matrix<B>,
) -> OpResult<B, Matrix<B>> {
    let ((rows, slow), (_, fast)) = (*first.shape(), *second.shape());
    let shape = (rows, slow, fast);
    compose(tape, first, |first| {
        let first = first.try_broadcast_like::<_, Axis<2>>(&shape)?;
        let second = second.retaped::<T>().try_broadcast_like::<_, Axis<1>>(&shape)?;
        first.try_add(second)?.try_reshape_like(&(rows, slow * fast))
    })
}

fn add<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    first: &Vector<B>,
    second: &Vector<B>,
) -> OpResult<B, Vector<B>> {
    compose(tape, first, |first| first.try_add(second.retaped::<T>()))
}

fn subtract<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    first: &Vector<B>,
    second: &Vector<B>,
) -> OpResult<B, Vector<B>> {
    compose(tape, first, |first| first.try_sub(second.retaped::<T>()))
}

/// What a sum over rows is multiplied with in the objective.
#[derive(Clone, Copy)]
pub(super) struct RowWeights {
    pub bound: f64,
    /// None for rows whose labels are not asked for.
    pub classification: Option<f64>,
}

impl RowWeights {
    /// What has to be evaluated.
    pub fn wanted(self) -> Wanted {
        Wanted { bound: self.bound != 0.0, classification: self.classification.is_some() }
    }
}

/// Sums over rows.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub rows: f64,
    pub bound: f64,
    pub divergence: f64,
    pub classification: f64,
}

impl Sums {
    /// The sums of both.
    pub fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            bound: self.bound + other.bound,
            divergence: self.divergence + other.divergence,
            classification: self.classification + other.classification,
        }
    }
}

impl<B: Backend> Evaluated<B> {
    /// The sums over all rows; zero for what was not asked for.
    pub fn sums(&self, rows: usize) -> Sums {
        let sum = |values: Vec<f32>| values.into_iter().map(f64::from).sum();
        let of = |part: &Option<Vector<B>>| part.as_ref().map_or(0.0, |part| sum(part.as_vec()));
        Sums {
            rows: rows as f64,
            bound: of(&self.bound),
            divergence: sum(self.divergence.clone()),
            classification: of(&self.classification),
        }
    }

    /// What a step descends: the weighted sums, negative. None where nothing was asked for.
    pub fn loss(
        &self,
        tape: &mut OwnedTape<f32, B>,
        weights: RowWeights,
    ) -> OpResult<B, Option<Tensor<Rank0, f32, B>>> {
        let mut loss: Option<Tensor<Rank0, f32, B>> = None;
        let classification = weights.classification.unwrap_or(0.0);
        let parts = [(&self.bound, weights.bound), (&self.classification, classification)];
        for (part, weight) in parts {
            let Some(part) = part.as_ref().filter(|_| weight != 0.0) else { continue };
            let weighted = compose(tape, part, |part| {
                part.try_sum::<Rank0, Axis<0>>()?.try_mul(-weight as f32)
            })?;
            loss = Some(match loss {
                None => weighted,
                Some(loss) => compose(tape, &loss, |loss| {
                    loss.try_add(weighted.retaped::<OwnedTape<f32, B>>())
                })?,
            });
        }
        Ok(loss)
    }

    /// The bound of every row and its divergence.
    pub fn terms(&self) -> Vec<Terms> {
        let bounds = self.bound.as_ref().map(Vector::as_vec).unwrap_or_default();
        let row = |(bound, kl): (f32, &f32)| Terms::new(f64::from(bound + kl), f64::from(*kl));
        bounds.into_iter().zip(&self.divergence).map(row).collect()
    }
}
