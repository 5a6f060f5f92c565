//! How probable a model finds rows.

use ndarray::Array1;

use crate::{
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::Result,
};

/// What the numbers of a [`LogLikelihood`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// log p(x).
    Exact,
    /// A lower bound of log p(x) in expectation, from this many draws of z a row.
    LowerBound {
        /// Draws of z a row.
        draws: usize,
    },
}

impl std::fmt::Display for Meaning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Meaning::Exact => write!(f, "exact"),
            Meaning::LowerBound { draws } => write!(f, "lower bound, {draws} draws"),
        }
    }
}

/// log p(x) of rows in nats, or lower bounds. Higher is better.
#[derive(Clone, Debug, PartialEq)]
pub struct LogLikelihood {
    /// The value of every row, (n).
    pub values: Array1<f64>,
    /// Whether they are exact.
    pub meaning: Meaning,
}

impl LogLikelihood {
    /// Exact values.
    pub(crate) fn exact(values: Array1<f64>) -> Self {
        Self { values, meaning: Meaning::Exact }
    }

    /// The sum over the rows.
    pub fn sum(&self) -> f64 {
        self.values.sum()
    }

    /// The mean over the rows; NaN without rows.
    pub fn mean(&self) -> f64 {
        self.values.mean().unwrap_or(f64::NAN)
    }

    /// The standard error of the mean: how far it would move with other rows. Zero for one row.
    pub fn standard_error(&self) -> f64 {
        standard_error(&self.values)
    }
}

/// The standard error of a mean over rows: how far it would move with other rows. Zero for one row.
pub(crate) fn standard_error(values: &Array1<f64>) -> f64 {
    let rows = values.len();
    if rows < 2 { 0.0 } else { values.std(1.0) / (rows as f64).sqrt() }
}

impl RichDisplay for LogLikelihood {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        Ok(MimeBundle::new(format!(
            "log p(x) = {:.3} ± {:.3} nats a row ({} rows, {})",
            self.mean(),
            self.standard_error(),
            self.values.len(),
            self.meaning
        )))
    }
}

impl_evcxr_display!(LogLikelihood);
