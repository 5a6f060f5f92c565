//! The time of one training step of LeNet-5 and of its parts, to set beside PyTorch's: `lenet` is
//! the model of the same name in the peers' `speed.py` (28×28, batch 128, 10 classes, Adam).
//!
//!     cargo bench --bench lenet
//!
//! The output is one JSON object a case, in the peers' form.

use std::time::Instant;

use elbo::{
    Device, Fit,
    classify::{Committee, DeepNetwork, LeNet, NetworkClassifier, NetworkKind},
    data::Images,
    ndarray::Array2,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const BATCH: usize = 128;
/// Steps in an epoch.
const STEPS: usize = 16;
/// Trainings timed; the median is reported.
const REPEATS: usize = 15;

fn noise<const SIDE: usize>(count: usize) -> Images<SIDE, SIDE> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let pixels = Array2::from_shape_simple_fn((count, SIDE * SIDE), || rng.random::<f32>());
    let digits = (0..count).map(|_| rng.random_range(0..10)).collect();
    let images = Images::from_array(pixels).and_then(|images| images.with_label("digit", digits));
    images.expect("noise is made of pixels")
}

/// Milliseconds a step.
fn time<N: NetworkKind, const SIDE: usize>(
    name: &str,
    mut network: NetworkClassifier<N, SIDE, SIDE>,
    images: &Images<SIDE, SIDE>,
    epochs: usize,
) {
    let fit = || Fit::new().epochs(epochs).batch(BATCH).validation(0.0);
    let mut times: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let started = Instant::now();
            network.fit(images, fit()).expect("the benchmark's training runs");
            let steps = epochs * images.len().div_ceil(BATCH);
            started.elapsed().as_secs_f64() * 1e3 / steps as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (median, device) = (times[REPEATS / 2], Device::best());
    println!("{{\"case\": \"{name}\", \"peer\": \"elbo on {device}\", \"ms\": {median:.4}}}");
}

fn main() {
    let images = noise::<28>(STEPS * BATCH);
    let large = noise::<100>(2 * BATCH);
    let valid = "the benchmark's model is valid";
    time("lenet", LeNet::params().build(&images, "digit").expect(valid), &images, 16);
    time("deep network", DeepNetwork::params().build(&images, "digit").expect(valid), &images, 8);
    let committee = Committee::params().members(5).build(&images, "digit").expect(valid);
    time("committee of 5 lenet", committee, &images, 2);
    time("lenet, 100×100", LeNet::params().build(&large, "digit").expect(valid), &large, 2);
}
