//! Synthetic patients, and missing cells of real ones.

mod draw;
mod imputation;
mod synthetic;

pub use imputation::{Imputation, ImputedCell};
