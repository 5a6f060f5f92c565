//! SAVAE, Cox regression and the Weibull AFT model on real cohorts: 5 folds × 3 seeds, all kept, on the
//! folds of scikit-learn's `KFold(5, shuffle=True, random_state=seed)`, with the same settings for all
//! cohorts.
//!
//!     ELBO_DATA=data cargo run --release --example survival_benchmark
//!
//! Names of cohorts may follow, and `together`, which keeps rows that repeat one another in one fold.

use std::path::Path;

use elbo::{
    Fit, Savae,
    survival::{Cohort, Cox, CrossValidation, Family, Measure, MissingCells, Recipe, WeibullAft},
};

const COHORTS: [&str; 5] = ["whas", "pbc", "nwtco", "std", "flchain"];
const SEEDS: std::ops::Range<u64> = 0..3;

/// Columns whose numbers are names of classes.
fn classes(cohort: &str) -> &'static [&'static str] {
    match cohort {
        "pbc" => &["edema", "stage"],
        "nwtco" => &["stage"],
        "std" => &["race", "marital", "iinfct", "condom"],
        "flchain" => &["sample.yr", "flc.grp"],
        _ => &[],
    }
}

fn read(folder: &Path, name: &str) -> elbo::Result<Cohort> {
    let mut params = Cohort::params("time", "event");
    for column in classes(name) {
        params = params.family(*column, Family::Categorical);
    }
    params.csv(folder.join(format!("survival/{name}.csv")))
}

/// The encoder reads what predictions read, the covariates alone, and the one time of a patient counts
/// as much as ten covariates, so that z keeps what matters for it.
fn savae(train: &Cohort, seed: u64) -> elbo::Result<Savae<5>> {
    let fit = Fit::new().epochs(600).batch(256).learning_rate(5e-3).seed(seed);
    let fit = fit.validation(0.15).patience(60);
    let params = Savae::params().hidden(50).hidden_outcomes(1.0).time_weight(10.0).seed(seed);
    Ok(params.fit(train, fit)?.0)
}

fn recipes() -> [Recipe<'static>; 3] {
    [
        Recipe::new("SAVAE", savae),
        Recipe::new("Cox", |train: &Cohort, _| {
            Cox::params().ridge(1e-3).missing(MissingCells::Mean).fit(train)
        }),
        Recipe::new("Weibull AFT", |train: &Cohort, _| {
            WeibullAft::params().ridge(1e-3).missing(MissingCells::Mean).fit(train)
        }),
    ]
}

fn main() -> elbo::Result<()> {
    let Some(folder) = std::env::var_os("ELBO_DATA").filter(|folder| !folder.is_empty()) else {
        println!("skipped: the benchmark on real cohorts needs ELBO_DATA");
        return Ok(());
    };
    let (flags, mut names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument == "together");
    if names.is_empty() {
        names = COHORTS.map(str::to_owned).into();
    }
    let params = CrossValidation::params().folds(5).seeds(SEEDS);
    let params = if flags.is_empty() { params } else { params.repeats_together() };
    for name in names {
        let result = params.run(&read(Path::new(&folder), &name)?, &recipes())?;
        println!("\n{name}\n{}", result.table().to_text());
        for measure in [Measure::AdjustedAntolini, Measure::IntegratedBrier] {
            println!("\n{}", result.comparisons("Cox", measure)?.to_text());
        }
    }
    Ok(())
}
