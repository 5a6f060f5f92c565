//! The simulated trial of Katzman et al. (2018): what advice is worth where one treatment helps some
//! patients and harms others.
//!
//! Half of the patients, by chance, had the treatment. Without it nothing that was measured matters;
//! with it the log-hazard is `true_log_hazard`, a hill over x₀ and x₁ that is high in the middle.

use elbo::{
    Cox, Device, Fit, Savae,
    display::{Cell, Table},
    savae::{Prediction, Rule},
    survival::{
        Cohort, Covariate, Family,
        scores::{Brier, Censoring},
    },
};

use crate::{
    policies::{chosen_by, with_products},
    support::real_data,
};

/// The time that patients should pass without the event; the follow-up ends at 3.3 to 3.6.
const HORIZON: f64 = 3.0;

/// Patients of a file with their true log-hazard under the treatment; without it, it is 0.
struct Part {
    cohort: Cohort,
    hill: Vec<f64>,
}

impl Part {
    fn given(&self) -> &[bool] {
        self.cohort.treatments()[0].given()
    }
}

fn part(folder: &std::path::Path, name: &str) -> Part {
    let path = folder.join(format!("survival/sim_treatment_{name}.csv"));
    let params = Cohort::params("time", "event").treatments(["treatment"]);
    let cohort = params.ignore(["true_log_hazard"]).csv(&path).unwrap();
    let all = Cohort::params("time", "event").csv(&path).unwrap();
    let hill = all.covariate("true_log_hazard").unwrap().values().to_vec();
    Part { cohort, hill }
}

/// The hazard where the log-hazard is 0, by maximum likelihood: events over Σ time·exp(log-hazard).
fn baseline_hazard(part: &Part) -> f64 {
    let follow_up = part.cohort.follow_up();
    let patients = follow_up.times().iter().zip(part.given()).zip(&part.hill);
    let exposure =
        patients.map(|((time, given), hill)| if *given { time * hill.exp() } else { *time });
    follow_up.event_count() as f64 / exposure.sum::<f64>()
}

// What the file calls the truth is read as the data say: it is the hill, for all patients, and times
// depend on it under the treatment alone.
#[test]
fn the_truth_of_the_trial_is_what_its_times_say() {
    let Some(folder) = real_data("the simulated trial with one treatment") else { return };
    let train = part(&folder, "train");
    let column = |name: &str| train.cohort.covariate(name).unwrap().values().to_vec();
    let squares = column("x0").into_iter().zip(column("x1")).map(|(a, b)| a * a + b * b);
    let hill = squares.map(|r2| 10.0f64.ln() * (-2.0 * r2).exp());
    let off: Vec<f64> = hill.zip(&train.hill).map(|(hill, given)| hill - given).collect();
    // The same number for all, up to the seven digits of the file.
    assert!(off.iter().all(|of| (of - off[0]).abs() < 2e-6));
    for (arm, want) in [(false, 0.0), (true, 1.0)] {
        let of = |i: &usize| train.given()[*i] == arm;
        let rows: Vec<usize> = (0..train.cohort.len()).filter(of).collect();
        let hill = rows.iter().map(|&i| train.hill[i]);
        let hill = Covariate::new("hill", Family::Normal, hill).unwrap();
        let follow_up = train.cohort.select(&rows).unwrap().follow_up().clone();
        let cox = Cox::fit(&Cohort::new(follow_up, vec![hill]).unwrap()).unwrap();
        let (got, error) = (cox.coefficients()[0], cox.standard_errors()[0]);
        assert!((got - want).abs() < 3.0 * error && error < 0.06, "{got} ± {error}, want {want}");
    }
}

/// Settings that serve a time which covariates tell only together with the treatment: a dimension
/// for every covariate, and a divergence that counts only later, so that z first learns what there
/// is to tell. Of some thirty settings these had the lowest Brier score on the file for validation.
fn savae(train: &Cohort, seed: u64) -> Savae<12> {
    let params = Savae::<12>::params().hidden_outcomes(1.0).time_weight(10.0);
    let fit = Fit::new().epochs(600).batch(256).learning_rate(5e-3).weight_decay(0.1);
    let fit = fit.anneal(200).validation(0.0).seed(seed);
    let (mut savae, _) = params.seed(seed).device(Device::cpu()).fit(train, fit).unwrap();
    savae.set_prediction(Prediction::new().draws(200));
    savae
}

#[test]
fn advice_in_a_trial_where_a_treatment_helps_some_and_harms_others() {
    let Some(folder) = real_data("advice in the simulated trial with one treatment") else {
        return;
    };
    let [train, valid, test] = ["train", "valid", "test"].map(|name| part(&folder, name));
    let hazard = baseline_hazard(&test);
    let n = test.cohort.len();
    let value = |chosen: &[bool]| {
        let survival = chosen.iter().zip(&test.hill).map(|(&given, hill)| {
            let log_hazard = if given { *hill } else { 0.0 };
            (-hazard * HORIZON * log_hazard.exp()).exp()
        });
        survival.sum::<f64>() / n as f64
    };
    let oracle: Vec<bool> = test.hill.iter().map(|hill| *hill < 0.0).collect();
    let agreement = |chosen: &[bool]| {
        chosen.iter().zip(&oracle).filter(|(a, b)| a == b).count() as f64 / n as f64
    };
    let treated = |chosen: Vec<usize>| chosen.iter().map(|&chosen| chosen == 1).collect();
    let by_cox = |cox: &Cox, prepared: &dyn Fn(&Cohort) -> Cohort| -> Vec<bool> {
        treated(chosen_by(cox, &test.cohort, HORIZON, prepared))
    };
    let cox = Cox::fit(&train.cohort).unwrap();
    let mut policies = vec![
        ("nobody is treated", vec![false; n]),
        ("everybody is treated", vec![true; n]),
        ("as observed", test.given().to_vec()),
        ("Cox", by_cox(&cox, &Cohort::clone)),
    ];
    for (name, squares) in [("Cox with interactions", false), ("the same with squares", true)] {
        let prepared = |cohort: &Cohort| with_products(cohort, squares);
        let cox = Cox::fit(&prepared(&train.cohort)).unwrap();
        policies.push((name, by_cox(&cox, &prepared)));
    }
    let times: Vec<f64> = (1..=30).map(|i| 0.1 * f64::from(i)).collect();
    let censoring = Censoring::of(train.cohort.follow_up());
    for (seed, name) in ["SAVAE, seed 0", "SAVAE, seed 1", "SAVAE, seed 2"].into_iter().enumerate()
    {
        let savae = savae(&train.cohort, seed as u64);
        let brier = Brier::of(&savae, &censoring, &valid.cohort, &times).unwrap();
        println!(
            "{name}: integrated Brier score on the file for validation {:.4}",
            brier.integrated().unwrap()
        );
        let advice = savae.recommend(&test.cohort, Rule::survival_beyond(HORIZON)).unwrap();
        policies.push((name, treated(advice.chosen)));
    }
    policies.push(("oracle", oracle.clone()));
    let columns = ["policy", "survive the horizon", "treated", "as the oracle"];
    let mut table = Table::new("What policies come to", columns);
    for (name, chosen) in &policies {
        let treated = chosen.iter().filter(|given| **given).count() as f64 / n as f64;
        table = table.row([
            (*name).into(),
            Cell::decimals(value(chosen), 4),
            Cell::decimals(treated, 3),
            Cell::decimals(agreement(chosen), 3),
        ]);
    }
    println!("{}", table.to_text());
    let values: Vec<f64> = policies.iter().map(|(_, chosen)| value(chosen)).collect();
    let best = values[9];
    let simple = values[..5].iter().copied().fold(0.0, f64::max);
    for (value, (name, _)) in values[6..9].iter().zip(&policies[6..]) {
        // At least half of what there is to be gained by treating the right ones.
        assert!(value - simple > 0.5 * (best - simple) && *value <= best, "{name}: {value}");
    }
}
