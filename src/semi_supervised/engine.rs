//! What is asked of a trained model, whatever the device.

use std::sync::Arc;

use dfdx::tensor::NoneTape;
use ndarray::{Array2, ArrayView2};
use rand_chacha::ChaCha8Rng;

use super::{bound::Wanted, model::Model, part::Part};
use crate::{
    device::device_error,
    error::Result,
    nn::{Given, chunks, gather, in_chunks, rows_of, standard_normal},
    ops::{Backend, Fixed, Matrix, OpResult},
    train::{Terms, Trainable},
};

/// Classes of rows: a list for each label.
pub(super) type ClassLists = [Vec<u32>];

pub(super) trait Engine: Trainable {
    /// The rows that training takes its unlabelled batches from.
    fn set_unlabelled(&mut self, rows: Option<Arc<Array2<f32>>>);

    /// log q(y|x) for a label, with the auxiliary variable at its mean: (n, inputs) → (n, classes).
    fn log_class_probs(&self, label: usize, x: ArrayView2<f32>) -> Result<Array2<f32>>;

    /// Means and standard deviations of q(z|x, y), with the auxiliary variable at its mean: two
    /// (n, latent).
    fn encode(&self, x: ArrayView2<f32>, classes: &ClassLists) -> Result<Pair>;

    /// Means and standard deviations of p(x|z, y), with the auxiliary variable at the mean of
    /// p(a|z, y), or drawn from it: two (n, inputs).
    fn decode(
        &self,
        z: ArrayView2<f32>,
        classes: &ClassLists,
        draw: Option<&mut ChaCha8Rng>,
    ) -> Result<Pair>;

    /// L(x, y) or U(x) of every row, with one draw of each latent variable. `data` has a column for
    /// each label beside the inputs.
    fn bound(&self, data: ArrayView2<f32>, rng: &mut ChaCha8Rng) -> Result<Vec<Terms>>;
}

/// Means and standard deviations.
pub(super) type Pair = (Array2<f32>, Array2<f32>);

impl<B: Backend> Model<B> {
    /// The mean of q(a|x), if there is such a variable.
    fn mean_auxiliary(&self, x: &Matrix<B>) -> OpResult<B, Option<Matrix<B>>> {
        let encode = |of: &super::auxiliary::Auxiliary<B>| Ok(of.encode(&mut NoneTape, x)?.mean);
        self.network.auxiliary().map(encode).transpose()
    }

    /// p(x|z, y) of some rows.
    fn try_decode(
        &self,
        z: &Matrix<B>,
        given: &Given,
        draw: Option<&mut ChaCha8Rng>,
    ) -> OpResult<B, (Vec<f32>, Vec<f32>)> {
        let tape = &mut NoneTape;
        let mut auxiliary = None;
        if let Some((networks, width)) = self.network.auxiliary().zip(self.configuration.auxiliary)
        {
            let prior = networks.decode(tape, Fixed(z), given)?;
            auxiliary = Some(match draw {
                None => prior.mean,
                Some(rng) => {
                    let noise = standard_normal(&self.device, (rows_of(z), width), rng)?;
                    B::reparameterise(tape, &prior.mean, &prior.log_std, &noise)?
                }
            });
        }
        self.network.decode(tape, Fixed(z), auxiliary.as_ref(), given)?.values()
    }

    fn try_encode(&self, x: &Matrix<B>, given: &Given) -> OpResult<B, (Vec<f32>, Vec<f32>)> {
        let auxiliary = self.mean_auxiliary(x)?;
        let posterior = self.network.encode(&mut NoneTape, x, auxiliary.as_ref(), given)?;
        let std = posterior.log_std.as_vec().into_iter().map(f32::exp).collect();
        Ok((posterior.mean.as_vec(), std))
    }

    /// Runs `compute` on chunks of rows with their classes and joins the two results.
    fn with_classes(
        &self,
        rows: ArrayView2<f32>,
        classes: &ClassLists,
        (width, op): (usize, &'static str),
        mut compute: impl FnMut(&Matrix<B>, &Given) -> OpResult<B, (Vec<f32>, Vec<f32>)>,
    ) -> Result<Pair> {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for chunk in chunks(rows.nrows()) {
            let matrix = gather(&self.device, rows, &chunk).map_err(device_error(op))?;
            let range = chunk[0]..chunk[0] + chunk.len();
            let classes = classes.iter().map(|list| list[range.clone()].into()).collect();
            let given = Given { rows: chunk.len(), classes };
            let (a, b) = compute(&matrix, &given).map_err(device_error(op))?;
            first.extend(a);
            second.extend(b);
        }
        let shape = (rows.nrows(), width);
        let array = |values| Array2::from_shape_vec(shape, values).map_err(device_error(op));
        Ok((array(first)?, array(second)?))
    }

    fn try_bound(
        &self,
        data: ArrayView2<f32>,
        rows: &[usize],
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Vec<Terms>> {
        let part = Part::gather(&self.device, data, self.configuration.inputs, rows)?;
        let wanted = Wanted { bound: true, classification: false };
        Ok(self.evaluate(&mut NoneTape, &part, wanted, rng)?.terms())
    }
}

impl<B: Backend> Engine for Model<B> {
    fn set_unlabelled(&mut self, rows: Option<Arc<Array2<f32>>>) {
        Model::set_unlabelled(self, rows);
    }

    fn log_class_probs(&self, label: usize, x: ArrayView2<f32>) -> Result<Array2<f32>> {
        let compute = |x: &Matrix<B>| {
            let auxiliary = self.mean_auxiliary(x)?;
            let tape = &mut NoneTape;
            let logits = self.network.classify(tape, label, x, auxiliary.as_ref())?;
            Ok(B::log_softmax(tape, &logits)?.as_vec())
        };
        in_chunks(&self.device, x, self.classes[label], "classification", compute)
    }

    fn encode(&self, x: ArrayView2<f32>, classes: &ClassLists) -> Result<Pair> {
        let what = (self.configuration.latent, "encoding");
        self.with_classes(x, classes, what, |x, given| self.try_encode(x, given))
    }

    fn decode(
        &self,
        z: ArrayView2<f32>,
        classes: &ClassLists,
        mut draw: Option<&mut ChaCha8Rng>,
    ) -> Result<Pair> {
        let what = (self.configuration.inputs, "decoding");
        self.with_classes(z, classes, what, |z, given| {
            self.try_decode(z, given, draw.as_deref_mut())
        })
    }

    fn bound(&self, data: ArrayView2<f32>, rng: &mut ChaCha8Rng) -> Result<Vec<Terms>> {
        let all: Vec<usize> = (0..data.nrows()).collect();
        let mut terms = vec![Terms::default(); data.nrows()];
        for rows in self.parts(data, &all) {
            let of_rows = self.try_bound(data, &rows, rng).map_err(device_error("the bound"))?;
            rows.iter().zip(of_rows).for_each(|(&row, of_row)| terms[row] = of_row);
        }
        Ok(terms)
    }
}
