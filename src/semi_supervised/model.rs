//! A semi-supervised model on one device, with sizes known at run time.

use std::sync::Arc;

use dfdx::{
    shapes::Rank0,
    tensor::{Gradients, NoneTape, OwnedTape, PutTape, SplitTape, Tensor, Trace},
    tensor_ops::Backward,
};
use ndarray::{Array2, ArrayView2};
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;

use super::{
    bound::{RowWeights, Sums, Wanted},
    configuration::Configuration,
    labels::LabelSpace,
    network::Network,
    part::{Part, parts},
    weighting::Weights,
};
use crate::{
    device::device_error,
    error::Result,
    nn::{Adam, Optimised, Parameters, rows_right},
    ops::{Backend, OpResult},
    train::{Criterion, Objective, SemiSupervised, Terms, Trainable, digest},
};

/// The networks, their optimiser and their device.
pub(super) struct Model<B: Backend> {
    pub device: B,
    pub configuration: Configuration,
    pub network: Network<B>,
    /// Classes of each label.
    pub classes: Vec<usize>,
    /// log p(y) of each class of each label.
    pub log_prior: Vec<Vec<f32>>,
    adam: Adam<B>,
    unlabelled: Option<Unlabelled>,
    weights: Weights,
}

/// Rows to learn from that lack labels: (m, inputs and a column a label).
struct Unlabelled {
    rows: Arc<Array2<f32>>,
    digest: u64,
}

impl<B: Backend> Model<B> {
    /// A model with fresh parameters.
    pub fn new(device: B, configuration: Configuration) -> Result<Self> {
        Self::try_new(device, configuration).map_err(device_error("building the networks"))
    }

    fn try_new(device: B, configuration: Configuration) -> OpResult<B, Self> {
        let network = Network::new(&device, &configuration)?;
        let adam = Adam::new(&device, &network)?;
        let classes = configuration.classes();
        let log_prior = configuration.labels.iter().map(LabelSpace::log_prior).collect();
        let weights = configuration.weighting.weights(1, 0);
        let unlabelled = None;
        Ok(Self { device, configuration, network, classes, log_prior, adam, unlabelled, weights })
    }

    /// The rows that training takes its unlabelled batches from.
    pub fn set_unlabelled(&mut self, rows: Option<Arc<Array2<f32>>>) {
        self.unlabelled = rows.map(|rows| Unlabelled { digest: digest(rows.view()), rows });
    }

    /// The parts that these rows of `data` fall into.
    pub fn parts(&self, data: ArrayView2<f32>, rows: &[usize]) -> Vec<Vec<usize>> {
        parts(data, self.configuration.inputs, &self.classes, rows)
    }

    /// Evaluates rows without gradients.
    fn sums(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        wanted: Wanted,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Sums> {
        let mut sums = Sums::default();
        for rows in self.parts(data, rows) {
            let part = Part::gather(&self.device, data, self.configuration.inputs, &rows)?;
            let evaluated = self.evaluate(&mut NoneTape, &part, wanted, rng)?;
            sums = sums.and(evaluated.sums(rows.len()));
        }
        Ok(sums)
    }

    /// Adds the gradients of the weighted sums over rows to those of a step.
    pub(super) fn learn(
        &self,
        step: &mut Step<B>,
        data: ArrayView2<f32>,
        rows: &[usize],
        weights: RowWeights,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Sums> {
        let mut sums = Sums::default();
        for rows in self.parts(data, rows) {
            let part = Part::gather(&self.device, data, self.configuration.inputs, &rows)?;
            let mut tape = step.tape(&self.device, &self.network)?;
            let evaluated = self.evaluate(&mut tape, &part, weights.wanted(), rng)?;
            sums = sums.and(evaluated.sums(rows.len()));
            if let Some(loss) = evaluated.loss(&mut tape, weights)? {
                step.gradients = Some(loss.put_tape(tape).try_backward()?);
                step.parts += 1;
            }
        }
        Ok(sums)
    }

    /// One step of Adam on an unbiased estimate of the objective.
    fn try_step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Terms> {
        let Weights { labelled, unlabelled, classification } = self.weights;
        let mut step = Step::new();
        let each = |weight: f64, rows: usize| weight / rows as f64;
        let weights = RowWeights {
            bound: each(labelled, batch.len()),
            classification: Some(each(classification, batch.len())),
        };
        let known = self.learn(&mut step, data, batch, weights, rng)?;
        let mut unknown = Sums::default();
        if let Some(others) = self.unlabelled.as_ref().filter(|_| unlabelled != 0.0) {
            let count = self.configuration.unlabelled_batch.min(others.rows.nrows());
            let drawn = sample(rng, others.rows.nrows(), count).into_vec();
            let weights = RowWeights { bound: each(unlabelled, count), classification: None };
            unknown = self.learn(&mut step, others.rows.view(), &drawn, weights, rng)?;
        }
        let terms = self.terms(known, unknown);
        if let Some(mut gradients) = step.gradients.filter(|_| terms.is_finite()) {
            self.adam.update(learning_rate, &mut self.network, &mut gradients)?;
        }
        Ok(terms)
    }

    /// The objective and its parts, from sums over rows with labels and without.
    fn terms(&self, known: Sums, unknown: Sums) -> Terms {
        let Weights { labelled, unlabelled, classification } = self.weights;
        let mean = |sum: f64, rows: f64| (rows > 0.0).then(|| sum / rows);
        let bounds = [
            mean(known.bound, known.rows).filter(|_| labelled != 0.0),
            mean(unknown.bound, unknown.rows).filter(|_| unlabelled != 0.0),
        ];
        let class = known.classification / known.rows;
        let sum = |weights: [f64; 2], parts: [Option<f64>; 2]| -> f64 {
            weights.iter().zip(parts).map(|(weight, part)| weight * part.unwrap_or(0.0)).sum()
        };
        let weights = [labelled, unlabelled];
        let objective = sum(weights, bounds) + classification * class;
        let divergences =
            [mean(known.divergence, known.rows), mean(unknown.divergence, unknown.rows)];
        let kl = sum(weights, divergences);
        let [of_labelled, of_unlabelled] = bounds;
        let parts = SemiSupervised {
            labelled: of_labelled,
            unlabelled: of_unlabelled,
            classification: class,
        };
        Terms { semi_supervised: Some(parts), ..Terms::new(objective + kl, kl) }
    }

    /// As [`Trainable::validate`]; the unlabelled bound is that of the same rows without their
    /// labels.
    fn try_validate(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Terms> {
        let Weights { labelled, unlabelled, .. } = self.weights;
        let wanted = Wanted { bound: labelled != 0.0, classification: true };
        let known = self.sums(data, rows, wanted, rng)?;
        let mut unknown = Sums::default();
        if unlabelled != 0.0 {
            let hidden = without_labels(data, self.configuration.inputs, rows);
            let all: Vec<usize> = (0..rows.len()).collect();
            let wanted = Wanted { bound: true, classification: false };
            unknown = self.sums(hidden.view(), &all, wanted, rng)?;
        }
        let accuracy = self.accuracy(data, rows)?;
        Ok(Terms { accuracy, ..self.terms(known, unknown) })
    }

    /// The share of rows with the label for which q(y|x) finds it; none for a model of several
    /// labels, or where q(y|a, x) depends on a draw.
    fn accuracy(&self, data: ArrayView2<f32>, rows: &[usize]) -> OpResult<B, Option<f64>> {
        if self.configuration.auxiliary.is_some() || self.classes.len() != 1 {
            return Ok(None);
        }
        let (mut right, mut all) = (0, 0);
        for rows in self.parts(data, rows) {
            let part = Part::gather(&self.device, data, self.configuration.inputs, &rows)?;
            let Some(known) = &part.known[0] else { continue };
            let own: Vec<usize> = known.iter().map(|&class| class as usize).collect();
            let logits = self.network.classify(&mut NoneTape, 0, &part.x, None)?;
            right += rows_right(&logits.as_vec(), &own);
            all += own.len();
        }
        Ok((all > 0).then(|| right as f64 / all as f64))
    }
}

/// Rows of `data` as if nobody had labelled them.
fn without_labels(data: ArrayView2<f32>, inputs: usize, rows: &[usize]) -> Array2<f32> {
    Array2::from_shape_fn((rows.len(), data.ncols()), |(row, column)| {
        if column < inputs { data[[rows[row], column]] } else { super::part::UNKNOWN }
    })
}

/// The gradients of a step, added up part by part.
pub(super) struct Step<B: Backend> {
    pub gradients: Option<Gradients<f32, B>>,
    parts: usize,
}

/// A step of so many parts keeps all gradients: letting go of some costs time, and few need no room.
const KEPT_PARTS: usize = 2;

impl<B: Backend> Step<B> {
    /// No gradients yet.
    pub fn new() -> Self {
        Self { gradients: None, parts: 0 }
    }

    /// A tape whose backward pass adds to the gradients so far.
    fn tape(&mut self, device: &B, network: &impl Parameters<B>) -> OpResult<B, OwnedTape<f32, B>> {
        let Some(mut gradients) = self.gradients.take() else { return Ok(OwnedTape::default()) };
        if self.parts >= KEPT_PARTS {
            // Those of the parameters alone.
            let mut kept = Gradients::leaky();
            for (_, parameter) in network.parameters() {
                let (to, from) =
                    (kept.get_or_alloc_mut(parameter)?, gradients.get_or_alloc_mut(parameter)?);
                std::mem::swap(to, from);
            }
            gradients = kept;
        }
        let nothing: Tensor<Rank0, f32, B> = device.try_zeros()?;
        let (_, tape) = nothing.traced(gradients).split_tape();
        Ok(tape)
    }
}

impl<B: Backend> Optimised for Model<B> {
    type Device = B;
    type Network = Network<B>;

    fn optimised(&self) -> (&Network<B>, &Adam<B>) {
        (&self.network, &self.adam)
    }

    fn optimised_mut(&mut self) -> (&mut Network<B>, &mut Adam<B>) {
        (&mut self.network, &mut self.adam)
    }
}

impl<B: Backend> Trainable for Model<B> {
    fn criterion(&self) -> Criterion {
        Criterion::SemiSupervised
    }

    fn other_data(&self) -> u64 {
        self.unlabelled.as_ref().map_or(0, |unlabelled| unlabelled.digest)
    }

    fn begin(&mut self, _: ArrayView2<f32>, rows: &[usize], objective: &Objective) -> Result<()> {
        objective.require_elbo()?;
        let others = self.unlabelled.as_ref().map_or(0, |unlabelled| unlabelled.rows.nrows());
        self.weights = self.configuration.weighting.weights(rows.len(), others);
        Ok(())
    }

    fn step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms> {
        self.try_step(data, batch, learning_rate, rng).map_err(device_error("a training step"))
    }

    fn validate(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        rng: &mut ChaCha8Rng,
    ) -> Result<Terms> {
        self.try_validate(data, rows, rng).map_err(device_error("validation"))
    }
}
