//! A SAVAE on one device, with sizes known at run time.

use dfdx::{
    shapes::{Axis, HasShape, Rank0},
    tensor::{NoneTape, OwnedTape, PutTape, Tape, Tensor},
    tensor_ops::{Backward, MeanTo, TryAdd, TryMul, TrySub},
};
use ndarray::{Array2, ArrayView2, s};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{
    bound::BoundTerms,
    columns::Blocks,
    configuration::Configuration,
    network::{Dropout, Network, OUTCOME_INPUTS},
};
use crate::{
    device::device_error,
    error::{Error, Result},
    nn::{Adam, CHUNK, Optimised, chunks, gather},
    ops::{Backend, Fixed, Matrix, MixedLayout, OpResult, TimeLayout, Traced, Vector, compose},
    train::{self, Terms, Trainable},
};

/// What [`super::Savae`] asks of a model, whatever the device. Rows are those of
/// [`super::columns::Columns::rows`].
pub(super) trait Engine: Trainable {
    /// Means and standard deviations of q(z|x, y), or of q(z|x) when outcomes are hidden: (n, ·) →
    /// two (n, Z).
    fn encode(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
    ) -> Result<(Array2<f32>, Array2<f32>)>;
    /// The bound of every row with one draw of z each.
    fn bound(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<BoundTerms>>;
    /// Parameters of p(x|z), (m, Z) → (m, parameters).
    fn covariate_parameters(&self, z: ArrayView2<f32>) -> Result<Array2<f32>>;
    /// log p(x|z) of the cells of every row at `draws` z of its own, one row's after the other's:
    /// (n, ·) and (n·draws, Z) → (n, draws).
    fn covariate_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>>;
    /// log p(y|t, z) in the same way.
    fn time_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>>;
    /// Parameters of p(y|t, z), (m, Z) and (m, treatments) → (m, parameters).
    fn time_parameters(
        &self,
        z: ArrayView2<f32>,
        treatments: ArrayView2<f32>,
    ) -> Result<Array2<f32>>;
    /// The logits of p(t|x), (n, ·) → (n, treatments).
    fn treatment_logits(&self, rows: ArrayView2<f32>) -> Result<Array2<f32>>;
}

/// What the encoder is told of the outcomes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcomes {
    /// All of them.
    Known,
    /// Nothing.
    Hidden,
    /// Those of some rows: each is hidden with this probability.
    Some(f64),
}

impl Outcomes {
    fn hides(self, rng: &mut ChaCha8Rng) -> bool {
        match self {
            Outcomes::Known => false,
            Outcomes::Hidden => true,
            Outcomes::Some(share) => rng.random::<f64>() < share,
        }
    }
}

/// The networks, their optimiser and their device.
pub(super) struct Model<B: Backend> {
    device: B,
    configuration: Configuration,
    blocks: Blocks,
    layout: MixedLayout,
    time: TimeLayout,
    network: Network<B>,
    adam: Adam<B>,
    beta: f32,
}

/// Rows on the device.
struct Batch<B: Backend> {
    /// Of the encoder.
    encoder: Matrix<B>,
    /// Of p(t|x).
    inputs: Matrix<B>,
    cells: Matrix<B>,
    observed: Matrix<B>,
    treatments: Matrix<B>,
    outcome: Matrix<B>,
    /// Of every row.
    constants: Vec<f32>,
    /// Which rows hide their outcome from the encoder.
    hidden: Vec<bool>,
}

/// The parts of the bound, of every row.
struct Parts<B: Backend> {
    covariates: Vector<B>,
    treatments: Option<Vector<B>>,
    time: Vector<B>,
    divergence: Vector<B>,
}

impl<B: Backend> Model<B> {
    /// A model with fresh parameters.
    pub fn new(device: B, configuration: Configuration) -> Result<Self> {
        Self::try_new(device, configuration).map_err(device_error("building the networks"))
    }

    fn try_new(device: B, configuration: Configuration) -> OpResult<B, Self> {
        let network = Network::new(&device, &configuration)?;
        let adam = Adam::new(&device, &network)?;
        Ok(Self {
            blocks: configuration.columns.blocks(),
            layout: configuration.layout(),
            time: configuration.time_layout(),
            device,
            configuration,
            network,
            adam,
            beta: 1.0,
        })
    }

    fn batch(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Batch<B>> {
        let Blocks { inputs, cells, observed, treatments, outcome, constant } = &self.blocks;
        let hidden: Vec<bool> = rows.iter().map(|_| outcomes.hides(rng)).collect();
        let part = |block: &std::ops::Range<usize>| {
            gather(&self.device, data.slice(s![.., block.clone()]), rows)
        };
        Ok(Batch {
            encoder: self.encoder_inputs(data, rows, &hidden)?,
            inputs: part(inputs)?,
            cells: part(cells)?,
            observed: part(observed)?,
            treatments: part(treatments)?,
            outcome: part(outcome)?,
            constants: rows.iter().map(|&row| data[[row, *constant]]).collect(),
            hidden,
        })
    }

    /// The covariates, and of the outcome what the encoder may know. A censored time says that the
    /// event came later and an observed one that it came then, so the event is told with the time.
    fn encoder_inputs(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        hidden: &[bool],
    ) -> OpResult<B, Matrix<B>> {
        let (inputs, outcome) = (self.blocks.inputs.clone(), self.blocks.outcome.start);
        let width = inputs.len() + OUTCOME_INPUTS;
        self.device.upload((rows.len(), width), |values| {
            let targets = values.chunks_exact_mut(width);
            for ((target, &row), &hidden) in targets.zip(rows).zip(hidden) {
                let source = data.row(row);
                let (covariates, told) = target.split_at_mut(inputs.len());
                let from = source.slice(s![inputs.clone()]);
                covariates.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                told.copy_from_slice(&match hidden {
                    true => [0.0, 0.0, 1.0],
                    false => [source[outcome], source[outcome + 1], 0.0],
                });
            }
        })
    }

    /// Standard normal noise for `rows` draws of z.
    fn noise(&self, rows: usize, rng: &mut ChaCha8Rng) -> OpResult<B, Matrix<B>> {
        self.device.upload((rows, self.configuration.settings.latent), |values| {
            values.fill_with(|| StandardNormal.sample(rng));
        })
    }

    /// Lecture eq. (5), with as many draws of z a row as there are matrices of noise.
    fn parts<T: Tape<f32, B>>(
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
    fn loss(
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

    /// One step of Adam on a batch.
    fn try_step(
        &mut self,
        data: ArrayView2<f32>,
        rows: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Terms> {
        let settings = &self.configuration.settings;
        let hidden_units = settings.hidden;
        let batch = self.batch(data, rows, Outcomes::Some(settings.hidden_outcomes), rng)?;
        let noise = (0..settings.draws)
            .map(|_| self.noise(rows.len(), rng))
            .collect::<OpResult<B, Vec<_>>>()?;
        let dropout = match settings.dropout > 0.0 {
            false => None,
            true => {
                let shape = (rows.len(), hidden_units);
                Some(Dropout::draw(&self.device, shape, settings.dropout, rng)?)
            }
        };
        let mut tape = OwnedTape::default();
        let parts = self.parts(&mut tape, &batch, &noise, dropout.as_ref())?;
        let terms = mean_terms(&row_terms(&parts, &batch.constants));
        if !terms.is_finite() {
            return Ok(terms);
        }
        let loss = self.loss(&mut tape, &parts, &batch.hidden)?;
        let mut gradients = loss.put_tape(tape).try_backward()?;
        self.adam.update(learning_rate, &mut self.network, &mut gradients)?;
        Ok(terms)
    }

    fn try_bound(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Vec<BoundTerms>> {
        let batch = self.batch(data, rows, outcomes, rng)?;
        let noise = [self.noise(rows.len(), rng)?];
        let parts = self.parts(&mut NoneTape, &batch, &noise, None)?;
        Ok(row_terms(&parts, &batch.constants))
    }

    /// Runs `compute` on the z of some rows at a time and joins the results, (n, draws).
    fn at_own_draws(
        &self,
        (rows, z): (ArrayView2<f32>, ArrayView2<f32>),
        op: &'static str,
        compute: impl Fn(&Matrix<B>, &[usize]) -> OpResult<B, Vec<f32>>,
    ) -> Result<Array2<f32>> {
        let draws = z.nrows() / rows.nrows().max(1);
        let mut joined = Vec::with_capacity(z.nrows());
        for first in (0..z.nrows()).step_by(MANY) {
            let numbers: Vec<usize> = (first..z.nrows().min(first + MANY)).collect();
            let owners: Vec<usize> = numbers.iter().map(|number| number / draws).collect();
            let part = || compute(&gather(&self.device, z, &numbers)?, &owners);
            joined.extend(part().map_err(device_error(op))?);
        }
        Array2::from_shape_vec((rows.nrows(), draws), joined).map_err(device_error(op))
    }

    fn block(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        block: &std::ops::Range<usize>,
    ) -> OpResult<B, Matrix<B>> {
        gather(&self.device, data.slice(s![.., block.clone()]), rows)
    }
}

/// Draws of z a row of a validation. Early stopping compares bounds of few rows: with one draw chance
/// would often decide.
const VALIDATION_DRAWS: usize = 4;

/// Draws of z computed at once: bounds the memory.
const MANY: usize = 8 * CHUNK;

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

fn row_terms<B: Backend>(parts: &Parts<B>, constants: &[f32]) -> Vec<BoundTerms> {
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

fn mean_terms(rows: &[BoundTerms]) -> Terms {
    let rows: Vec<_> = rows.iter().map(|terms| (1, terms.terms())).collect();
    Terms::mean(&rows)
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
    fn begin(
        &mut self,
        _: ArrayView2<f32>,
        _: &[usize],
        objective: &train::Objective,
    ) -> Result<()> {
        if objective.mega.is_some() {
            let requirement = "covariates of several families have no such moments: leave it out";
            return Err(Error::setting("mega", "set", requirement));
        }
        Ok(())
    }

    fn set_beta(&mut self, beta: f64) {
        self.beta = beta as f32;
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
        let outcomes = Outcomes::Some(self.configuration.settings.hidden_outcomes);
        let mut all = Vec::with_capacity(VALIDATION_DRAWS * rows.len());
        for chunk in rows.chunks(CHUNK).cycle().take(VALIDATION_DRAWS * rows.len().div_ceil(CHUNK))
        {
            let part = self.try_bound(data, chunk, outcomes, rng);
            all.extend(part.map_err(device_error("validation"))?);
        }
        Ok(mean_terms(&all))
    }
}

impl<B: Backend> Engine for Model<B> {
    fn encode(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
    ) -> Result<(Array2<f32>, Array2<f32>)> {
        let op = "encoding";
        let (mut means, mut stds) = (Vec::new(), Vec::new());
        for chunk in chunks(rows.nrows()) {
            let hidden = vec![outcomes == Outcomes::Hidden; chunk.len()];
            let part = || {
                let inputs = self.encoder_inputs(rows, &chunk, &hidden)?;
                self.network.encoder.forward(&mut NoneTape, Fixed(&inputs), None)
            };
            let [mean, log_std] = part().map_err(device_error(op))?;
            means.extend(mean.as_vec());
            stds.extend(log_std.as_vec().into_iter().map(f32::exp));
        }
        let shape = (rows.nrows(), self.configuration.settings.latent);
        let array = |values| Array2::from_shape_vec(shape, values).map_err(device_error(op));
        Ok((array(means)?, array(stds)?))
    }

    fn bound(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<BoundTerms>> {
        let mut all = Vec::with_capacity(rows.nrows());
        for chunk in chunks(rows.nrows()) {
            let part = self.try_bound(rows, &chunk, outcomes, rng);
            all.extend(part.map_err(device_error("the bound"))?);
        }
        Ok(all)
    }

    fn covariate_parameters(&self, z: ArrayView2<f32>) -> Result<Array2<f32>> {
        let width = self.layout.parameters();
        crate::nn::in_chunks(&self.device, z, width, "p(x|z)", |z| {
            let [parameters] = self.network.covariates.forward(&mut NoneTape, Fixed(z), None)?;
            Ok(parameters.as_vec())
        })
    }

    fn covariate_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>> {
        self.at_own_draws((rows, z), "p(x|z)", |z, owners| {
            let tape = &mut NoneTape;
            let [parameters] = self.network.covariates.forward(tape, Fixed(z), None)?;
            let cells = self.block(rows, owners, &self.blocks.cells)?;
            let observed = self.block(rows, owners, &self.blocks.observed)?;
            Ok(B::mixed_log_prob(tape, &self.layout, (&cells, &observed), &parameters)?.as_vec())
        })
    }

    fn time_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>> {
        self.at_own_draws((rows, z), "p(y|t, z)", |z, owners| {
            let tape = &mut NoneTape;
            let treatments = self.block(rows, owners, &self.blocks.treatments)?;
            let parameters = self.network.time(tape, Fixed(z), &treatments, None)?;
            let outcome = self.block(rows, owners, &self.blocks.outcome)?;
            Ok(B::censored_log_prob(tape, self.time, &outcome, &parameters)?.as_vec())
        })
    }

    fn time_parameters(
        &self,
        z: ArrayView2<f32>,
        treatments: ArrayView2<f32>,
    ) -> Result<Array2<f32>> {
        let (op, width) = ("p(y|t, z)", self.time.parameters());
        let mut joined = Vec::with_capacity(z.nrows() * width);
        for first in (0..z.nrows()).step_by(MANY) {
            let numbers: Vec<usize> = (first..z.nrows().min(first + MANY)).collect();
            let part = || {
                let treatments = gather(&self.device, treatments, &numbers)?;
                let z = gather(&self.device, z, &numbers)?;
                self.network.time(&mut NoneTape, Fixed(&z), &treatments, None)
            };
            let parameters: Matrix<B> = part().map_err(device_error(op))?;
            debug_assert_eq!(*parameters.shape(), (numbers.len(), width));
            joined.extend(parameters.as_vec());
        }
        Array2::from_shape_vec((z.nrows(), width), joined).map_err(device_error(op))
    }

    fn treatment_logits(&self, rows: ArrayView2<f32>) -> Result<Array2<f32>> {
        let Some(edge) = &self.network.treatments else {
            return Ok(Array2::zeros((rows.nrows(), 0)));
        };
        let inputs = rows.slice(s![.., self.blocks.inputs.clone()]);
        let width = self.blocks.treatments.len();
        crate::nn::in_chunks(&self.device, inputs, width, "p(t|x)", |inputs| {
            let [logits] = edge.forward(&mut NoneTape, Fixed(inputs), None)?;
            Ok(logits.as_vec())
        })
    }
}
