//! What an autoencoder answers, ready to be shown.

use ndarray::Array2;

use crate::{
    display::{ImagePairs, MimeBundle, RichDisplay, impl_evcxr_display},
    error::Result,
    vae::Observations,
};

/// z of some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes<const M: usize> {
    /// (n, M)
    pub values: Array2<f32>,
}

impl<const M: usize> RichDisplay for Codes<M> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let rows = self.values.nrows();
        Ok(MimeBundle::new(format!("z of {rows} rows, {M} dimensions\n{}", self.values)))
    }
}

impl_evcxr_display!([const M: usize] Codes<M>);

/// Observations beside what an autoencoder makes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rebuilt<const D: usize> {
    /// The rows that were encoded, (n, D).
    pub original: Observations<D>,
    /// What the decoder makes of their z, (n, D).
    pub rebuilt: Observations<D>,
}

impl<const D: usize> Rebuilt<D> {
    /// (1/n) Σ ‖xᵢ − x̃ᵢ‖², in squared units of the data.
    pub fn mean_squared_error(&self) -> f64 {
        self.original.mean_squared_error(&self.rebuilt)
    }
}

impl<const D: usize> RichDisplay for Rebuilt<D> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (original, rebuilt) = (&self.original.values, &self.rebuilt.values);
        match self.original.frame() {
            Some(frame) if !original.is_empty() => {
                ImagePairs::new(original.view(), rebuilt.view(), frame)?.mime_bundle()
            }
            _ => Ok(MimeBundle::new(format!(
                "{} rows of {D} values reconstructed, mean squared error {:.4}",
                original.nrows(),
                self.mean_squared_error()
            ))),
        }
    }
}

impl_evcxr_display!([const D: usize] Rebuilt<D>);
