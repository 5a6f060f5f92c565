//! The log-likelihood of rows whose columns have families of their own (lecture, eq. 7): normal,
//! Poisson, Bernoulli and categorical cells that are independent given their parameters. Cells that
//! were not observed add nothing.

mod composed;
mod fused;
#[cfg(test)]
mod tests;

pub(super) use composed::composed;
pub(super) use fused::fused;
use serde::{Deserialize, Serialize};

use super::elementary::softplus;

/// Which columns belong to which family, known at run time.
///
/// Cells stand in this order: normals, counts, truth values, and for each categorical variable as
/// many cells of 0 and 1 as it has levels. Parameters: means of the normals, raw log standard
/// deviations of the normals, log rates of the counts, log odds of the truth values, logits of all
/// levels. A log standard deviation is its raw value x with a smooth floor c: c + ln(1 + eˣ⁻ᶜ).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct MixedLayout {
    pub normals: usize,
    pub counts: usize,
    pub binaries: usize,
    /// Levels of every categorical variable.
    pub levels: Vec<usize>,
    /// The smallest log standard deviation of a normal.
    pub log_std_floor: f32,
}

impl MixedLayout {
    /// Cells of a row.
    pub fn cells(&self) -> usize {
        self.normals + self.counts + self.binaries + self.categories()
    }

    /// Parameters of a row.
    pub fn parameters(&self) -> usize {
        self.normals + self.cells()
    }

    /// The log standard deviation of a normal, from its raw one.
    #[inline(always)]
    pub fn log_std(&self, raw: f32) -> f32 {
        self.log_std_floor + softplus(raw - self.log_std_floor)
    }

    /// Levels of all categorical variables together.
    pub fn categories(&self) -> usize {
        self.levels.iter().sum()
    }
}
