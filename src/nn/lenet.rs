//! LeNet-5 (LeCun, Bottou, Bengio and Haffner 1998), as it is built today: rectifiers, max pooling,
//! and logits at the end.

use dfdx::tensor::Tape;
use rand_chacha::ChaCha8Rng;

use super::{Conditional, Convolution, Dense, Given, Inputs, Parameters, named};
use crate::ops::{Activation, Backend, Geometry, Matrix, OpResult, Operand, Traced};

/// Side of all kernels.
const KERNEL: usize = 5;
/// Maps of the first and of the second convolution.
const MAPS: [usize; 2] = [6, 16];
/// Units of the dense layers before the last.
const UNITS: [usize; 2] = [120, 84];

/// Image → 5×5 convolution to 6 maps with two zeros around the image, 2×2 max pooling → 5×5
/// convolution to 16 maps, 2×2 max pooling → 120 units → 84 units → logits.
///
/// What is given beside the image joins the maps at the first dense layer.
#[derive(Clone, Debug)]
pub(crate) struct LeNet<B: Backend> {
    first: Convolution<B>,
    second: Convolution<B>,
    dense: Conditional<B>,
    last: Dense<B>,
}

impl<B: Backend> LeNet<B> {
    /// Rows and columns of the smallest image.
    pub const SMALLEST: usize = 12;

    /// For images of height × width, `beside` them other inputs, and so many classes.
    pub fn new(
        device: &B,
        frame: (usize, usize),
        beside: Inputs,
        classes: usize,
        rng: &mut ChaCha8Rng,
    ) -> OpResult<B, Self> {
        let [first, second] = geometries(frame);
        let relu = Activation::Relu;
        let widths = [&[second.output_values()], beside.widths].concat();
        let inputs = Inputs { widths: &widths, classes: beside.classes };
        Ok(Self {
            first: Convolution::new(device, first, relu, rng)?,
            second: Convolution::new(device, second, relu, rng)?,
            dense: Conditional::new(device, inputs, &UNITS, relu, rng)?,
            last: Dense::new(device, UNITS[1], classes, Activation::Identity, rng)?,
        })
    }

    /// Images, (n, height·width), and what is given beside each → logits, (n, classes).
    pub fn forward<T: Tape<f32, B>>(
        &self,
        tape: &mut T,
        x: Operand<B>,
        beside: &[Operand<B>],
        given: &Given,
    ) -> OpResult<B, Matrix<B>> {
        let maps = self.first.forward(tape, x)?;
        let maps = self.second.forward(tape, Traced(&maps))?;
        let inputs = [&[Traced(&maps)], beside].concat();
        let hidden = self.dense.forward(tape, &inputs, given)?;
        self.last.forward(tape, Traced(&hidden))
    }
}

/// The two convolutions.
fn geometries((height, width): (usize, usize)) -> [Geometry; 2] {
    let first = Geometry {
        channels: 1,
        height,
        width,
        outputs: MAPS[0],
        kernel: KERNEL,
        padding: 2,
        pooled: true,
    };
    let (height, width) = first.output_size();
    let second =
        Geometry { channels: MAPS[0], height, width, outputs: MAPS[1], padding: 0, ..first };
    [first, second]
}

impl<B: Backend> Parameters<B> for LeNet<B> {
    fn parameters(&self) -> Vec<(String, &Matrix<B>)> {
        [
            named("first", &self.first),
            named("second", &self.second),
            named("dense", &self.dense),
            named("last", &self.last),
        ]
        .concat()
    }

    fn parameters_mut(&mut self) -> Vec<&mut Matrix<B>> {
        let convolutions = [self.first.parameters_mut(), self.second.parameters_mut()];
        let dense = [self.dense.parameters_mut(), self.last.parameters_mut()];
        convolutions.into_iter().chain(dense).flatten().collect()
    }
}
