//! Predictions: mixtures over weighted draws of the latent variable (lecture, eq. 15 and 16).

mod distribution;
mod family;
mod importance;
mod mixtures;
mod pairs;
mod predictions;
mod settings;
mod sum;

pub use distribution::SurvivalDistribution;
pub(super) use importance::{Draws, Given, block, encoder_log_weights};
pub(super) use mixtures::Mixtures;
#[cfg(test)]
pub(super) use pairs::log_prob_of_pairs;
pub use predictions::Predictions;
pub use settings::{Prediction, Proposal};
