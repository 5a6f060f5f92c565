//! Networks: layers whose sizes are known at run time, on any device.

mod adam;
mod class_network;
mod conditional;
mod convolution;
mod dense;
mod emission;
mod feedforward;
mod learner;
mod lenet;
mod likelihood;
mod optimised;
mod rows;

pub(crate) use adam::Adam;
pub(crate) use class_network::{Architecture, ClassNetwork, rows_right};
pub(crate) use conditional::{Conditional, Given, Inputs, rows_of};
pub(crate) use convolution::Convolution;
pub(crate) use dense::{Dense, Perceptron};
pub use emission::Emission;
pub(crate) use feedforward::Feedforward;
pub(crate) use learner::{Batch, Columns, Learn, Learner, Trained};
pub(crate) use lenet::LeNet;
pub(crate) use likelihood::{EmissionHead, Likelihood, Normal, NormalHead};
pub(crate) use optimised::Optimised;
pub(crate) use rows::{
    CHUNK, chunks, gather, in_chunks, pairs_in_chunks, repeated_normal, standard_normal,
};

use dfdx::shapes::HasShape;

use crate::{
    error::{Error, Result},
    ops::{Backend, Matrix},
    train::{NamedTensor, Snapshot},
};

/// Something with parameters. The order and the names of the parameters never change.
pub(crate) trait Parameters<B: Backend> {
    /// Every parameter with its name, to read.
    fn parameters(&self) -> Vec<(String, &Matrix<B>)>;
    /// Every parameter, in the same order, to write.
    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>>;
}

/// # Errors
/// [`Error::Setting`] for no hidden layers, or one without units.
pub(crate) fn check_hidden(setting: &'static str, sizes: &[usize]) -> Result<()> {
    if sizes.is_empty() || sizes.contains(&0) {
        let requirement = "it needs at least one layer, each with at least one unit";
        return Err(Error::setting(setting, format!("{sizes:?}"), requirement));
    }
    Ok(())
}

/// Names, shapes and values of all parameters.
fn named_tensors<B: Backend>(model: &impl Parameters<B>) -> Vec<NamedTensor> {
    let named = |(name, value): (String, &Matrix<B>)| {
        let (rows, columns) = *value.shape();
        (name, [rows, columns], value.as_vec())
    };
    model.parameters().into_iter().map(named).collect()
}

/// Gives the parameters these values.
fn restore<B: Backend>(model: &mut impl Parameters<B>, snapshot: &Snapshot) {
    for (parameter, values) in model.parameters_mut().into_iter().zip(snapshot) {
        parameter.copy_from(values);
    }
}

/// The parameters of a part, with the part's name before theirs.
pub(crate) fn named<'a, B: Backend>(
    part: &str,
    module: &'a impl Parameters<B>,
) -> Vec<(String, &'a Matrix<B>)> {
    let parameters = module.parameters().into_iter();
    parameters.map(|(name, value)| (format!("{part}.{name}"), value)).collect()
}
