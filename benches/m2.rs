//! The time of one step of M2, to set beside PyTorch's `m2` in the peers' `speed.py`: 784-400-20, ten
//! classes, LeNet-5 as q(y|x), 64 labelled and 64 unlabelled rows, Adam; and the same with 97 writers.
//!
//!     cargo bench --bench m2
//!
//! The last lines are one JSON object a case, in the peers' form.

use std::time::{Duration, Instant};

use criterion::Criterion;
use elbo::{Device, Fit, M2, ndarray::Array2, semi_supervised::Weighting};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const BATCH: usize = 64;

/// A training on random rows of `steps` steps a call.
fn model<const K: usize>(steps: usize) -> impl FnMut() {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut rows = || Array2::from_shape_simple_fn((steps * BATCH, 784), || rng.random::<f32>());
    let (labelled, unlabelled) = (rows(), rows());
    let labels: Vec<u32> = (0..labelled.nrows()).map(|row| (row % K) as u32).collect();
    let weighting = Weighting::Classification(50.0);
    let mut m2 = M2::<784, K, 20>::params().weighting(weighting).build().expect("valid settings");
    m2.unlabelled(&unlabelled).expect("rows within [0, 1]");
    move || {
        let fit = Fit::new().epochs(1).batch(BATCH).validation(0.0);
        m2.fit(&labelled, &labels, fit).expect("the benchmark's training runs");
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(6))
        .sample_size(10)
        .configure_from_args();
    let mut lines = Vec::new();
    // Enough steps that starting and ending a training do not count.
    let cases: [(&str, usize, Box<dyn FnMut()>); 2] =
        [("m2", 128, Box::new(model::<10>(128))), ("m2-97", 16, Box::new(model::<97>(16)))];
    for (name, steps, mut train) in cases {
        let mut times = Vec::new();
        criterion.bench_function(&format!("{name}: {steps} steps"), |bencher| {
            bencher.iter_custom(|iterations| {
                let started = Instant::now();
                for _ in 0..iterations {
                    let each = Instant::now();
                    train();
                    times.push(each.elapsed().as_secs_f64() * 1e3 / steps as f64);
                }
                started.elapsed()
            });
        });
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
        let device = Device::best();
        lines.push(format!(
            "{{\"case\": \"{name}\", \"peer\": \"elbo on {device}\", \"ms\": {median:.4}}}"
        ));
    }
    criterion.final_summary();
    println!("{}", lines.join("\n"));
}
