//! The time of MEGA as a regulariser, to set beside PyTorch's: `mega` is the case of the same name in
//! the peers' `speed.py` (2MEGA-F of 500 rows against 5,000 draws of z, 784 columns, value and
//! gradient in single precision). `wide` has more columns than rows and draws together.
//!
//!     cargo bench --bench mega
//!
//! Criterion prints the interval; the last lines are one JSON object a case, in the peers' form.

use std::time::{Duration, Instant};

use criterion::Criterion;
use elbo::{
    Device,
    mega::Regulariser,
    ndarray::{Array2, ArrayView2},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Name, rows, draws and columns.
const CASES: [(&str, usize, usize, usize); 2] =
    [("mega", 500, 5000, 784), ("wide", 200, 400, 3000)];

fn step(regulariser: &Regulariser, mean: ArrayView2<f32>, variance: ArrayView2<f32>) -> f64 {
    let gap = regulariser.at(mean, variance).expect("the benchmark's sizes agree");
    std::hint::black_box(gap.gradient(0.0, 1.0));
    gap.second()
}

fn main() {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(6))
        .sample_size(20)
        .configure_from_args();
    let mut lines = Vec::new();
    for (name, rows, draws, columns) in CASES {
        let mut uniform =
            |rows| Array2::from_shape_simple_fn((rows, columns), || rng.random::<f32>());
        let (data, mean, variance) = (uniform(rows), uniform(draws), uniform(draws));
        let regulariser = Regulariser::new(&data).expect("the benchmark's data are finite");
        let mut times = Vec::new();
        criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                let started = Instant::now();
                for _ in 0..iterations {
                    let each = Instant::now();
                    std::hint::black_box(step(&regulariser, mean.view(), variance.view()));
                    times.push(each.elapsed().as_secs_f64() * 1e3);
                }
                started.elapsed()
            });
        });
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or(f64::NAN);
        let device = Device::cpu();
        lines.push(format!(
            "{{\"case\": \"{name}\", \"peer\": \"elbo on {device}\", \"ms\": {median:.4}}}"
        ));
    }
    criterion.final_summary();
    println!("{}", lines.join("\n"));
}
