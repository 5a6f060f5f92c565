//! What a VAE is made of, apart from its parameters.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    ops::Activation,
};

/// The distribution p(x|z) of an observation given its latent variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Emission {
    /// Each dimension is 1 with a probability from the decoder. Values between 0 and 1 count as
    /// probabilities.
    #[default]
    Bernoulli,
    /// N(μ(z), diag σ²(z)): mean and standard deviation are both networks. σ stays above
    /// `minimum_std`: a dimension that never varies would otherwise make the density infinite.
    Normal {
        /// The lower bound of σ, in the unit of the data.
        minimum_std: f32,
    },
    /// N(μ(z), σ²I): the mean is a network, σ is one learned number.
    NormalSharedStd,
}

/// How a bound estimates the divergence of q(z|x) from p(z).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Estimator {
    /// The closed form of KL(q‖p), lecture eq. (32): less variance.
    #[default]
    AnalyticKl,
    /// log q(z|x) − log p(z) at the drawn z, lecture eq. (4).
    MonteCarlo,
}

/// The settings of a VAE with the sizes that its type gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Configuration {
    pub inputs: usize,
    pub latent: usize,
    pub hidden: Vec<usize>,
    pub activation: Activation,
    pub emission: Emission,
    pub estimator: Estimator,
    pub seed: u64,
    /// Height and width, when the rows are images: decoded rows are then shown as pictures.
    pub frame: Option<(usize, usize)>,
}

impl Configuration {
    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub fn check(&self) -> Result<()> {
        let wrong = |setting, value: String, requirement: &str| {
            Err(Error::Setting { setting, value, requirement: requirement.into() })
        };
        if self.hidden.is_empty() || self.hidden.contains(&0) {
            let requirement = "it needs at least one layer, each with at least one unit";
            return wrong("hidden", format!("{:?}", self.hidden), requirement);
        }
        if let Emission::Normal { minimum_std } = self.emission
            && !(minimum_std > 0.0 && minimum_std.is_finite())
        {
            return wrong("minimum_std", minimum_std.to_string(), "it must be positive");
        }
        Ok(())
    }
}
