//! What a SAVAE is made of, apart from its parameters.

use serde::{Deserialize, Serialize};

use super::columns::Columns;
use crate::{
    error::{Error, Result},
    ops::{Activation, MixedLayout, TimeEmission, TimeLayout},
};

/// The settings of a SAVAE, with the columns that it was built for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Configuration {
    pub settings: Settings,
    pub columns: Columns,
}

/// What a user decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub latent: usize,
    pub hidden: usize,
    pub activation: Activation,
    pub emission: TimeEmission,
    pub minimum_std: f64,
    pub dropout: f64,
    pub hidden_outcomes: f64,
    pub time_weight: f64,
    pub draws: usize,
    pub seed: u64,
}

impl Configuration {
    pub fn layout(&self) -> MixedLayout {
        self.columns.layout(self.settings.minimum_std)
    }

    pub fn time_layout(&self) -> TimeLayout {
        TimeLayout {
            emission: self.settings.emission,
            exponential_log_scale: -self.columns.time.std_log.ln() as f32,
        }
    }
}

impl Settings {
    /// # Errors
    /// [`Error::Setting`] for a setting outside its range.
    pub fn check(&self) -> Result<()> {
        let share = |name, value: f64| match (0.0..1.0).contains(&value) {
            true => Ok(()),
            false => Err(Error::setting(name, value, "it must lie in [0, 1)")),
        };
        let positive = |name, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(Error::setting(name, value, "it must be positive")),
        };
        share("dropout", self.dropout)?;
        if !(0.0..=1.0).contains(&self.hidden_outcomes) {
            let requirement = "it is a share, in [0, 1]";
            return Err(Error::setting("hidden_outcomes", self.hidden_outcomes, requirement));
        }
        positive("minimum_std", self.minimum_std)?;
        positive("time_weight", self.time_weight)?;
        positive("hidden", self.hidden as f64)?;
        positive("draws", self.draws as f64)?;
        let TimeEmission::WeibullMixture { components } = self.emission else { return Ok(()) };
        match components >= 2 {
            true => Ok(()),
            false => Err(Error::setting("components", components, "a mixture has at least 2")),
        }
    }
}
