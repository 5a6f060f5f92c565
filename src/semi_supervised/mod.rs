//! Models of images and their labels that also learn from images nobody has labelled, and what
//! [`crate::m2`] and [`crate::sdgm`] share.
//!
//! With a style z and a class y, both behind an image x, the bounds are
//!
//! - L(x, y) = E\_q(z|x,y)\[log p(z) + log p(y) + log p(x|z,y) − log q(z|x,y)\] ≤ log p(x, y)
//!   (lecture, eq. 17)
//! - U(x) = Σ\_y q(y|x) L(x, y) + H(q(y|x)) ≤ log p(x)   (lecture, eq. 18)
//!
//! and J is the sum of L over the labelled and of U over the unlabelled rows (19). The classifier
//! q(y|x) learns from the labels through a term of its own: see [`Weighting`].
//!
//! A step takes a batch of the labelled rows, of which an epoch sees each once, and a batch of the
//! unlabelled ones, drawn with the step's own random numbers. Each mean is weighted with the rows
//! that it stands for, so that a step's objective is J/N on average, whatever the sizes of the
//! batches. The sum over the classes is exact, and its products with x are computed once an image.

mod auxiliary;
mod bound;
mod card;
mod configuration;
mod core;
mod engine;
mod labels;
mod model;
mod network;
mod part;
mod shell;
#[cfg(test)]
mod tests;
mod weighting;

pub(crate) use card::facts;
pub use configuration::ClassifierNetwork;
pub(crate) use configuration::Configuration;
pub(crate) use core::Core;
pub(crate) use labels::LabelSpace;
pub use labels::{ClassLabels, RowLabels};
pub(crate) use shell::{model, settings};
pub use weighting::Weighting;
