//! A VAE on one device, with sizes known at run time: compiled once for every `Vae<D, Z>`.

use dfdx::{
    shapes::HasShape,
    tensor::{NoneTape, OwnedTape, PutTape, Tape},
    tensor_ops::{Backward, TrySub},
};
use ndarray::{Array2, ArrayView2};
use rand_chacha::ChaCha8Rng;

use super::{
    configuration::{Configuration, Estimator},
    network::Network,
    objective::Objective,
};
use crate::{
    device::device_error,
    error::Result,
    nn::{Adam, CHUNK, Normal, Optimised, chunks, gather, pairs_in_chunks, standard_normal},
    ops::{Backend, Fixed, Matrix, OpResult, Traced, Vector, compose},
    train::{self, Terms, Trainable},
};

/// What [`super::Vae`] asks of a model, whatever the device.
pub(super) trait Engine: Trainable {
    /// Means and standard deviations of q(z|x): (n, inputs) → two (n, latent).
    fn encode(&self, x: ArrayView2<f32>) -> Result<(Array2<f32>, Array2<f32>)>;
    /// Means and standard deviations of p(x|z): (n, latent) → two (n, inputs).
    fn decode(&self, z: ArrayView2<f32>) -> Result<(Array2<f32>, Array2<f32>)>;
    /// The bound of every row with one draw of z each.
    fn bound(
        &self,
        x: ArrayView2<f32>,
        estimator: Estimator,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<Terms>>;
    /// log p(x, z) − log q(z|x) at `draws` draws z ~ q(z|x) a row: the logarithms of importance
    /// weights whose mean is p(x). (n, inputs) → (n, draws).
    fn log_weights(
        &self,
        x: ArrayView2<f32>,
        draws: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Array2<f64>>;
}

/// The networks, their optimiser and their device.
pub(super) struct Model<B: Backend> {
    device: B,
    configuration: Configuration,
    network: Network<B>,
    adam: Adam<B>,
    objective: Objective<B>,
}

/// The two parts of the bound, of every row.
struct Bound<B: Backend> {
    reconstruction: Vector<B>,
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
        Ok(Self { device, configuration, network, adam, objective: Objective::elbo() })
    }

    /// Rows of `data` as a tensor.
    fn gather(&self, data: ArrayView2<f32>, rows: &[usize]) -> OpResult<B, Matrix<B>> {
        gather(&self.device, data, rows)
    }

    /// Standard normal noise for `rows` draws of z.
    fn noise(&self, rows: usize, rng: &mut ChaCha8Rng) -> OpResult<B, Matrix<B>> {
        standard_normal(&self.device, (rows, self.configuration.latent), rng)
    }

    /// Lecture eq. (4) or (32), with one draw of z a row.
    fn bound_on<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: &Matrix<B>,
        noise: &Matrix<B>,
        estimator: Estimator,
    ) -> OpResult<B, Bound<B>> {
        let posterior = self.network.encode(tape, x)?;
        self.bound_at(tape, x, &posterior, noise, estimator)
    }

    /// The bound from an encoded posterior.
    fn bound_at<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: &Matrix<B>,
        posterior: &Normal<B>,
        noise: &Matrix<B>,
        estimator: Estimator,
    ) -> OpResult<B, Bound<B>> {
        let z = B::reparameterise(tape, &posterior.mean, &posterior.log_std, noise)?;
        let reconstruction = self.network.decode(tape, Traced(&z))?.log_prob(tape, x)?;
        let divergence = match estimator {
            Estimator::AnalyticKl => B::kl_normal(tape, &posterior.mean, &posterior.log_std, None)?,
            Estimator::MonteCarlo => {
                let zeros = self.device.try_zeros_like(&z)?;
                let prior = B::normal_log_prob(tape, Traced(&z), &zeros, &zeros)?;
                let q = B::normal_log_prob(tape, Traced(&z), &posterior.mean, &posterior.log_std)?;
                compose(tape, &q, |q| q.try_sub(prior.retaped::<T>()))?
            }
        };
        Ok(Bound { reconstruction, divergence })
    }

    /// One step of Adam on the mean negative bound of a batch, or on what the objective makes of it.
    fn try_step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Terms> {
        let x = self.gather(data, batch)?;
        let noise = self.noise(batch.len(), rng)?;
        let latent = match self.objective.draws() {
            0 => None,
            draws => Some(self.noise(draws, rng)?),
        };
        let mut tape = OwnedTape::default();
        let bound = self.bound_on(&mut tape, &x, &noise, self.configuration.estimator)?;
        let mega = self.objective.mega(&mut tape, &self.network, latent.as_ref())?;
        let terms = Terms {
            mega: mega.as_ref().map(|mega| f64::from(mega.as_vec()[0])),
            ..mean_terms(&bound)
        };
        if !terms.is_finite() {
            return Ok(terms);
        }
        let Bound { reconstruction, divergence } = &bound;
        let loss = self.objective.loss(&mut tape, reconstruction, divergence, mega.as_ref())?;
        let mut gradients = loss.put_tape(tape).try_backward()?;
        self.adam.update(learning_rate, &mut self.network, &mut gradients)?;
        Ok(terms)
    }

    fn try_bound(
        &self,
        x: &Matrix<B>,
        estimator: Estimator,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Vec<Terms>> {
        let noise = self.noise(x.shape().0, rng)?;
        let bound = self.bound_on(&mut NoneTape, x, &noise, estimator)?;
        Ok(row_terms(&bound))
    }

    /// The logarithms of importance weights, draw by draw: `draws` vectors with an entry a row.
    fn try_log_weights(
        &self,
        x: &Matrix<B>,
        draws: usize,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Vec<Vec<Terms>>> {
        let tape = &mut NoneTape;
        let posterior = self.network.encode(tape, x)?;
        (0..draws)
            .map(|_| {
                let noise = self.noise(x.shape().0, rng)?;
                let bound = self.bound_at(tape, x, &posterior, &noise, Estimator::MonteCarlo)?;
                Ok(row_terms(&bound))
            })
            .collect()
    }

    fn try_encode(&self, x: &Matrix<B>) -> OpResult<B, (Vec<f32>, Vec<f32>)> {
        let posterior = self.network.encode(&mut NoneTape, x)?;
        let std = posterior.log_std.as_vec().into_iter().map(f32::exp).collect();
        Ok((posterior.mean.as_vec(), std))
    }

    fn try_decode(&self, z: &Matrix<B>) -> OpResult<B, (Vec<f32>, Vec<f32>)> {
        self.network.decode(&mut NoneTape, Fixed(z))?.values()
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
    fn begin(
        &mut self,
        data: ArrayView2<f32>,
        rows: &[usize],
        objective: &train::Objective,
    ) -> Result<()> {
        let observe = |penalty| Ok((penalty, self.device.observe(data, rows)?));
        let penalty = objective.mega.map(observe).transpose();
        let penalty = penalty.map_err(device_error::<B::Err>("the moments of the data"))?;
        self.objective = Objective { beta: objective.beta as f32, penalty };
        Ok(())
    }

    fn set_beta(&mut self, beta: f64) {
        self.objective.beta = beta as f32;
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
        let mut parts = Vec::new();
        for chunk in rows.chunks(CHUNK) {
            let x = self.gather(data, chunk).map_err(device_error("validation"))?;
            let terms = self
                .try_bound(&x, self.configuration.estimator, rng)
                .map_err(device_error("validation"))?;
            parts.extend(terms.into_iter().map(|terms| (1, terms)));
        }
        Ok(Terms::mean(&parts))
    }
}

impl<B: Backend> Engine for Model<B> {
    fn encode(&self, x: ArrayView2<f32>) -> Result<(Array2<f32>, Array2<f32>)> {
        let width = self.configuration.latent;
        pairs_in_chunks(&self.device, x, width, "encoding", |x| self.try_encode(x))
    }

    fn decode(&self, z: ArrayView2<f32>) -> Result<(Array2<f32>, Array2<f32>)> {
        let width = self.configuration.inputs;
        pairs_in_chunks(&self.device, z, width, "decoding", |z| self.try_decode(z))
    }

    fn bound(
        &self,
        x: ArrayView2<f32>,
        estimator: Estimator,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<Terms>> {
        let mut all = Vec::with_capacity(x.nrows());
        for chunk in chunks(x.nrows()) {
            let rows = self.gather(x, &chunk).map_err(device_error("the bound"))?;
            all.extend(self.try_bound(&rows, estimator, rng).map_err(device_error("the bound"))?);
        }
        Ok(all)
    }

    fn log_weights(
        &self,
        x: ArrayView2<f32>,
        draws: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Array2<f64>> {
        let op = "the evidence";
        let mut weights = Array2::zeros((x.nrows(), draws));
        for chunk in chunks(x.nrows()) {
            let rows = self.gather(x, &chunk).map_err(device_error(op))?;
            let terms = self.try_log_weights(&rows, draws, rng).map_err(device_error(op))?;
            for (draw, terms) in terms.iter().enumerate() {
                for (row, terms) in chunk.iter().zip(terms) {
                    weights[[*row, draw]] = terms.elbo;
                }
            }
        }
        Ok(weights)
    }
}

fn row_terms<B: Backend>(bound: &Bound<B>) -> Vec<Terms> {
    let reconstruction = bound.reconstruction.as_vec().into_iter();
    reconstruction
        .zip(bound.divergence.as_vec())
        .map(|(reconstruction, kl)| Terms::new(f64::from(reconstruction), f64::from(kl)))
        .collect()
}

fn mean_terms<B: Backend>(bound: &Bound<B>) -> Terms {
    let rows: Vec<_> = row_terms(bound).into_iter().map(|terms| (1, terms)).collect();
    Terms::mean(&rows)
}
