//! Networks from images to the logits of classes.

use dfdx::{
    shapes::HasShape,
    tensor::{NoneTape, Tape},
};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Batch, Conditional, Dense, Given, Inputs, LeNet, Learn, Parameters, named};
use crate::{
    ops::{Activation, Backend, Fixed, Matrix, OpResult, Operand, Traced, Vector},
    train::Criterion,
};

/// How a network from images to classes is built.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Architecture {
    /// See [`LeNet`]; of images of one channel.
    LeNet5,
    /// Dense layers with these sizes, at least one, and a last one to the logits.
    Dense { hidden: Vec<usize>, activation: Activation },
}

/// p(y|x, what is given beside x): logits of the classes of y.
#[derive(Clone, Debug)]
pub(crate) enum ClassNetwork<B: Backend> {
    LeNet(Box<LeNet<B>>),
    Dense { hidden: Box<Conditional<B>>, last: Dense<B> },
}

impl<B: Backend> ClassNetwork<B> {
    /// Fresh parameters. Images have height × width pixels; `beside` them are other inputs.
    pub fn new(
        device: &B,
        architecture: &Architecture,
        frame: (usize, usize),
        beside: Inputs,
        classes: usize,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        match architecture {
            Architecture::LeNet5 => {
                let network = LeNet::new(device, frame, beside, classes, rng)?;
                Ok(ClassNetwork::LeNet(Box::new(network)))
            }
            Architecture::Dense { hidden, activation } => {
                let widths = [&[frame.0 * frame.1], beside.widths].concat();
                let inputs = Inputs { widths: &widths, classes: beside.classes };
                let width = hidden.last().copied().unwrap_or_default();
                let linear = Activation::Identity;
                Ok(ClassNetwork::Dense {
                    hidden: Box::new(Conditional::new(device, inputs, hidden, *activation, rng)?),
                    last: Dense::new(device, width, classes, linear, rng)?,
                })
            }
        }
    }

    /// Images, (n, height·width), and what is given beside each → logits, (n, classes).
    pub fn forward<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: Operand<B>,
        beside: &[Operand<B>],
        given: &Given,
    ) -> OpResult<B, Matrix<B>> {
        match self {
            ClassNetwork::LeNet(network) => network.forward(tape, x, beside, given),
            ClassNetwork::Dense { hidden, last } => {
                let inputs = [&[x], beside].concat();
                let hidden = hidden.forward(tape, &inputs, given)?;
                last.forward(tape, Traced(&hidden))
            }
        }
    }
}

impl<B: Backend> Learn<B> for ClassNetwork<B> {
    type Part = ();

    const CRITERION: Criterion = Criterion::LogLikelihood;

    /// log p(y|x), with y one-hot.
    fn objective<T: Tape<f32, B>>(&self, tape: &mut T, batch: &Batch<B>) -> OpResult<B, Vector<B>> {
        let logits = self.forward(tape, Fixed(&batch.x), &[], &batch.given)?;
        B::categorical_log_prob(tape, &batch.y, &logits)
    }

    fn right(&self, batch: &Batch<B>) -> OpResult<B, Option<usize>> {
        let logits = self.forward(&mut NoneTape, Fixed(&batch.x), &[], &batch.given)?;
        let classes = logits.shape().1;
        let own: Vec<usize> = batch.y.as_vec().chunks(classes).map(highest).collect();
        Ok(Some(rows_right(&logits.as_vec(), &own)))
    }

    /// log p(class|x) of every class.
    fn output(&self, (): (), x: &Matrix<B>, given: &Given) -> OpResult<B, Matrix<B>> {
        let logits = self.forward(&mut NoneTape, Fixed(x), &[], given)?;
        B::log_softmax(&mut NoneTape, &logits)
    }
}

/// The place of the highest value; of equal ones the first.
fn highest(row: &[f32]) -> usize {
    let places = row.iter().enumerate().rev();
    places.max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(place, _)| place)
}

/// Of how many rows, each with as many values as there are classes, the highest value is that of
/// their `own` class.
pub(crate) fn rows_right(values: &[f32], own: &[usize]) -> usize {
    let classes = (values.len() / own.len().max(1)).max(1);
    values.chunks(classes).zip(own).filter(|(row, own)| highest(row) == **own).count()
}

impl<B: Backend> Parameters<B> for ClassNetwork<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        match self {
            ClassNetwork::LeNet(network) => network.parameters(),
            ClassNetwork::Dense { hidden, last } => {
                [named("hidden", &**hidden), named("last", last)].concat()
            }
        }
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        match self {
            ClassNetwork::LeNet(network) => network.parameters_mut(),
            ClassNetwork::Dense { hidden, last } => {
                hidden.parameters_mut().into_iter().chain(last.parameters_mut()).collect()
            }
        }
    }
}
