//! Cox regression and concordance on the real cohort `flchain`, to set beside what the peers'
//! `survival.py` prints for it (`lifelines_ms`, `sksurv_ms`, `harrell_ms`, `uno_ms`). Needs
//! `ELBO_DATA`.
//!
//!     cargo bench --bench survival
//!
//! Criterion prints the interval; the last lines are one JSON object a case, in the peers' form: first
//! ours, then theirs, as recorded together with the reference values of the tests.

use std::{
    hint::black_box,
    path::PathBuf,
    time::{Duration, Instant},
};

use criterion::Criterion;
use elbo::survival::{
    Cohort, Cox, Family, KaplanMeier, SurvivalModel,
    scores::{Brier, Censoring, harrell, uno},
};

/// Complete cases with a positive time; all columns as numbers, as the peers have them.
fn flchain(folder: PathBuf) -> elbo::Result<Cohort> {
    let mut params = Cohort::params("time", "event");
    for column in ["age", "sex", "sample.yr", "kappa", "lambda", "flc.grp", "creatinine", "mgus"] {
        params = params.family(column, Family::Normal);
    }
    let cohort = params.csv(folder.join("survival/flchain.csv"))?.complete_cases()?;
    let positive = |&i: &usize| cohort.follow_up().times()[i] > 0.0;
    cohort.select(&(0..cohort.len()).filter(positive).collect::<Vec<_>>())
}

/// What the peers took on the machine where their reference values were made.
fn recorded() -> Vec<String> {
    let path = PathBuf::from("tests/survival/peers/flchain.json");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let peers: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let cox = &peers["cox_efron"];
    let line = |case: &str, peer: &str, ms: &serde_json::Value| {
        format!("{{\"case\": \"{case}\", \"peer\": \"{peer}, recorded\", \"ms\": {ms}}}")
    };
    vec![
        line("cox", "lifelines", &cox["lifelines_ms"]),
        line("cox", "scikit-survival", &cox["sksurv_ms"]),
        line("harrell", "lifelines", &peers["harrell_lifelines_ms"]),
        line("harrell", "scikit-survival", &peers["harrell_ms"]),
        line("uno", "scikit-survival", &peers["uno_ms"]),
        line("brier", "scikit-survival", &peers["brier"]["ms"]),
        line("kaplan-meier", "lifelines", &peers["kaplan_meier"]["ms"]),
    ]
}

fn main() {
    let Some(folder) = std::env::var_os("ELBO_DATA").filter(|name| !name.is_empty()) else {
        println!("skipped: the benchmark of survival analysis needs ELBO_DATA");
        return;
    };
    let cohort = flchain(folder.into()).expect("the benchmark's cohort can be read");
    let cox = Cox::fit(&cohort).expect("the benchmark's regression can be fitted");
    let risk = cox.risk(&cohort).expect("the cohort has its own columns").to_vec();
    let follow_up = cohort.follow_up();
    let censoring = Censoring::of(follow_up);
    let events = follow_up.event_times();
    let times: Vec<f64> = (1..=20).map(|i| events[i * (events.len() - 1) / 22]).collect();
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(3))
        .sample_size(20)
        .configure_from_args();
    let mut lines = Vec::new();
    let mut case = |name: &str, work: &dyn Fn()| {
        let mut best = f64::INFINITY;
        criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                let started = Instant::now();
                for _ in 0..iterations {
                    let each = Instant::now();
                    work();
                    best = best.min(each.elapsed().as_secs_f64() * 1e3);
                }
                started.elapsed()
            });
        });
        // The peers print the best of their runs, too.
        lines.push(format!("{{\"case\": \"{name}\", \"peer\": \"elbo\", \"ms\": {best:.4}}}"));
    };
    case("cox", &|| _ = black_box(Cox::fit(&cohort)));
    case("harrell", &|| _ = black_box(harrell(follow_up, &risk)));
    case("uno", &|| _ = black_box(uno(&Censoring::of(follow_up), follow_up, &risk, None)));
    case("brier", &|| _ = black_box(Brier::of(&cox, &censoring, &cohort, &times)));
    case("kaplan-meier", &|| _ = black_box(KaplanMeier::fit(follow_up)));
    criterion.final_summary();
    lines.extend(recorded());
    println!("{}", lines.join("\n"));
}
