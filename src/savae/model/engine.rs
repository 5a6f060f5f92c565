//! What the rest of a SAVAE asks of its networks.

use ndarray::{Array2, ArrayView2};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::{error::Result, savae::bound::BoundTerms, train::Trainable};

/// What [`crate::Savae`] asks of a model, whatever the device. Rows are those of
/// [`crate::savae::columns::Columns::rows`].
pub(in crate::savae) trait Engine: Trainable {
    /// Means and standard deviations of q(z|x, y), or of q(z|x) when outcomes are hidden: (n, ·) →
    /// two (n, Z).
    fn encode(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
    ) -> Result<(Array2<f32>, Array2<f32>)>;
    /// The bound of every row with one draw of z each.
    fn bound(
        &self,
        rows: ArrayView2<f32>,
        outcomes: Outcomes,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<BoundTerms>>;
    /// Parameters of p(x|z), (m, Z) → (m, parameters).
    fn covariate_parameters(&self, z: ArrayView2<f32>) -> Result<Array2<f32>>;
    /// log p(x|z) of the cells of every row at `draws` z of its own, one row's after the other's:
    /// (n, ·) and (n·draws, Z) → (n, draws).
    fn covariate_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>>;
    /// log p(y|t, z) in the same way.
    fn time_log_prob(&self, rows: ArrayView2<f32>, z: ArrayView2<f32>) -> Result<Array2<f32>>;
    /// Parameters of p(y|t, z), (m, Z) and (m, treatments) → (m, parameters).
    fn time_parameters(
        &self,
        z: ArrayView2<f32>,
        treatments: ArrayView2<f32>,
    ) -> Result<Array2<f32>>;
    /// The logits of p(t|x), (n, ·) → (n, treatments).
    fn treatment_logits(&self, rows: ArrayView2<f32>) -> Result<Array2<f32>>;
}

/// What the encoder is told of the outcomes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::savae) enum Outcomes {
    /// All of them.
    Known,
    /// Nothing.
    Hidden,
    /// Those of some rows: each is hidden with this probability.
    Some(f64),
}

impl Outcomes {
    /// Whether this row hides its outcome.
    pub(super) fn hides(self, rng: &mut ChaCha8Rng) -> bool {
        match self {
            Outcomes::Known => false,
            Outcomes::Hidden => true,
            Outcomes::Some(share) => rng.random::<f64>() < share,
        }
    }
}
