//! x = Wz + μ + noise with z ~ N(0, I) and noise ~ N(0, σ²I): everything that has a closed form.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::patterns::{Pattern, patterns};
use crate::{
    data::check_width,
    error::{Error, Result},
    latent::{Covariances, Moments},
    linalg::{Cholesky, fix_signs, product, self_adjoint_eigen},
};

/// The parameters.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinearNormal {
    /// W, (D, q).
    pub weights: Array2<f64>,
    /// μ, (D).
    pub mean: Array1<f64>,
    /// σ²
    pub noise_variance: f64,
}

/// p(z|x) and log p(x) of the rows of a pattern.
pub(super) struct Explained {
    /// E(z|x), (rows, q).
    pub mean: Array2<f64>,
    /// Var(z|x), the same for all rows of the pattern: (q, q).
    pub covariance: Array2<f64>,
    /// log p of the observed cells, (rows).
    pub log_likelihood: Array1<f64>,
}

impl LinearNormal {
    /// p(z|x) and log p(x), given the observed `cells` of a pattern, (rows, observed).
    ///
    /// log |C| = (d − q) log σ² + log |M| and (x − μ)ᵀC⁻¹(x − μ) = ‖x − μ − Wm‖²/σ² + ‖m‖² with the
    /// posterior mean m; a sum of squares loses no digits where a difference would.
    pub fn explain(&self, pattern: &Pattern, cells: ArrayView2<f64>) -> Result<Explained> {
        let weights = self.weights.select(Axis(0), &pattern.observed);
        let centred = &cells - &self.mean.select(Axis(0), &pattern.observed);
        let latent = weights.ncols();
        let mut precision = product(weights.t(), weights.view());
        precision.diag_mut().mapv_inplace(|value| value + self.noise_variance);
        let factor = Cholesky::new(precision.view()).map_err(|error| Error::Singular {
            what: "WᵀW + σ²I".to_owned(),
            pivot: error.pivot,
            advice: "rescale the columns to similar variances, or use fewer latent dimensions"
                .to_owned(),
        })?;
        let inverse = factor.inverse();
        let mean = product(product(centred.view(), weights.view()).view(), inverse.view());
        let residual = centred - product(mean.view(), weights.t());
        let squares = |rows: &Array2<f64>| rows.map_axis(Axis(1), |row| row.dot(&row));
        let dimensions = pattern.observed.len() as f64;
        let log_determinant =
            (dimensions - latent as f64) * self.noise_variance.ln() + factor.log_determinant();
        let distance = squares(&residual) / self.noise_variance + squares(&mean);
        let constant = dimensions * std::f64::consts::TAU.ln() + log_determinant;
        let log_likelihood = (distance + constant) * -0.5;
        Ok(Explained { mean, covariance: inverse * self.noise_variance, log_likelihood })
    }

    /// All patterns of `x`, each explained.
    fn explain_all(&self, x: ArrayView2<f64>) -> Result<(Vec<Pattern>, Vec<Explained>)> {
        let patterns = patterns(x);
        let explained = patterns
            .par_iter()
            .map(|pattern| self.explain(pattern, pattern.cells(x).view()))
            .collect::<Result<_>>()?;
        Ok((patterns, explained))
    }

    /// p(z|x) of every row.
    pub fn posterior(&self, x: ArrayView2<f64>) -> Result<Moments> {
        let (patterns, explained) = self.explain_all(x)?;
        let mut mean = Array2::zeros((x.nrows(), self.weights.ncols()));
        let mut of = vec![0; x.nrows()];
        let mut matrices = Vec::with_capacity(patterns.len());
        for (index, (pattern, explained)) in patterns.iter().zip(explained).enumerate() {
            for (&row, found) in pattern.rows.iter().zip(explained.mean.rows()) {
                mean.row_mut(row).assign(&found);
                of[row] = index;
            }
            matrices.push(explained.covariance);
        }
        Ok(Moments { mean, covariances: Covariances::Shared { matrices, of } })
    }

    /// log p of the observed cells of every row.
    pub fn log_likelihood(&self, x: ArrayView2<f64>) -> Result<Array1<f64>> {
        let (patterns, explained) = self.explain_all(x)?;
        let mut values = Array1::zeros(x.nrows());
        for (pattern, explained) in patterns.iter().zip(explained) {
            for (&row, &value) in pattern.rows.iter().zip(&explained.log_likelihood) {
                values[row] = value;
            }
        }
        Ok(values)
    }

    /// p(x|z) at every row of `z`.
    pub fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments> {
        check_width("the latent variables", z, self.weights.ncols())?;
        let variances = Array1::from_elem(z.nrows(), self.noise_variance);
        Ok(Moments {
            mean: product(z, self.weights.t()) + &self.mean,
            covariances: Covariances::Spherical { variances, dimensions: self.mean.len() },
        })
    }

    /// WWᵀ + σ²I
    pub fn covariance(&self) -> Array2<f64> {
        let mut covariance = product(self.weights.view(), self.weights.t());
        covariance.diag_mut().mapv_inplace(|value| value + self.noise_variance);
        covariance
    }

    /// ‖w‖² of every column of W.
    pub fn squared_lengths(&self) -> Array1<f64> {
        self.weights.map_axis(Axis(0), |column| column.dot(&column))
    }

    /// Turns z so that the columns of W are orthogonal, in the order of their lengths: p(x) fixes W
    /// up to a rotation only.
    pub fn rotate(&mut self) -> Result<()> {
        let gram = product(self.weights.t(), self.weights.view());
        let eigen = self_adjoint_eigen(gram.view(), "WᵀW")?;
        self.weights = product(self.weights.view(), eigen.vectors.view());
        fix_signs(&mut self.weights);
        Ok(())
    }
}
