//! The time of one training step, to set beside PyTorch's: `vae` and `gvae` are the models of the
//! same names in the peers' `speed.py` (784-400-20, batch 128, Adam).
//!
//!     cargo bench --bench step
//!
//! Criterion prints the interval; the last lines are one JSON object a case, in the peers' form.

use std::time::{Duration, Instant};

use criterion::Criterion;
use elbo::{Device, Emission, Fit, Vae, ndarray::Array2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const BATCH: usize = 128;
/// Steps in one training: enough that starting and ending it do not count.
const STEPS: usize = 256;

fn cases() -> [(&'static str, Emission); 3] {
    [
        ("vae", Emission::Bernoulli),
        ("gvae", Emission::Normal { minimum_std: 1e-3 }),
        ("shared-std", Emission::NormalSharedStd),
    ]
}

/// `steps` steps of a training that has nothing else to do.
fn train(vae: &mut Vae<784, 20>, data: &Array2<f32>, steps: usize) {
    let fit = Fit::new().epochs(steps.div_ceil(data.nrows() / BATCH)).batch(BATCH).validation(0.0);
    vae.fit(data, fit).expect("the benchmark's training runs");
}

fn main() {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let data = Array2::from_shape_simple_fn((STEPS * BATCH, 784), || rng.random::<f32>());
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(6))
        .sample_size(10)
        .configure_from_args();
    let mut lines = Vec::new();
    for (name, emission) in cases() {
        let build = Vae::<784, 20>::params().hidden([400]).emission(emission).build();
        let mut vae = build.expect("the benchmark's model is valid");
        let mut times = Vec::new();
        criterion.bench_function(&format!("{name}: {STEPS} steps"), |bencher| {
            bencher.iter_custom(|iterations| {
                let started = Instant::now();
                for _ in 0..iterations {
                    let each = Instant::now();
                    train(&mut vae, &data, STEPS);
                    times.push(each.elapsed().as_secs_f64() * 1e3 / STEPS as f64);
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
