//! The latent plane of a VAE with two latent dimensions.

use super::Vae;
use crate::{
    data::Rows,
    display::{DecodedPlane, LatentMap},
    error::Result,
};

/// Half the width of the latent plane that is decoded: 99.7% of the prior in each dimension.
const PLANE: f32 = 3.0;

impl<const D: usize> Vae<D, 2> {
    /// The means of q(z|x) in the latent plane, coloured by an integer label of the rows.
    ///
    /// # Errors
    /// As [`Self::encode`], and [`crate::Error::UnknownLabel`].
    pub fn latent_map(&self, rows: &(impl Rows<D> + ?Sized), label: &str) -> Result<LatentMap> {
        let labels = rows.row_labels(label)?;
        LatentMap::new(self.encode(rows)?.mean.view())?.labels(label, &labels)
    }

    /// The means of p(x|z) over the latent plane from −3 to 3, `side` × `side` of them.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] before the model was trained on images.
    pub fn decoded_plane(&self, side: usize) -> Result<DecodedPlane> {
        let frame = self.core.configuration.frame.ok_or(crate::Error::Setting {
            setting: "decoded_plane",
            value: "a model of rows".to_owned(),
            requirement: "only images can be drawn: train on Images first".to_owned(),
        })?;
        let step = 2.0 * PLANE / (side.max(2) - 1) as f32;
        let axis: Vec<f32> = (0..side).map(|i| i as f32 * step - PLANE).collect();
        let places: Vec<[f32; 2]> =
            axis.iter().flat_map(|&z2| axis.iter().map(move |&z1| [z1, z2])).collect();
        DecodedPlane::new(self.decode(&places)?.mean.values.view(), frame, &axis, &axis)
    }
}
