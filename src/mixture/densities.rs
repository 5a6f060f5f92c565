//! log N(x; μₖ, Σₖ) of many rows at once.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

use super::normals::{Normals, Spread, singular};
use crate::{
    error::Result,
    linalg::{Cholesky, product},
};

/// Rows that are computed at once.
const BLOCK: usize = 1024;

/// A density, ready to be evaluated.
struct Component {
    mean: Array1<f64>,
    scale: Scale,
    /// −½(D log 2π + log |Σ|)
    constant: f64,
}

enum Scale {
    /// L⁻ᵀ of Σ = LLᵀ: (x − μ)ᵀL⁻ᵀ has the covariance I.
    Whitening(Array2<f64>),
    /// 1/σ of every column.
    Columns(Array1<f64>),
}

impl Normals {
    /// log N(x; μₖ, Σₖ): (n, D) → (n, K).
    ///
    /// # Errors
    /// [`crate::Error::Singular`] for a covariance that is not positive definite.
    pub(crate) fn log_densities(&self, x: ArrayView2<f64>) -> Result<Array2<f64>> {
        let count = self.len();
        let components = (0..count).map(|k| self.component(k)).collect::<Result<Vec<_>>>()?;
        let mut out = Array2::zeros((x.nrows(), count));
        // A fresh array is contiguous, so the slice is always there.
        let values = out.as_slice_mut().unwrap_or_default();
        values.par_chunks_mut(BLOCK * count).enumerate().for_each(|(i, block)| {
            let rows = x.slice(s![i * BLOCK..i * BLOCK + block.len() / count, ..]);
            for (k, component) in components.iter().enumerate() {
                let densities = component.log_densities(rows);
                let column = block.iter_mut().skip(k).step_by(count);
                column.zip(densities).for_each(|(to, from)| *to = from);
            }
        });
        Ok(out)
    }

    fn component(&self, k: usize) -> Result<Component> {
        let whitening = |what: &str, matrix: &Array2<f64>| {
            let factor =
                Cholesky::new(matrix.view()).map_err(|error| singular(what, error.pivot))?;
            let inverse = factor.lower_inverse().t().as_standard_layout().into_owned();
            Ok((Scale::Whitening(inverse), factor.log_determinant()))
        };
        let (scale, log_determinant) = match &self.spread {
            Spread::Full(matrices) => {
                whitening(&format!("the covariance of component {k}"), &matrices[k])?
            }
            Spread::Tied(matrix) => whitening("the covariance", matrix)?,
            Spread::Diagonal(_) | Spread::Spherical(_) => {
                let variances = self.variances(k);
                if let Some(pivot) = variances.iter().position(|&v| v <= 0.0 || !v.is_finite()) {
                    return Err(singular(&format!("the covariance of component {k}"), pivot));
                }
                let log_determinant = variances.mapv(f64::ln).sum();
                (Scale::Columns(variances.mapv(|v| v.sqrt().recip())), log_determinant)
            }
        };
        let constant =
            -0.5 * (self.dimensions() as f64 * std::f64::consts::TAU.ln() + log_determinant);
        Ok(Component { mean: self.means.row(k).to_owned(), scale, constant })
    }
}

impl Component {
    fn log_densities(&self, x: ArrayView2<f64>) -> Array1<f64> {
        let mut white = &x - &self.mean;
        match &self.scale {
            Scale::Whitening(factor) => white = product(white.view(), factor.view()),
            Scale::Columns(scale) => white *= scale,
        }
        white.map_axis(Axis(1), |row| self.constant - 0.5 * row.dot(&row))
    }
}
