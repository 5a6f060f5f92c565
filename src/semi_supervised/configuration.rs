//! What a semi-supervised model is made of, apart from its parameters.

use dfdx::tensor::Cpu;
use serde::{Deserialize, Serialize};

use super::{Weighting, labels::LabelSpace};
use crate::{
    error::{Error, Result},
    nn::{Architecture, Emission, LeNet, check_hidden},
    ops::Activation,
};

/// The network of q(y|x).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ClassifierNetwork {
    /// LeNet-5 (LeCun et al. 1998), for square images of at least 12×12 pixels.
    LeNet5,
    /// Hidden layers of so many units.
    Dense(Vec<usize>),
}

impl ClassifierNetwork {
    /// LeNet-5 where rows can be square images of at least 28×28 pixels, else 400 hidden units.
    fn usual(inputs: usize) -> Self {
        match square(inputs) {
            Some(side) if side >= 28 => ClassifierNetwork::LeNet5,
            _ => ClassifierNetwork::Dense(vec![400]),
        }
    }

    /// # Errors
    /// [`Error::Setting`] when it does not fit rows of so many values.
    fn check(&self, inputs: usize) -> Result<()> {
        match self {
            ClassifierNetwork::Dense(hidden) => check_hidden("classifier", hidden),
            ClassifierNetwork::LeNet5 => {
                let fits = square(inputs).is_some_and(|side| side >= SMALLEST_SIDE);
                let requirement = format!(
                    "rows of {inputs} values are no square images of at least \
                     {SMALLEST_SIDE}×{SMALLEST_SIDE} pixels: use ClassifierNetwork::Dense"
                );
                if fits { Ok(()) } else { Err(Error::setting("classifier", "LeNet5", requirement)) }
            }
        }
    }
}

/// Rows of the smallest image that LeNet-5 takes, on any device.
const SMALLEST_SIDE: usize = LeNet::<Cpu>::SMALLEST;

/// The side of a square image of so many pixels.
fn square(pixels: usize) -> Option<usize> {
    let side = pixels.isqrt();
    (side * side == pixels).then_some(side)
}

/// The settings of a model with the sizes that its type gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Configuration {
    pub inputs: usize,
    pub latent: usize,
    /// The dimensions of the auxiliary variable, if there is one.
    pub auxiliary: Option<usize>,
    pub labels: Vec<LabelSpace>,
    pub hidden: Vec<usize>,
    pub activation: Activation,
    pub emission: Emission,
    pub classifier: ClassifierNetwork,
    pub weighting: Weighting,
    /// Unlabelled rows in one step.
    pub unlabelled_batch: usize,
    pub seed: u64,
    /// Height and width, when the rows are images.
    pub frame: Option<(usize, usize)>,
}

impl Configuration {
    /// One hidden layer of 400 ReLU units in every network, the usual classifier, Bernoulli emission.
    pub fn new(inputs: usize, latent: usize, auxiliary: Option<usize>) -> Self {
        Self {
            inputs,
            latent,
            auxiliary,
            labels: Vec::new(),
            hidden: vec![400],
            activation: Activation::Relu,
            emission: Emission::Bernoulli,
            classifier: ClassifierNetwork::usual(inputs),
            weighting: Weighting::Classification(50.0),
            unlabelled_batch: 64,
            seed: 0,
            frame: None,
        }
    }

    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub fn check(&self) -> Result<()> {
        check_hidden("hidden", &self.hidden)?;
        self.classifier.check(self.inputs)?;
        self.emission.check()?;
        self.weighting.check()?;
        if self.unlabelled_batch == 0 {
            return Err(Error::setting("unlabelled_batch", 0, "it must be at least 1"));
        }
        if self.labels.is_empty() {
            let requirement = "name the labels of the model: .label(\"digit\", 10)";
            return Err(Error::setting("labels", 0, requirement));
        }
        self.labels.iter().try_for_each(LabelSpace::check)
    }

    /// The network of q(y|x), and height and width of what it sees: dense networks see a line.
    pub fn architecture(&self) -> (Architecture, (usize, usize)) {
        match &self.classifier {
            ClassifierNetwork::LeNet5 => {
                let side = self.inputs.isqrt();
                (Architecture::LeNet5, (side, side))
            }
            ClassifierNetwork::Dense(hidden) => {
                let (hidden, activation) = (hidden.clone(), self.activation);
                (Architecture::Dense { hidden, activation }, (1, self.inputs))
            }
        }
    }

    /// Classes of each label.
    pub fn classes(&self) -> Vec<usize> {
        self.labels.iter().map(LabelSpace::len).collect()
    }
}
