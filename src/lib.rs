//! Latent-variable models for Rust notebooks.
//!
//! ```
//! use elbo::prelude::*;
//!
//! let digits = data::handwriting().writers(4).repeats(2).images::<28>();
//! let mut vae = Vae::<784, 2>::params().hidden([32]).build()?;
//! vae.fit(&digits, Fit::new().epochs(1))?;
//! vae.sample(16)?.evcxr_display(); // what a notebook does with the last expression of a cell
//! # Ok::<(), elbo::Error>(())
//! ```
//!
//! - [`vae`]: the variational autoencoder.
//! - [`m2`], [`sdgm`]: images and their classes, learned from few labels ([`semi_supervised`]).
//! - [`autoencoder`], [`logistic_network`]: networks without probability, and for a binary response.
//! - [`probabilistic_pca`], [`mixture`], [`hidden_markov`], [`pca`]: the classical models.
//! - [`latent`]: what all generative models with latent variables have in common.
//! - [`mega`]: how well a model matches the moments of data, as a metric and as a regulariser.
//! - [`savae`]: survival analysis with a latent health status: a distribution of the time for
//!   every patient and treatment, and what to recommend.
//! - [`classify`]: predicting labels of images, and how well it is done.
//! - [`survival`]: how long until an event: tables, Kaplan-Meier, Cox, Weibull, scores.
//! - [`data`]: images, MNIST, and handwriting that is drawn and needs no file.
//! - [`train`]: how models are trained.
//! - [`display`]: pictures for notebooks.
//!
//! Inside, `linalg` is the bridge to dense linear algebra, `ops` holds the differentiable operations and the seam between devices, `nn` the layers.

#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod autoencoder;
mod checkpoint;
pub mod classify;
pub mod data;
mod device;
pub mod display;
pub mod error;
pub mod hidden_markov;
pub mod latent;
mod linalg;
pub mod logistic_network;
pub mod m2;
pub mod mega;
pub mod mixture;
mod nn;
#[cfg(feature = "notebook")]
#[doc(hidden)]
pub mod notebook;
mod ops;
pub mod pca;
pub mod probabilistic_pca;
pub mod savae;
pub mod sdgm;
pub mod semi_supervised;
mod sizes;
pub mod survival;
pub mod train;
pub mod vae;

pub use autoencoder::Autoencoder;
pub use classify::Classifier;
pub use device::Device;
pub use error::{Error, Result};
pub use hidden_markov::HiddenMarkov;
pub use latent::{ClosedFormMoments, LatentModel};
pub use logistic_network::LogisticNetwork;
pub use m2::M2;
pub use mixture::GaussianMixture;
pub use ops::Activation;
pub use pca::Pca;
pub use probabilistic_pca::ProbabilisticPca;
pub use savae::Savae;
pub use sdgm::Sdgm;
pub use survival::{Cohort, Cox, KaplanMeier, WeibullAft};
pub use train::{Fit, History, Terms, interrupted};
pub use vae::{Emission, Estimator, Vae};

// The versions that the public interface speaks, for notebooks.
pub use image;
pub use ndarray;
#[cfg(feature = "polars")]
pub use polars;
pub use rand;

/// What a notebook starts with.
pub mod prelude {
    pub use crate::{
        Activation, Autoencoder, Classifier, Cohort, Cox, Device, Emission, Error, Estimator, Fit,
        GaussianMixture, HiddenMarkov, History, KaplanMeier, LatentModel, LogisticNetwork, M2, Pca,
        ProbabilisticPca, Result, Savae, Sdgm, Terms, Vae, WeibullAft,
        classify::{
            self, AccuracyTable, Committee, ConfusionMatrix, DeepNetwork, LeNet, MajorityVote,
            NearestNeighbours, evaluate,
        },
        data,
        display::{self, RichDisplay},
        latent::{
            ClassConditional, ClassifierMethod, LatentClassifier, LatentRegression, active_units,
            compare,
        },
        mega::{self, MegaPenalty, mega},
        mixture::Covariance,
        pca::principal_angles,
        semi_supervised::{ClassifierNetwork, Weighting},
        survival::{Durations, Events, Family, FollowUp, SurvivalModel},
        train::{Annealing, Then},
    };
}
