//! Means and covariances, and draws from them.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Zip};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Covariances;
use crate::{
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::{Error, Result},
    linalg::Cholesky,
};

/// Mean and covariance of a distribution for every row, such as p(z|x) or p(x|z).
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// (n, d)
    pub mean: Array2<f64>,
    /// n matrices (d, d).
    pub covariances: Covariances,
}

impl Moments {
    /// Standard deviations, (n, d).
    pub fn std(&self) -> Array2<f64> {
        // Rounding can leave a variance of zero a little below it.
        self.covariances.variances().mapv(|variance| variance.max(0.0).sqrt())
    }
}

impl RichDisplay for Moments {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (rows, columns) = self.mean.dim();
        Ok(MimeBundle::new(format!(
            "{rows} rows of {columns} dimensions\nmeans\n{}\nstandard deviations\n{}",
            self.mean,
            self.std()
        )))
    }
}

impl_evcxr_display!(Moments);

/// Draws from N(mean, covariance), one a row.
///
/// # Errors
/// [`Error::Singular`] for a covariance that is not positive definite.
pub(crate) fn normal_draws(moments: &Moments, rng: &mut ChaCha8Rng) -> Result<Array2<f64>> {
    let (mean, covariances) = (&moments.mean, &moments.covariances);
    let noise = Array2::from_shape_simple_fn(mean.dim(), || StandardNormal.sample(rng));
    let Covariances::Shared { matrices, of } = covariances else {
        return Ok(Zip::from(mean)
            .and(&moments.std())
            .and(&noise)
            .map_collect(|&mean: &f64, &std, &noise: &f64| mean + std * noise));
    };
    let factors = matrices
        .iter()
        .enumerate()
        .map(|(index, matrix)| factor(&format!("covariance {index}"), matrix.view()))
        .collect::<Result<Vec<_>>>()?;
    let mut draws = mean.clone();
    for ((mut row, noise), &index) in draws.rows_mut().into_iter().zip(noise.rows()).zip(of) {
        if let Some(factor) = factors.get(index) {
            row += &factor.lower().dot(&noise);
        }
    }
    Ok(draws)
}

fn factor(what: &str, matrix: ArrayView2<f64>) -> Result<Cholesky> {
    Cholesky::new(matrix).map_err(|error| Error::Singular {
        what: what.to_owned(),
        pivot: error.pivot,
        advice: "draws need a positive definite covariance".to_owned(),
    })
}

/// Draws of a one-hot variable with `count` rows, from probabilities that sum to 1.
pub(crate) fn one_hot_draws(
    probabilities: ArrayView1<f64>,
    count: usize,
    rng: &mut ChaCha8Rng,
) -> Array2<f64> {
    let mut draws = Array2::zeros((count, probabilities.len()));
    for mut row in draws.rows_mut() {
        let drawn = categorical_draw(probabilities, rng);
        row[drawn] = 1.0;
    }
    draws
}

/// An index with these probabilities.
pub(crate) fn categorical_draw(probabilities: ArrayView1<f64>, rng: &mut ChaCha8Rng) -> usize {
    let mut left: f64 = rng.random();
    for (index, probability) in probabilities.iter().enumerate() {
        left -= probability;
        if left < 0.0 {
            return index;
        }
    }
    // Rounding left the sum a little below 1: the last index that can be.
    probabilities.iter().rposition(|&probability| probability > 0.0).unwrap_or(0)
}

/// Where the 1 of every row stands.
///
/// # Errors
/// [`Error::Value`] for a row that is not one-hot.
pub(crate) fn one_hot_indices(z: ArrayView2<f64>) -> Result<Vec<usize>> {
    let index = |(number, row): (usize, ArrayView1<f64>)| {
        let wrong = row.indexed_iter().find(|(_, value)| **value != 0.0 && **value != 1.0);
        let ones: Vec<usize> = (0..row.len()).filter(|&column| row[column] == 1.0).collect();
        match (wrong, ones.as_slice()) {
            (None, &[one]) => Ok(one),
            (wrong, ones) => {
                let column = wrong.map_or(ones.last().copied().unwrap_or(0), |(column, _)| column);
                Err(Error::Value {
                    what: "the discrete latent variable".to_owned(),
                    row: number,
                    column,
                    value: row.get(column).copied().unwrap_or(f64::NAN),
                    advice: "each row needs one 1, at the component's place, and zeros elsewhere"
                        .to_owned(),
                })
            }
        }
    };
    z.rows().into_iter().enumerate().map(index).collect()
}

/// log Σ exp of every row, without overflow: (n, k) → (n).
pub(crate) fn log_sum_exp(logs: ArrayView2<f64>) -> Array1<f64> {
    logs.rows().into_iter().map(|row| log_sum_exp_of(row.iter().copied())).collect()
}

/// log Σ exp, without overflow.
pub(crate) fn log_sum_exp_of(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    largest + logs.map(|log| (log - largest).exp()).sum::<f64>().ln()
}
