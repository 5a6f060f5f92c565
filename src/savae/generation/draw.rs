//! Draws of covariates given the latent variable.

use ndarray::ArrayView1;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

use crate::{
    latent::categorical_draw,
    ops::MixedLayout,
    savae::columns::{Columns, CovariateColumn},
    survival::{Covariate, Family},
};

/// p(x|z) of one covariate.
pub(super) enum Conditional {
    /// Mean and standard deviation of the standardised value.
    Normal(f64, f64),
    /// The rate.
    Poisson(f64),
    /// The probability of every level.
    Levels(Vec<f64>),
}

/// p(x|z) of every covariate, in the order of [`Columns::in_order`], from a row of parameters.
pub(super) fn conditionals(
    columns: &Columns,
    layout: &MixedLayout,
    parameters: ArrayView1<f32>,
) -> Vec<Conditional> {
    let mut next = 0;
    let wide = |index: usize| f64::from(parameters[index]);
    let mut of = |column: &CovariateColumn| {
        let first = next;
        // Raw log standard deviations stand after all means.
        next += column.cells();
        match column.family {
            Family::Normal | Family::LogNormal => {
                let log_std = layout.log_std(parameters[layout.normals + first]);
                Conditional::Normal(wide(first), f64::from(log_std).exp())
            }
            Family::Poisson => Conditional::Poisson(wide(layout.normals + first).exp()),
            Family::Bernoulli => {
                let one = 1.0 / (1.0 + (-wide(layout.normals + first)).exp());
                Conditional::Levels(vec![1.0 - one, one])
            }
            Family::Categorical => {
                let logits: Vec<f64> = (0..column.levels.len())
                    .map(|level| wide(layout.normals + first + level))
                    .collect();
                let total = crate::latent::log_sum_exp_of(logits.iter().copied());
                Conditional::Levels(logits.iter().map(|logit| (logit - total).exp()).collect())
            }
        }
    };
    columns.in_order().map(&mut of).collect()
}

impl Conditional {
    /// A value in the covariate's own unit; levels by their index.
    pub fn draw(&self, column: &CovariateColumn, rng: &mut ChaCha8Rng) -> f64 {
        match self {
            Conditional::Normal(mean, std) => {
                let noise: f64 = StandardNormal.sample(rng);
                column.original(mean + std * noise)
            }
            // A rate that is positive and finite always has a distribution.
            Conditional::Poisson(rate) => {
                Poisson::new(*rate).map_or(rate.round(), |poisson| poisson.sample(rng))
            }
            Conditional::Levels(probabilities) => {
                categorical_draw(ArrayView1::from(probabilities), rng) as f64
            }
        }
    }

    /// Mean and second moment of the value in the covariate's own unit; of a level, those of its
    /// index.
    pub fn moments(&self, column: &CovariateColumn) -> (f64, f64) {
        match self {
            Conditional::Normal(mean, std) => {
                let (mean, std) = (column.mean + column.std * mean, column.std * std);
                if column.family == Family::LogNormal {
                    let variance = std * std;
                    let first = (mean + 0.5 * variance).exp();
                    return (first, (2.0 * mean + 2.0 * variance).exp());
                }
                (mean, mean * mean + std * std)
            }
            Conditional::Poisson(rate) => (*rate, rate * rate + rate),
            Conditional::Levels(probabilities) => {
                let of = |power: i32| {
                    let levels = probabilities.iter().enumerate();
                    levels.map(|(level, p)| p * (level as f64).powi(power)).sum::<f64>()
                };
                (of(1), of(2))
            }
        }
    }
}

/// A column of values.
pub(super) fn covariate(column: &CovariateColumn, values: Vec<f64>) -> Covariate {
    Covariate::of_coded(&column.name, column.family, column.levels.clone(), values)
}
