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
//! - [`data`]: images, MNIST, and handwriting that is drawn and needs no file.
//! - [`train`]: how models are trained.
//! - [`display`]: pictures for notebooks.
//!
//! Inside, `ops` holds the differentiable operations and the seam between devices, `nn` the layers.

#![deny(unsafe_code)]
#![deny(missing_docs)]

pub mod data;
mod device;
pub mod display;
pub mod error;
mod nn;
mod ops;
pub mod train;
pub mod vae;

pub use device::Device;
pub use error::{Error, Result};
pub use ops::Activation;
pub use train::{Fit, History, Terms};
pub use vae::{Emission, Estimator, Vae};

// The versions that the public interface speaks, for notebooks.
pub use image;
pub use ndarray;
pub use polars;
pub use rand;

/// What a notebook starts with.
pub mod prelude {
    pub use crate::{
        Activation, Device, Emission, Error, Estimator, Fit, History, Result, Terms, Vae, data,
        display::{self, RichDisplay},
        train::Then,
    };
}
