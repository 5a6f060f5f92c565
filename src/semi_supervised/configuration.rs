//! What a semi-supervised model is made of, apart from its parameters.

use serde::{Deserialize, Serialize};

use super::{Weighting, labels::LabelSpace};
use crate::{
    error::{Error, Result},
    nn::{Emission, check_hidden},
    ops::Activation,
};

/// The network of q(y|x).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ClassifierNetwork {
    /// Hidden layers of so many units.
    Dense(Vec<usize>),
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
    /// One hidden layer of 400 ReLU units in every network, Bernoulli emission.
    pub fn new(inputs: usize, latent: usize, auxiliary: Option<usize>) -> Self {
        Self {
            inputs,
            latent,
            auxiliary,
            labels: Vec::new(),
            hidden: vec![400],
            activation: Activation::Relu,
            emission: Emission::Bernoulli,
            classifier: ClassifierNetwork::Dense(vec![400]),
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
        match &self.classifier {
            ClassifierNetwork::Dense(hidden) => check_hidden("classifier", hidden)?,
        }
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

    /// Classes of each label.
    pub fn classes(&self) -> Vec<usize> {
        self.labels.iter().map(LabelSpace::len).collect()
    }
}
