//! Models on disk: safetensors files with the configuration in their metadata, for all models.
//!
//! A file holds one model. Its metadata have the version of the format, the configuration as JSON
//! under an entry that names the kind of model, and for a trained network the state of its training.

mod contents;
mod em;
mod saved;
#[cfg(test)]
mod tests;
mod trained;

pub(crate) use contents::Contents;
pub(crate) use em::Course;
pub(crate) use saved::Saved;
pub(crate) use trained::{load_trained, save_trained};

use safetensors::Dtype;

/// A kind of model, by which files are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The metadata entry of its configuration.
    pub entry: &'static str,
    /// Its type, as users write it.
    pub name: &'static str,
}

/// The metadata entry of the format's version.
const FORMAT: &str = "elbo.format";
/// The metadata entry of a training's state.
const TRAINING: &str = "elbo.training";
const FORMAT_VERSION: &str = "1";

/// The numbers that files hold.
pub(crate) trait Number: Copy {
    const DTYPE: Dtype;
    /// Appends the little-endian bytes.
    fn write(self, bytes: &mut Vec<u8>);
    /// Numbers from their little-endian bytes.
    fn read(bytes: &[u8]) -> Vec<Self>;
}

impl Number for f32 {
    const DTYPE: Dtype = Dtype::F32;

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Vec<Self> {
        bytes.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
    }
}

impl Number for f64 {
    const DTYPE: Dtype = Dtype::F64;

    fn write(self, bytes: &mut Vec<u8>) {
        bytes.extend(self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Vec<Self> {
        bytes.as_chunks().0.iter().map(|word| f64::from_le_bytes(*word)).collect()
    }
}
