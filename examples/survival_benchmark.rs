//! SAVAE, Cox regression and the Weibull AFT model on real cohorts: 5 folds × 3 seeds, all kept, on the
//! folds of scikit-learn's `KFold(5, shuffle=True, random_state=seed)`.
//!
//!     ELBO_DATA=data cargo run --release --example survival_benchmark -- whas pbc nwtco std flchain
//!
//! Settings are the same for all cohorts; `name=value` changes one, such as `seeds=1 hidden=100`.
//! `together` keeps repeated rows in one fold.

use std::{collections::BTreeMap, path::PathBuf};

use elbo::{
    Activation, Fit, Savae,
    display::RichDisplay,
    savae::TimeEmission,
    survival::{Cohort, Cox, CrossValidation, Family, Measure, MissingCells, Recipe, WeibullAft},
};

/// Columns whose numbers are names of classes, as the peers have them.
fn classes(cohort: &str) -> &'static [&'static str] {
    match cohort {
        "pbc" => &["edema", "stage"],
        "nwtco" => &["stage"],
        "std" => &["race", "marital", "iinfct", "condom"],
        "flchain" => &["sample.yr", "flc.grp"],
        _ => &[],
    }
}

fn read(folder: &std::path::Path, name: &str) -> elbo::Result<Cohort> {
    let mut params = Cohort::params("time", "event");
    for column in classes(name) {
        params = params.family(*column, Family::Categorical);
    }
    params.csv(folder.join(format!("survival/{name}.csv")))
}

fn main() -> elbo::Result<()> {
    let Some(folder) = std::env::var_os("ELBO_DATA").map(PathBuf::from) else {
        println!("skipped: the benchmark needs ELBO_DATA");
        return Ok(());
    };
    let (settings, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.contains('='));
    let settings: BTreeMap<&str, &str> =
        settings.iter().filter_map(|setting| setting.split_once('=')).collect();
    let number = |name: &str, default: f64| -> f64 {
        settings.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let together = names.iter().any(|name| name == "together");
    let emission = match settings.get("emission") {
        Some(&"mixture") => TimeEmission::WeibullMixture { components: 3 },
        Some(&"log-logistic") => TimeEmission::LogLogistic,
        Some(&"log-normal") => TimeEmission::LogNormal,
        _ => TimeEmission::Weibull,
    };
    let activation = match settings.get("activation") {
        Some(&"relu") => Activation::Relu,
        _ => Activation::Tanh,
    };
    for name in names.iter().filter(|name| *name != "together") {
        let mut cohort = read(&folder, name)?;
        if settings.contains_key("inner") {
            let splits = elbo::survival::Splits::seeded(cohort.len(), 5, [0])?;
            cohort = cohort.select(&splits.all()[0].train)?;
        }
        if settings.contains_key("show") {
            println!("{}", cohort.mime_bundle()?.text());
        }
        let savae = Recipe::new("SAVAE", |train: &Cohort, seed| {
            let fit = Fit::new()
                .epochs(number("epochs", 300.0) as usize)
                .batch(number("batch", 64.0) as usize)
                .learning_rate(number("rate", 1e-3))
                .weight_decay(number("decay", 0.0))
                .validation(number("validation", 0.15))
                .patience(number("patience", 30.0) as usize)
                .seed(seed);
            let mut params = Savae::<5>::params();
            if let Some(share) = settings.get("std").and_then(|t| t.parse().ok()) {
                params = params.minimum_std(share);
            }
            let params = params
                .hidden(number("hidden", 50.0) as usize)
                .dropout(number("dropout", 0.2))
                .hidden_outcomes(number("hide", 0.5))
                .time_weight(number("weight", 1.0))
                .draws(number("draws", 1.0) as usize)
                .activation(activation)
                .emission(emission)
                .seed(seed);
            Ok(params.fit(train, fit)?.0)
        });
        let cox = Recipe::new("Cox", |train: &Cohort, _| {
            Cox::params().ridge(1e-3).missing(MissingCells::Mean).fit(train)
        });
        let aft = Recipe::new("Weibull AFT", |train: &Cohort, _| {
            WeibullAft::params().ridge(1e-3).missing(MissingCells::Mean).fit(train)
        });
        let mut params = CrossValidation::params().folds(5).seeds(0..number("seeds", 3.0) as u64);
        if together {
            params = params.repeats_together();
        }
        let result = params.run(&cohort, &[savae, cox, aft])?;
        if settings.contains_key("short") {
            for model in &result.models {
                let ibs = model.mean(Measure::IntegratedBrier);
                let cox = result.model("Cox")?.mean(Measure::IntegratedBrier);
                println!(
                    "{name:8} {:12} {:.4} {:.4} {:+.1}% {:.2}s",
                    model.name,
                    model.mean(Measure::Antolini),
                    ibs,
                    100.0 * (ibs / cox - 1.0),
                    model.folds.iter().map(|f| f.fit_seconds).sum::<f64>()
                        / model.folds.len() as f64
                );
            }
            continue;
        }
        println!("{name}\n{}", result.table().to_text());
        for measure in Measure::ALL {
            println!("{}", result.comparisons("Cox", measure)?.to_text());
        }
    }
    Ok(())
}
