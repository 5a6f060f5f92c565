//! One covariate as numbers.

use ndarray::ArrayViewMut1;
use serde::{Deserialize, Serialize};

use super::rounded;
use crate::{
    error::{Error, Result},
    survival::{Cohort, Covariate, Family},
};

/// A covariate, with the numbers that standardise it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::savae) struct CovariateColumn {
    pub name: String,
    pub family: Family,
    pub levels: Vec<String>,
    /// Mean and standard deviation, of the logarithm where it is log-normal.
    pub mean: f64,
    pub std: f64,
    /// The share of every level.
    pub shares: Vec<f64>,
}

impl CovariateColumn {
    pub fn of(covariate: &Covariate) -> Self {
        let family = covariate.family();
        let present: Vec<f64> = covariate
            .values()
            .iter()
            .filter(|value| !value.is_nan())
            .map(|&value| if family == Family::LogNormal { value.ln() } else { value })
            .collect();
        let count = present.len().max(1) as f64;
        let mean = present.iter().sum::<f64>() / count;
        let variance = present.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let share = |level: usize| {
            let inside = present.iter().filter(|value| **value == level as f64).count();
            // A level that nobody has is rare, not impossible.
            rounded((inside as f64 + 0.5) / (count + 0.5 * covariate.levels().len() as f64))
        };
        Self {
            name: covariate.name().to_owned(),
            family,
            levels: covariate.levels().to_vec(),
            mean: rounded(mean),
            std: if variance > 0.0 { rounded(variance.sqrt()) } else { 1.0 },
            shares: (0..covariate.levels().len()).map(share).collect(),
        }
    }

    /// Columns of the input of networks.
    pub fn inputs(&self) -> usize {
        self.cells()
    }

    /// Columns of p(x|z).
    pub fn cells(&self) -> usize {
        if self.family == Family::Categorical { self.levels.len() } else { 1 }
    }

    /// The values of this covariate in a cohort.
    ///
    /// # Errors
    /// [`Error::Column`] when it is not there or has other levels, [`Error::Cell`] for a value that
    /// the family cannot have.
    pub fn values_in<'a>(&self, cohort: &'a Cohort) -> Result<&'a [f64]> {
        let covariate = cohort.covariate(&self.name)?;
        if covariate.levels() != self.levels {
            let wanted = match self.levels.is_empty() {
                true => format!("numbers ({})", self.family),
                false => format!("{:?}", self.levels),
            };
            return Err(Error::Column {
                column: self.name.clone(),
                problem: format!("has the levels {:?}", covariate.levels()),
                advice: format!(
                    "the model knows {wanted}: read both from one table and split it, or set the \
                     same family"
                ),
            });
        }
        let fits: fn(f64) -> bool = match self.family {
            Family::LogNormal => |value| value > 0.0,
            Family::Poisson => |value| value >= 0.0 && value.fract() == 0.0,
            _ => |_| true,
        };
        let values = covariate.values();
        match values.iter().position(|&value| !value.is_nan() && !fits(value)) {
            None => Ok(values),
            Some(row) => Err(Error::Cell {
                column: self.name.clone(),
                row,
                value: values[row].to_string(),
                advice: format!("the model was built for {} values", self.family),
            }),
        }
    }

    /// What networks see: numbers around 0, so that the 0 of a missing cell is an average.
    pub fn write_input(&self, value: f64, mut to: ArrayViewMut1<f32>) {
        match self.family {
            Family::Categorical => {
                for (level, (to, share)) in to.iter_mut().zip(&self.shares).enumerate() {
                    *to = (f64::from(u8::from(value == level as f64)) - share) as f32;
                }
            }
            _ => to[0] = self.standardised(value) as f32,
        }
    }

    /// What p(x|z) is asked for.
    pub fn write_cells(&self, value: f64, mut to: ArrayViewMut1<f32>) {
        match self.family {
            Family::Normal | Family::LogNormal => to[0] = self.standardised(value) as f32,
            Family::Poisson | Family::Bernoulli => to[0] = value as f32,
            Family::Categorical => to[value as usize] = 1.0,
        }
    }

    fn standardised(&self, value: f64) -> f64 {
        let value = if self.family == Family::LogNormal { value.ln() } else { value };
        (value - self.mean) / self.std
    }

    /// The value of a standardised one.
    pub fn original(&self, standardised: f64) -> f64 {
        let value = self.mean + self.std * standardised;
        if self.family == Family::LogNormal { value.exp() } else { value }
    }

    /// What the log-density of the value has beside that of the cells.
    pub fn constant(&self, value: f64) -> f64 {
        match self.family {
            Family::Normal => -self.std.ln(),
            Family::LogNormal => -self.std.ln() - value.ln(),
            Family::Poisson => -statrs::function::gamma::ln_gamma(value + 1.0),
            Family::Bernoulli | Family::Categorical => 0.0,
        }
    }

    /// Parameters that say what all patients together say: where training starts. Means and raw
    /// log standard deviations come apart.
    pub fn first_parameters(&self) -> Vec<f32> {
        match self.family {
            Family::Normal | Family::LogNormal => vec![0.0],
            Family::Poisson => vec![self.mean.max(1e-3).ln() as f32],
            Family::Bernoulli => {
                vec![self.shares.get(1).map_or(0.0, |share| (share / (1.0 - share)).ln() as f32)]
            }
            Family::Categorical => self.shares.iter().map(|share| share.ln() as f32).collect(),
        }
    }
}
