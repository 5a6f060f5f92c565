//! Networks: layers whose sizes are known at run time, on any device.

mod adam;
mod dense;

pub(crate) use adam::Adam;
pub(crate) use dense::{Dense, Perceptron};

use crate::ops::{Backend, Matrix};

/// Something with parameters. The order and the names of the parameters never change.
pub(crate) trait Parameters<B: Backend> {
    /// Every parameter with its name, to read.
    fn parameters(&self) -> Vec<(String, &Matrix<B>)>;
    /// Every parameter, in the same order, to write.
    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>>;
}
