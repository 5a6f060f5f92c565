//! What a VAE is made of, apart from its parameters.

use serde::{Deserialize, Serialize};

pub use crate::nn::Emission;
use crate::{error::Result, nn::check_hidden, ops::Activation};

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
        check_hidden("hidden", &self.hidden)?;
        self.emission.check()
    }
}
