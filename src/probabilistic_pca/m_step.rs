//! What EM for probabilistic PCA sums over the rows, and the parameters that follow.
//!
//! Each column j of x is a linear regression on z̃ = (z, 1) with coefficients βⱼ = (wⱼ, μⱼ), over the
//! rows in which it is observed. The sums are over E(z̃z̃ᵀ) and E(z̃)xⱼ (Tipping and Bishop 1999,
//! appendix B, extended by the mean and to missing cells as in Ilin and Raiko 2010).

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};
use rayon::prelude::*;

use super::{
    linear_normal::{Explained, LinearNormal},
    patterns::Pattern,
};
use crate::{
    error::{Error, Result},
    linalg::{Cholesky, product},
};

/// Sums over the rows.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// Σ E(z̃z̃ᵀ) over the rows in which column j is observed, (q + 1, q + 1): one for all columns
    /// when no cell is missing, otherwise one a column.
    regressors: Vec<Array2<f64>>,
    /// Σ xⱼ E(z̃), (D, q + 1).
    products: Array2<f64>,
    /// Σ xⱼ², (D).
    squares: Array1<f64>,
    /// Σ E(z̃z̃ᵀ) over all rows.
    pub latent: Array2<f64>,
    /// The number of observed cells.
    cells: usize,
    /// Σ log p(x).
    pub log_likelihood: f64,
}

/// The patterns are cut into so many parts, whatever the number of threads.
const PARTS: usize = 32;

impl Sums {
    fn zero((columns, latent): (usize, usize), complete: bool) -> Self {
        let zero = Array2::zeros((latent + 1, latent + 1));
        Self {
            regressors: vec![zero.clone(); if complete { 1 } else { columns }],
            products: Array2::zeros((columns, latent + 1)),
            squares: Array1::zeros(columns),
            latent: zero,
            cells: 0,
            log_likelihood: 0.0,
        }
    }

    /// The E-step on all `patterns` of `x`.
    pub fn new(
        x: ArrayView2<f64>,
        patterns: &[Pattern],
        parameters: &LinearNormal,
    ) -> Result<Self> {
        let complete = patterns.iter().all(|pattern| pattern.observed.len() == x.ncols());
        let parts = patterns
            .par_chunks(patterns.len().div_ceil(PARTS).max(1))
            .map(|patterns| {
                let mut sums = Self::zero(parameters.weights.dim(), complete);
                for pattern in patterns {
                    let cells = pattern.cells(x);
                    let explained = parameters.explain(pattern, cells.view())?;
                    sums.include(pattern, &cells, &explained);
                }
                Ok(sums)
            })
            .collect::<Result<Vec<_>>>()?;
        let mut total = Self::zero(parameters.weights.dim(), complete);
        parts.iter().for_each(|part| total.add(part));
        Ok(total)
    }

    fn include(&mut self, pattern: &Pattern, cells: &Array2<f64>, explained: &Explained) {
        let ones = Array2::ones((cells.nrows(), 1));
        // The shapes fit by construction.
        let latent = concatenate![Axis(1), explained.mean, ones];
        let mut second = product(latent.t(), latent.view());
        let size = explained.covariance.nrows();
        let mut corner = second.slice_mut(s![..size, ..size]);
        corner.scaled_add(cells.nrows() as f64, &explained.covariance);
        let products = product(cells.t(), latent.view());
        let squares = (cells * cells).sum_axis(Axis(0));
        for (index, &column) in pattern.observed.iter().enumerate() {
            let mut row = self.products.row_mut(column);
            row += &products.row(index);
            self.squares[column] += squares[index];
            if self.regressors.len() > 1 {
                self.regressors[column] += &second;
            }
        }
        if let [shared] = self.regressors.as_mut_slice() {
            *shared += &second;
        }
        self.latent += &second;
        self.cells += cells.len();
        self.log_likelihood += explained.log_likelihood.sum();
    }

    fn add(&mut self, other: &Self) {
        for (own, others) in self.regressors.iter_mut().zip(&other.regressors) {
            *own += others;
        }
        self.products += &other.products;
        self.squares += &other.squares;
        self.latent += &other.latent;
        self.cells += other.cells;
        self.log_likelihood += other.log_likelihood;
    }

    /// The M-step. `ridge` is σ²α of every latent dimension, zero without a prior on W.
    pub fn maximise(&self, ridge: &Array1<f64>) -> Result<LinearNormal> {
        let (columns, width) = self.products.dim();
        let factors = self
            .regressors
            .iter()
            .enumerate()
            .map(|(column, regressors)| regression(column, regressors, ridge))
            .collect::<Result<Vec<_>>>()?;
        let mut coefficients = Array2::zeros((columns, width));
        let mut residual = 0.0;
        for (column, mut row) in coefficients.rows_mut().into_iter().enumerate() {
            // One entry for all columns, or one for each.
            let index = column.min(self.regressors.len() - 1);
            let products = self.products.row(column);
            let solved = factors[index].solve(products.insert_axis(Axis(1)));
            row.assign(&solved.column(0));
            let explained = row.dot(&self.regressors[index].dot(&row)) - 2.0 * row.dot(&products);
            residual += self.squares[column] + explained;
        }
        Ok(LinearNormal {
            weights: coefficients.slice(s![.., ..width - 1]).to_owned(),
            mean: coefficients.column(width - 1).to_owned(),
            noise_variance: residual / self.cells as f64,
        })
    }
}

fn regression(column: usize, regressors: &Array2<f64>, ridge: &Array1<f64>) -> Result<Cholesky> {
    let mut regressors = regressors.clone();
    for (index, ridge) in ridge.iter().enumerate() {
        regressors[[index, index]] += ridge;
    }
    Cholesky::new(regressors.view()).map_err(|error| Error::Singular {
        what: format!("the regression of column {column} on the latent variables"),
        pivot: error.pivot,
        advice: "use fewer latent dimensions, or rescale the columns to similar variances"
            .to_owned(),
    })
}
