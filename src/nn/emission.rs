//! The distribution of an observation given its latent variables.

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

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

impl Emission {
    /// # Errors
    /// [`Error::Setting`] for a lower bound that is not positive.
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Emission::Normal { minimum_std } if !(minimum_std > 0.0 && minimum_std.is_finite()) => {
                Err(Error::setting("minimum_std", minimum_std, "it must be positive"))
            }
            _ => Ok(()),
        }
    }

    /// # Errors
    /// [`Error::Value`] naming the first cell that the emission cannot have.
    pub(crate) fn check_rows(self, rows: ArrayView2<f32>) -> Result<()> {
        let (range, advice) = match self {
            Emission::Bernoulli => (
                0.0..=1.0,
                "a Bernoulli emission needs values in [0, 1]: rescale, or use Emission::Normal",
            ),
            _ => (f32::MIN..=f32::MAX, "remove or impute values that are not finite"),
        };
        match rows.indexed_iter().find(|(_, value)| !range.contains(*value)) {
            None => Ok(()),
            Some(((row, column), value)) => Err(Error::Value {
                what: "the data".to_owned(),
                row,
                column,
                value: f64::from(*value),
                advice: advice.to_owned(),
            }),
        }
    }

    /// What a model's card says of it.
    pub(crate) fn described(self) -> String {
        match self {
            Emission::Bernoulli => "Bernoulli".to_owned(),
            Emission::Normal { minimum_std } => {
                format!("normal, mean and σ(z) ≥ {minimum_std} from networks")
            }
            Emission::NormalSharedStd => "normal, one σ for all".to_owned(),
        }
    }
}
