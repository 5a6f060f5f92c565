//! The networks of a SAVAE, one on every edge of the graph (lecture, eq. 10 to 14), each with one
//! hidden layer.

use dfdx::{tensor::Tape, tensor_ops::TryMul};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::configuration::Configuration;
use crate::{
    nn::{Dense, Parameters, named},
    ops::{Activation, Backend, Fixed, Matrix, OpResult, Operand, Traced, compose},
};

/// A hidden layer and what is read from it.
#[derive(Clone, Debug)]
pub(super) struct Edge<B: Backend, const OUTPUTS: usize> {
    hidden: Dense<B>,
    outputs: [Dense<B>; OUTPUTS],
}

/// All networks.
#[derive(Clone, Debug)]
pub(super) struct Network<B: Backend> {
    /// q(z|x, y): mean and log standard deviation.
    pub encoder: Edge<B, 2>,
    /// p(x|z), parameters as [`crate::ops::MixedLayout`] has them.
    pub covariates: Edge<B, 1>,
    /// p(t|x), the logits of the treatments.
    pub treatments: Option<Edge<B, 1>>,
    /// p(y|t, z), parameters as [`crate::ops::TimeLayout`] has them.
    pub time: Edge<B, 1>,
}

/// What a training step multiplies the hidden layers by: 0 with the probability of dropout, else so
/// much more that the mean stays.
pub(super) struct Dropout<B: Backend> {
    pub encoder: Matrix<B>,
    pub covariates: Matrix<B>,
    pub treatments: Matrix<B>,
    pub time: Matrix<B>,
}

impl<B: Backend> Dropout<B> {
    pub fn draw(
        device: &B,
        (rows, hidden): (usize, usize),
        share: f64,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let kept = (1.0 / (1.0 - share)) as f32;
        let share = share as f32;
        let mut mask = || {
            device.upload((rows, hidden), |values| {
                values.fill_with(|| if rng.random::<f32>() < share { 0.0 } else { kept });
            })
        };
        Ok(Self { encoder: mask()?, covariates: mask()?, treatments: mask()?, time: mask()? })
    }
}

impl<B: Backend, const OUTPUTS: usize> Edge<B, OUTPUTS> {
    fn new(
        device: &B,
        inputs: usize,
        hidden: usize,
        activation: Activation,
        outputs: [usize; OUTPUTS],
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let first = Dense::new(device, inputs, hidden, activation, rng)?;
        let linear = Activation::Identity;
        // Each place is filled with a layer of its own at once.
        let mut layers = std::array::from_fn(|_| first.clone());
        for (layer, width) in layers.iter_mut().zip(outputs) {
            *layer = Dense::new(device, hidden, width, linear, rng)?;
        }
        Ok(Self { hidden: first, outputs: layers })
    }

    /// All outputs of every row.
    pub fn forward<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: Operand<B>,
        dropout: Option<&Matrix<B>>,
    ) -> OpResult<B, [Matrix<B>; OUTPUTS]> {
        let mut hidden = self.hidden.forward(tape, x)?;
        if let Some(mask) = dropout {
            hidden = compose(tape, &hidden, |hidden| hidden.try_mul(mask.clone()))?;
        }
        // Each place is filled with an output at once; the clones share their memory.
        let mut outputs = std::array::from_fn(|_| hidden.clone());
        for (output, layer) in outputs.iter_mut().zip(&self.outputs) {
            *output = layer.forward(tape, Traced(&hidden))?;
        }
        Ok(outputs)
    }
}

impl<B: Backend> Network<B> {
    /// Fresh parameters from the configuration's seed; the last layers start from what all patients
    /// together say.
    pub fn new(device: &B, configuration: &Configuration) -> OpResult<B, Self> {
        let (settings, columns) = (&configuration.settings, &configuration.columns);
        let (latent, hidden, activation) = (settings.latent, settings.hidden, settings.activation);
        let inputs = columns.blocks().inputs.len();
        let treatments = columns.treatments.len();
        let (layout, time) = (configuration.layout(), configuration.time_layout());
        let rng = &mut ChaCha8Rng::seed_from_u64(settings.seed);
        let outcome = OUTCOME_INPUTS;
        let encoder =
            Edge::new(device, inputs + outcome, hidden, activation, [latent, latent], rng)?;
        let mut covariates =
            Edge::new(device, latent, hidden, activation, [layout.parameters()], rng)?;
        covariates.outputs[0].start_at(&first_covariates(configuration));
        let mut to_treatments = match treatments {
            0 => None,
            count => Some(Edge::new(device, inputs, hidden, activation, [count], rng)?),
        };
        if let Some(edge) = &mut to_treatments {
            let odds = columns.treatments.iter().map(|treatment| {
                let share = treatment.share.clamp(0.01, 0.99);
                (share / (1.0 - share)).ln() as f32
            });
            edge.outputs[0].start_at(&odds.collect::<Vec<_>>());
        }
        let mut to_time =
            Edge::new(device, latent + treatments, hidden, activation, [time.parameters()], rng)?;
        to_time.outputs[0].start_at(&first_times(configuration));
        Ok(Self { encoder, covariates, treatments: to_treatments, time: to_time })
    }

    /// p(y|t, z).
    pub fn time<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        z: Operand<B>,
        treatments: &Matrix<B>,
        dropout: Option<&Matrix<B>>,
    ) -> OpResult<B, Matrix<B>> {
        let [parameters] = if self.treatments.is_none() {
            self.time.forward(tape, z, dropout)?
        } else {
            let joined = B::append(tape, z, treatments)?;
            let joined = if z.is_traced() { Traced(&joined) } else { Fixed(&joined) };
            self.time.forward(tape, joined, dropout)?
        };
        Ok(parameters)
    }
}

/// What the encoder sees of the outcome: the log-time, whether the event was observed, and whether
/// the outcome is hidden.
pub(super) const OUTCOME_INPUTS: usize = 3;

/// Parameters of p(x|z) without z: means and raw log standard deviations of 0, of standardised
/// values.
fn first_covariates(configuration: &Configuration) -> Vec<f32> {
    let normals = configuration.layout().normals;
    let mut first: Vec<f32> =
        configuration.columns.in_order().flat_map(|column| column.first_parameters()).collect();
    first.splice(normals..normals, std::iter::repeat_n(0.0, normals));
    first
}

/// Parameters of p(y|t, z) without t and z: those of an exponential distribution, as far as the
/// family goes; components of a mixture start apart.
fn first_times(configuration: &Configuration) -> Vec<f32> {
    let (layout, time) = (configuration.time_layout(), &configuration.columns.time);
    let (components, location) =
        (layout.components(), time.standardised(time.time_per_event) as f32);
    let middle = (components as f32 - 1.0) / 2.0;
    let locations = (0..components).map(|i| location + 0.5 * (i as f32 - middle));
    let mut first: Vec<f32> = locations.collect();
    let scale = layout.exponential_log_scale.max(-2.0);
    first.extend(vec![scale; if layout.has_scales() { components } else { 0 }]);
    first.resize(layout.parameters(), 0.0);
    first
}

impl<B: Backend, const OUTPUTS: usize> Parameters<B> for Edge<B, OUTPUTS> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        let outputs = self.outputs.iter().enumerate();
        let outputs = outputs.flat_map(|(i, layer)| named(&format!("output{i}"), layer));
        named("hidden", &self.hidden).into_iter().chain(outputs).collect()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let outputs = self.outputs.iter_mut().flat_map(Parameters::parameters_mut);
        self.hidden.parameters_mut().into_iter().chain(outputs).collect()
    }
}

impl<B: Backend> Parameters<B> for Network<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        let treatments = self.treatments.iter().flat_map(|edge| named("treatments", edge));
        named("encoder", &self.encoder)
            .into_iter()
            .chain(named("covariates", &self.covariates))
            .chain(treatments)
            .chain(named("time", &self.time))
            .collect()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let treatments = self.treatments.iter_mut().flat_map(Parameters::parameters_mut);
        let encoder = self.encoder.parameters_mut().into_iter();
        encoder
            .chain(self.covariates.parameters_mut())
            .chain(treatments)
            .chain(self.time.parameters_mut())
            .collect()
    }
}
