//! How far a norm of the gap would move with other draws of z.

use std::fmt;

use ndarray::{Array1, Array2};

use crate::{
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::Result,
    latent::Moments,
    linalg::product,
};

/// A number from draws, with its Monte Carlo standard error: zero where nothing was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// The standard deviation that it has over repetitions with other draws, estimated.
    pub standard_error: f64,
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} ± {:.4}", self.value, self.standard_error)
    }
}

impl RichDisplay for Estimate {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        Ok(MimeBundle::new(self.to_string()))
    }
}

impl_evcxr_display!(Estimate);

/// What each draw adds to a norm of the second-moment gap, but for a constant: the delta method.
///
/// The gap is linear in the mean of Sᵢ = Var(x|zᵢ) + E(x|zᵢ)E(x|zᵢ)ᵀ, so a norm with the derivative
/// H moves by −⟨H, Sᵢ⟩/m with draw i. With u = E(x|z) − c for any c, here x̄,
/// ⟨H, Sᵢ⟩ = ⟨H, Var(x|zᵢ)⟩ + uᵢᵀH(uᵢ + 2c) and a constant.
pub(super) fn second_moment_influence(
    conditional: &Moments,
    centre: &Array1<f64>,
    derivative: &Array2<f64>,
) -> Array1<f64> {
    let centred = &conditional.mean - centre;
    let turned = product(centred.view(), derivative.view());
    let doubled = centre * 2.0;
    let mut influence = conditional.covariances.inner_products(derivative.view());
    let rows = turned.rows().into_iter().zip(centred.rows());
    for (value, (turned, centred)) in influence.iter_mut().zip(rows) {
        *value = -(*value + turned.dot(&(&centred + &doubled)));
    }
    influence
}

/// The standard error of the mean of a series whose neighbours may depend on each other, as the
/// draws of a hidden Markov model do: the spread of the means of about √m batches of neighbours.
///
/// The number of batches bounds how well it is known itself: to 1/√(2·batches) of its size, 8 % with
/// 5,000 draws. NaN for fewer than two values.
pub(super) fn batch_standard_error(series: &Array1<f64>) -> f64 {
    let count = series.len();
    if count < 2 {
        return f64::NAN;
    }
    let batches = count.isqrt().max(2);
    let mean = |batch: usize| {
        let range = batch * count / batches..(batch + 1) * count / batches;
        let length = range.len() as f64;
        series.slice(ndarray::s![range]).sum() / length
    };
    let means: Array1<f64> = (0..batches).map(mean).collect();
    means.std(1.0) / (batches as f64).sqrt()
}
