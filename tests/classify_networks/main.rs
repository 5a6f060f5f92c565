//! Networks that classify images: learning, files, committees, predictors, errors.

mod errors;
mod files;
mod learning;
#[path = "../support/real_data.rs"]
mod real_data;
mod results;

use elbo::{
    data::{Images, handwriting},
    ndarray::Array2,
    rand::{RngExt, SeedableRng, rngs::StdRng},
};

/// Drawn digits of some writers.
fn digits(writers: usize, repeats: usize) -> Images<28, 28> {
    handwriting().writers(writers).repeats(repeats).seed(1).images::<28>()
}

/// Images of noise, which tell nothing of their labels.
fn noise(count: usize) -> Images<12, 12> {
    let mut rng = StdRng::seed_from_u64(7);
    let pixels = Array2::from_shape_simple_fn((count, 144), || rng.random::<f32>());
    let digits: Vec<u32> = (0..count).map(|_| rng.random_range(0..4)).collect();
    Images::from_array(pixels).unwrap().with_label("digit", digits).unwrap()
}
