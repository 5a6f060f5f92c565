//! Both forms against the definition, and their gradients against its finite differences.

use dfdx::tensor::{Cpu, NoneTape, OwnedTape};

use super::*;
use crate::ops::{
    Operand::{Fixed, Traced},
    testing::{Case, check, matrix, weighted},
};

/// The operation as its formula says, one image after the other.
fn definition(inputs: &[Vec<f64>], geometry: Geometry, activation: fn(f64) -> f64) -> Vec<f64> {
    let Geometry { channels, height, width, outputs, kernel, padding, pooled } = geometry;
    let (x, weight, bias) = (&inputs[0], &inputs[1], &inputs[2]);
    let sum = |image: &[f64], output: usize, row: usize, column: usize| {
        let mut sum = bias[output];
        for channel in 0..channels {
            for (i, j) in (0..kernel).flat_map(|i| (0..kernel).map(move |j| (i, j))) {
                let (y, x) = (row + i, column + j);
                if y >= padding && x >= padding && y < height + padding && x < width + padding {
                    let pixel = (channel * height + y - padding) * width + x - padding;
                    let weight = weight[((output * channels + channel) * kernel + i) * kernel + j];
                    sum += weight * image[pixel];
                }
            }
        }
        sum
    };
    let (rows, columns) = geometry.output_size();
    let mut y = Vec::new();
    for image in x.chunks(channels * height * width) {
        for output in 0..outputs {
            for (row, column) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
                let values: Vec<f64> = match pooled {
                    true => [(0, 0), (0, 1), (1, 0), (1, 1)]
                        .map(|(i, j)| sum(image, output, 2 * row + i, 2 * column + j))
                        .to_vec(),
                    false => vec![sum(image, output, row, column)],
                };
                y.push(activation(values.into_iter().fold(f64::NEG_INFINITY, f64::max)));
            }
        }
    }
    y
}

fn geometries() -> Vec<Geometry> {
    let of = |(channels, height, width), outputs, kernel, padding, pooled| Geometry {
        channels,
        height,
        width,
        outputs,
        kernel,
        padding,
        pooled,
    };
    vec![
        of((1, 1, 1), 1, 1, 0, false),
        of((1, 2, 2), 1, 1, 0, true),
        of((2, 4, 5), 3, 3, 0, false),
        of((2, 5, 4), 3, 3, 1, true),
        of((1, 9, 7), 7, 5, 2, true),
        of((3, 7, 9), 2, 5, 0, true),
        of((3, 6, 6), 6, 5, 4, false),
        of((2, 8, 8), 5, 7, 3, true),
        of((1, 3, 8), 4, 2, 1, false),
    ]
}

fn check_geometry(geometry: Geometry, rows: usize, activation: Activation, of: fn(f64) -> f64) {
    let weights = geometry.kernel_weights();
    check(Case {
        inputs: vec![
            matrix(rows, geometry.inputs(), 1),
            matrix(geometry.outputs, weights, 2),
            matrix(1, geometry.outputs, 3),
        ],
        definition: &|inputs| definition(inputs, geometry, of),
        fused: &|tape, t| fused(tape, geometry, Traced(&t[0]), &t[1], &t[2], activation),
        composed: &|tape, t| composed(tape, geometry, Traced(&t[0]), &t[1], &t[2], activation),
    });
}

#[test]
fn every_geometry_agrees_with_the_definition_and_its_finite_differences() {
    for geometry in geometries() {
        check_geometry(geometry, 3, Activation::Identity, |x| x);
    }
}

#[test]
fn several_blocks_of_images_agree_with_the_definition() {
    for geometry in [geometries()[3], geometries()[4]] {
        // More than two vectors of the widest machine, and a remainder.
        check_geometry(geometry, 37, Activation::Relu, |x| x.max(0.0));
        check_geometry(geometry, 16, Activation::Tanh, f64::tanh);
    }
}

#[test]
fn fixed_inputs_get_no_gradient_and_the_parameters_the_same() {
    let geometry = geometries()[5];
    let (x, w, b) = (
        matrix(5, geometry.inputs(), 7),
        matrix(geometry.outputs, geometry.kernel_weights(), 8),
        matrix(1, geometry.outputs, 9),
    );
    let gradients = |x_operand: Operand<Cpu>| {
        let mut tape = OwnedTape::default();
        let y = fused(&mut tape, geometry, x_operand, &w, &b, Activation::Relu).unwrap();
        let mut gradients = dfdx::tensor_ops::Backward::backward(weighted(&y, tape));
        let of_x = gradients.get_or_alloc_mut(&x).unwrap().to_vec();
        (of_x, gradients.get(&w).as_vec(), gradients.get(&b).as_vec())
    };
    let (fixed, traced) = (gradients(Fixed(&x)), gradients(Traced(&x)));
    assert!(fixed.0.iter().all(|value| *value == 0.0));
    assert!(traced.0.iter().any(|value| *value != 0.0));
    assert_eq!((fixed.1, fixed.2), (traced.1, traced.2));
}

#[test]
fn the_first_of_equal_values_gets_the_gradient() {
    let geometry = Geometry {
        channels: 1,
        height: 2,
        width: 2,
        outputs: 1,
        kernel: 1,
        padding: 0,
        pooled: true,
    };
    let (x, w, b) = (matrix(1, 4, 1) * 0.0 + 3.0, matrix(1, 1, 2), matrix(1, 1, 3));
    let mut tape = OwnedTape::default();
    let y = fused(&mut tape, geometry, Traced(&x), &w, &b, Activation::Identity).unwrap();
    let gradients = dfdx::tensor_ops::Backward::backward(weighted(&y, tape));
    let of_x = gradients.get(&x).as_vec();
    assert!(of_x[0] != 0.0 && of_x[1..].iter().all(|value| *value == 0.0), "{of_x:?}");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads_nor_on_the_images_beside_one() {
    let geometry = geometries()[4];
    let (x, w, b) = (
        matrix(50, geometry.inputs(), 1),
        matrix(geometry.outputs, geometry.kernel_weights(), 2),
        matrix(1, geometry.outputs, 3),
    );
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut tape = OwnedTape::default();
            let y = fused(&mut tape, geometry, Traced(&x), &w, &b, Activation::Relu).unwrap();
            let gradients = dfdx::tensor_ops::Backward::backward(weighted(&y, tape));
            [y.as_vec(), gradients.get(&x).as_vec(), gradients.get(&w).as_vec()]
        })
    };
    assert_eq!(run(1), run(3));
    let first = Cpu::default();
    let first = dfdx::tensor::TensorFromVec::tensor_from_vec(
        &first,
        x.as_vec()[..geometry.inputs()].to_vec(),
        (1, geometry.inputs()),
    );
    let alone = fused(&mut NoneTape, geometry, Fixed(&first), &w, &b, Activation::Relu).unwrap();
    assert_eq!(alone.as_vec(), run(1)[0][..geometry.output_values()]);
}
