//! What a VAE answers, ready to be shown.

use ndarray::{Array2, Zip};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Emission;
use crate::{
    display::{ImageGrid, ImagePairs, MimeBundle, RichDisplay, impl_evcxr_display},
    error::Result,
};

/// Rows of `D` values, shown as pictures when they are images.
#[derive(Clone, Debug, PartialEq)]
pub struct Observations<const D: usize> {
    /// (n, D)
    pub values: Array2<f32>,
    pub(super) frame: Option<(usize, usize)>,
}

impl<const D: usize> Observations<D> {
    /// Rows, which are images of this height and width if they have a frame.
    pub(crate) fn new(values: Array2<f32>, frame: Option<(usize, usize)>) -> Self {
        Self { values, frame }
    }

    /// Height and width, when the rows are images.
    pub fn frame(&self) -> Option<(usize, usize)> {
        self.frame
    }

    /// (1/n) Σ ‖xᵢ − x̃ᵢ‖²
    pub(crate) fn mean_squared_error(&self, other: &Self) -> f64 {
        let rows = self.values.nrows().max(1) as f64;
        let cells = self.values.iter().zip(&other.values);
        cells.map(|(x, other)| f64::from(x - other).powi(2)).sum::<f64>() / rows
    }

    fn bundle(&self, what: &str) -> Result<MimeBundle> {
        let rows = self.values.nrows();
        match self.frame {
            Some(frame) if rows > 0 => {
                ImageGrid::new(self.values.view(), frame)?.title(what).mime_bundle()
            }
            _ => Ok(MimeBundle::new(format!("{what}: {rows} rows of {D} values\n{}", self.values))),
        }
    }
}

impl<const D: usize> RichDisplay for Observations<D> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        self.bundle("Observations")
    }
}

impl_evcxr_display!([const D: usize] Observations<D>);

/// p(x|z) at some z; shown by its means.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<const D: usize> {
    /// E(x|z), (n, D).
    pub mean: Observations<D>,
    /// The standard deviations of p(x|z), (n, D).
    pub std: Observations<D>,
    pub(super) emission: Emission,
}

impl<const D: usize> Decoded<D> {
    /// The distributions with these means and standard deviations.
    pub(crate) fn new(mean: Observations<D>, std: Observations<D>, emission: Emission) -> Self {
        Self { mean, std, emission }
    }

    /// Draws x ~ p(x|z), one a row: with z ~ p(z) this is ancestral sampling.
    pub fn draw(&self, seed: u64) -> Observations<D> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let (mean, std) = (&self.mean.values, &self.std.values);
        let values = Zip::from(mean).and(std).map_collect(|&mean, &std| match self.emission {
            Emission::Bernoulli => f32::from(u8::from(rng.random::<f32>() < mean)),
            _ => {
                let noise: f32 = StandardNormal.sample(&mut rng);
                mean + std * noise
            }
        });
        Observations { values, frame: self.mean.frame }
    }
}

impl<const D: usize> RichDisplay for Decoded<D> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        self.mean.bundle("Means of p(x|z)")
    }
}

impl_evcxr_display!([const D: usize] Decoded<D>);

/// Observations beside what the model makes of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconstruction<const D: usize> {
    /// The rows that were encoded, (n, D).
    pub original: Observations<D>,
    /// p(x|z) at the means of q(z|x).
    pub decoded: Decoded<D>,
}

impl<const D: usize> Reconstruction<D> {
    /// (1/n) Σ ‖xᵢ − x̃ᵢ‖²
    pub fn mean_squared_error(&self) -> f64 {
        self.original.mean_squared_error(&self.decoded.mean)
    }
}

impl<const D: usize> RichDisplay for Reconstruction<D> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (original, mean) = (&self.original.values, &self.decoded.mean.values);
        match self.original.frame {
            Some(frame) if !original.is_empty() => {
                ImagePairs::new(original.view(), mean.view(), frame)?.mime_bundle()
            }
            _ => Ok(MimeBundle::new(format!(
                "{} rows of {D} values reconstructed, mean squared error {:.4}",
                original.nrows(),
                self.mean_squared_error()
            ))),
        }
    }
}

impl_evcxr_display!([const D: usize] Reconstruction<D>);

/// q(z|x) of some observations.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior<const Z: usize> {
    /// Means, (n, Z).
    pub mean: Array2<f32>,
    /// Standard deviations, (n, Z).
    pub std: Array2<f32>,
}

impl<const Z: usize> RichDisplay for Posterior<Z> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        Ok(MimeBundle::new(format!(
            "q(z|x) of {} rows, {Z} dimensions\nmeans\n{}\nstandard deviations\n{}",
            self.mean.nrows(),
            self.mean,
            self.std
        )))
    }
}

impl_evcxr_display!([const Z: usize] Posterior<Z>);
