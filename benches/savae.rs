//! The time of one training step of a SAVAE, to set beside the peers' `speed.py savae` (21 mixed
//! covariates, 50 hidden units, 5 latent dimensions, batch 64), and that of the predictions of 1,000
//! patients under 4 combinations of treatments with 1,000 draws each.
//!
//!     cargo bench --bench savae
//!
//! Criterion prints the interval; the last lines are one JSON object a case, in the peers' form.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::Criterion;
use elbo::{
    Cohort, Device, Fit, Savae,
    savae::{Prediction, Proposal},
    survival::{Covariate, Durations, Events, Family, FollowUp, Treatment},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const BATCH: usize = 64;
/// Steps in one training: enough that starting and ending it do not count.
const STEPS: usize = 512;

/// Ten normal covariates, eight of two levels, one of three, and two treatments: 21 cells.
fn cohort(count: usize) -> elbo::Result<Cohort> {
    let rng = &mut ChaCha8Rng::seed_from_u64(0);
    let mut covariates = Vec::new();
    for number in 0..19 {
        let (family, levels) = match number {
            0..10 => (Family::Normal, 0),
            10..18 => (Family::Bernoulli, 2),
            _ => (Family::Categorical, 3),
        };
        let values: Vec<f64> = (0..count)
            .map(|_| match levels {
                0 => StandardNormal.sample(rng),
                levels => f64::from(rng.random_range(0..levels)),
            })
            .collect();
        covariates.push(Covariate::new(format!("x{number}"), family, values)?);
    }
    let times: Vec<f64> = (0..count).map(|_| rng.random::<f64>() + 0.1).collect();
    let events: Vec<bool> = (0..count).map(|_| rng.random()).collect();
    let follow_up = FollowUp::new(Durations::months(times), Events::observed(events))?;
    let given = (0..2).map(|number| {
        let given: Vec<bool> = (0..count).map(|_| rng.random()).collect();
        Treatment::new(format!("t{number}"), given)
    });
    let treatments = given.collect();
    Cohort::new(follow_up, covariates)?.with_treatments(treatments)
}

/// Survival at the end of four years and the median, under every combination of treatments.
fn predict(savae: &Savae<5>, patients: &Cohort) -> elbo::Result<f64> {
    let mut sum = 0.0;
    for (_, predictions) in savae.predict_all(patients)? {
        sum += predictions.survival(&[0.25, 0.5, 1.0])?.sum() + predictions.median().sum();
    }
    Ok(sum)
}

fn main() {
    let train = cohort(STEPS * BATCH).expect("the benchmark's cohort is consistent");
    let patients = cohort(1_000).expect("the benchmark's cohort is consistent");
    let build = Savae::<5>::params().build(&train);
    let mut savae = build.expect("the benchmark's model is valid");
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(6))
        .sample_size(10)
        .configure_from_args();
    let mut lines = Vec::new();
    let mut case = |name: &str, per: f64, work: &mut dyn FnMut()| {
        let mut times = Vec::new();
        criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                let started = Instant::now();
                for _ in 0..iterations {
                    let each = Instant::now();
                    work();
                    times.push(each.elapsed().as_secs_f64() * 1e3 / per);
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
    };
    case("savae", STEPS as f64, &mut || {
        let fit = Fit::new().epochs(1).batch(BATCH).validation(0.0);
        savae.fit(&train, fit).expect("the benchmark's training runs");
    });
    for proposal in [Proposal::Encoder, Proposal::Prior] {
        savae.set_prediction(Prediction::new().draws(1_000).proposal(proposal));
        case(&format!("predictions, {proposal:?}"), 1.0, &mut || {
            black_box(predict(&savae, &patients).expect("the benchmark's patients are known"));
        });
    }
    criterion.final_summary();
    println!("{}", lines.join("\n"));
}
