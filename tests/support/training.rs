//! What is compared of two trainings.

use std::{fs, path::Path};

use elbo::{History, Result};

/// Everything that a model is, to the last bit: parameters, moments, curves. Only the time differs.
pub fn contents(save: impl Fn(&Path) -> Result<()>, folder: &Path) -> Vec<(String, Vec<u8>)> {
    let path = folder.join("contents.safetensors");
    save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let mut all: Vec<_> =
        file.tensors().into_iter().map(|(name, view)| (name, view.data().to_vec())).collect();
    all.sort();
    all
}

/// The same curves, whatever time they took.
pub fn timeless(mut history: History) -> History {
    history.seconds = 0.0;
    history
}
