//! The encoder and the decoder.

use dfdx::tensor::{NoneTape, Tape};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::{
    nn::{Batch, Feedforward, Given, Learn, Parameters, named},
    ops::{Activation, Backend, Fixed, Matrix, OpResult, Traced, Vector, compose},
    train::Criterion,
};

/// The settings of an autoencoder with the sizes that its type gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub inputs: usize,
    pub latent: usize,
    pub hidden: Vec<usize>,
    pub activation: Activation,
    pub output: Activation,
    pub seed: u64,
    /// Height and width, when the rows are images.
    pub frame: Option<(usize, usize)>,
}

impl Configuration {
    /// Whether the decoder is an affine map.
    pub fn is_linear(&self) -> bool {
        let linear = |activation| activation == Activation::Identity;
        linear(self.output) && (self.hidden.is_empty() || linear(self.activation))
    }

    /// The widths of all layers of the encoder.
    pub fn sizes(&self) -> String {
        let all = [self.inputs].into_iter().chain(self.hidden.iter().copied()).chain([self.latent]);
        all.map(|size| size.to_string()).collect::<Vec<_>>().join("-")
    }
}

/// x → hidden layers → z → the hidden layers in reverse → x̃.
#[derive(Clone, Debug)]
pub(super) struct Network<B: Backend> {
    encoder: Feedforward<B>,
    decoder: Feedforward<B>,
}

impl<B: Backend> Network<B> {
    /// Fresh parameters from the configuration's seed.
    pub fn new(device: &B, configuration: &Configuration) -> OpResult<B, Self> {
        let Configuration { inputs, latent, ref hidden, activation, output, seed, .. } =
            *configuration;
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let reversed: Vec<usize> = hidden.iter().rev().copied().collect();
        let linear = Activation::Identity;
        Ok(Self {
            encoder: Feedforward::new(device, (inputs, hidden, latent), activation, linear, rng)?,
            decoder: Feedforward::new(
                device,
                (latent, &reversed, inputs),
                activation,
                output,
                rng,
            )?,
        })
    }
}

/// The half that is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Encoder,
    Decoder,
}

impl<B: Backend> Learn<B> for Network<B> {
    type Part = Part;

    const CRITERION: Criterion = Criterion::SquaredError;

    fn objective<T: Tape<f32, B>>(&self, tape: &mut T, batch: &Batch<B>) -> OpResult<B, Vector<B>> {
        let z = self.encoder.forward(tape, Fixed(&batch.x))?;
        let rebuilt = self.decoder.forward(tape, Traced(&z))?;
        let error = B::squared_error(tape, &batch.x, &rebuilt)?;
        compose(tape, &error, |error| error.try_negate())
    }

    fn output(&self, part: Part, x: &Matrix<B>, _: &Given) -> OpResult<B, Matrix<B>> {
        match part {
            Part::Encoder => self.encoder.forward(&mut NoneTape, Fixed(x)),
            Part::Decoder => self.decoder.forward(&mut NoneTape, Fixed(x)),
        }
    }
}

impl<B: Backend> Parameters<B> for Network<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        [named("encoder", &self.encoder), named("decoder", &self.decoder)].concat()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let encoder = self.encoder.parameters_mut().into_iter();
        encoder.chain(self.decoder.parameters_mut()).collect()
    }
}
