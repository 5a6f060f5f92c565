//! All networks of a model: q(y|x), q(z|x, y), p(x|z, y), and those of an auxiliary variable.

use dfdx::tensor::Tape;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    auxiliary::{Auxiliary, Draw},
    configuration::Configuration,
};
use crate::{
    nn::{
        ClassNetwork, Conditional, EmissionHead, Given, Inputs, Likelihood, Normal, NormalHead,
        Parameters, named, rows_of,
    },
    ops::{Backend, Fixed, Matrix, OpResult, Operand, Traced},
};

/// M2 where there is no auxiliary variable a, else the SDGM, in which a stands beside every x of the
/// inference networks and beside z in the decoder.
#[derive(Clone, Debug)]
pub(super) struct Network<B: Backend> {
    /// One for each label.
    classifiers: Vec<ClassNetwork<B>>,
    encoder: Conditional<B>,
    latent: NormalHead<B>,
    decoder: Conditional<B>,
    emission: EmissionHead<B>,
    auxiliary: Option<Auxiliary<B>>,
}

impl<B: Backend> Network<B> {
    /// Fresh parameters from the configuration's seed. The classifiers come first, so that one
    /// trained alone starts with the same.
    pub fn new(device: &B, configuration: &Configuration) -> OpResult<B, Self> {
        let Configuration { inputs, latent, auxiliary, ref hidden, activation, .. } =
            *configuration;
        let rng = &mut ChaCha8Rng::seed_from_u64(configuration.seed);
        let classes = &configuration.classes();
        let reversed: Vec<usize> = hidden.iter().rev().copied().collect();
        let (narrow, wide) = (reversed[0], hidden[0]);
        let beside: Vec<usize> = auxiliary.into_iter().collect();
        let (encoded, decoded) = ([&[inputs], &*beside].concat(), [&[latent], &*beside].concat());
        let (architecture, frame) = configuration.architecture();
        let classifiers = classes
            .iter()
            .map(|&classes| {
                let beside = Inputs { widths: &beside, classes: &[] };
                ClassNetwork::new(device, &architecture, frame, beside, classes, rng)
            })
            .collect::<OpResult<B, _>>()?;
        let encoded = Inputs { widths: &encoded, classes };
        let decoded = Inputs { widths: &decoded, classes };
        Ok(Self {
            classifiers,
            encoder: Conditional::new(device, encoded, hidden, activation, rng)?,
            latent: NormalHead::new(device, narrow, latent, rng)?,
            decoder: Conditional::new(device, decoded, &reversed, activation, rng)?,
            emission: EmissionHead::new(device, wide, inputs, configuration.emission, rng)?,
            auxiliary: auxiliary
                .map(|width| Auxiliary::new(device, configuration, width, rng))
                .transpose()?,
        })
    }

    /// The networks of the auxiliary variable.
    pub fn auxiliary(&self) -> Option<&Auxiliary<B>> {
        self.auxiliary.as_ref()
    }

    /// The logits of q(y|x) or q(y|a, x) for a label.
    pub fn classify<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        label: usize,
        x: &Matrix<B>,
        auxiliary: Option<&Matrix<B>>,
    ) -> OpResult<B, Matrix<B>> {
        let beside: Vec<_> = auxiliary.into_iter().map(Traced).collect();
        let nothing = Given::nothing(rows_of(x));
        self.classifiers[label].forward(tape, Fixed(x), &beside, &nothing)
    }

    /// q(z|x, y) or q(z|a, x, y) for all classes given.
    pub fn encode<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: &Matrix<B>,
        auxiliary: Option<&Matrix<B>>,
        given: &Given,
    ) -> OpResult<B, Normal<B>> {
        let hidden = self.encoder.forward(tape, &with(Fixed(x), auxiliary), given)?;
        self.latent.forward(tape, &hidden)
    }

    /// p(x|z, y) or p(x|z, y, a).
    pub fn decode<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        z: Operand<B>,
        auxiliary: Option<&Matrix<B>>,
        given: &Given,
    ) -> OpResult<B, Likelihood<B>> {
        let hidden = self.decoder.forward(tape, &with(z, auxiliary), given)?;
        self.emission.forward(tape, &hidden)
    }
}

/// An input and, if there is one, the auxiliary variable.
fn with<'a, B: Backend>(
    x: Operand<'a, B>,
    auxiliary: Option<&'a Matrix<B>>,
) -> Vec<Operand<'a, B>> {
    [x].into_iter().chain(auxiliary.map(Traced)).collect()
}

/// What a draw of the auxiliary variable came to, if there is one.
pub(super) fn value<B: Backend>(draw: &Option<Draw<B>>) -> Option<&Matrix<B>> {
    draw.as_ref().map(|draw| &draw.value)
}

impl<B: Backend> Parameters<B> for Network<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        let classifiers = self.classifiers.iter().enumerate();
        let classifiers = classifiers
            .flat_map(|(number, network)| named(&format!("classifier.{number}"), network));
        classifiers
            .chain(named("encoder", &self.encoder))
            .chain(named("latent", &self.latent))
            .chain(named("decoder", &self.decoder))
            .chain(named("emission", &self.emission))
            .chain(self.auxiliary.iter().flat_map(|auxiliary| named("auxiliary", auxiliary)))
            .collect()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let classifiers = self.classifiers.iter_mut().flat_map(Parameters::parameters_mut);
        classifiers
            .chain(self.encoder.parameters_mut())
            .chain(self.latent.parameters_mut())
            .chain(self.decoder.parameters_mut())
            .chain(self.emission.parameters_mut())
            .chain(self.auxiliary.iter_mut().flat_map(Parameters::parameters_mut))
            .collect()
    }
}
