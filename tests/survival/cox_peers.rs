//! Regressions on the real cohorts.

use elbo::survival::{Cox, Durations, KaplanMeier, Ties, TimeTransform, WeibullAft};

use crate::files::{assert_all_close, assert_close, files, numbers};

// Both programs stop before the last digits: scikit-survival when a step changes the likelihood by
// less than 1e-9 of it, lifelines when the Newton decrement is below 1e-7.
const COEFFICIENTS: f64 = 1e-6;
const ERRORS: f64 = 1e-5;

#[test]
fn efrons_coefficients_errors_and_likelihood_equal_the_peers() {
    for file in files("Cox regression on real data") {
        let cox = Cox::fit(&file.cohort).unwrap();
        let want = &file.peers["cox_efron"];
        assert_eq!(file.cohort.len(), file.peers["rows"].as_u64().unwrap() as usize);
        let coefficients = numbers(&want["coefficients"]);
        assert_all_close(file.name, cox.coefficients(), &coefficients, COEFFICIENTS);
        let errors = numbers(&want["standard_errors"]);
        assert_all_close(file.name, &cox.standard_errors(), &errors, ERRORS);
        let log_likelihood = want["log_likelihood"].as_f64().unwrap();
        assert_close(file.name, cox.log_likelihood(), log_likelihood, 1e-9);
        assert!(cox.warnings().is_empty(), "{}: {:?}", file.name, cox.warnings());
        assert_close(file.name, cox.concordance(), file.peers["harrell_c"].as_f64().unwrap(), 1e-8);
    }
}

#[test]
fn breslows_coefficients_and_those_with_a_ridge_equal_scikit_survivals() {
    for file in files("Breslow's method and ridges on real data") {
        let breslow = Cox::params().ties(Ties::Breslow).fit(&file.cohort).unwrap();
        let want = numbers(&file.more["breslow"]);
        assert_all_close(file.name, breslow.coefficients(), &want, COEFFICIENTS);
        let ridge = Cox::params().ridge(10.0).fit(&file.cohort).unwrap();
        let want = numbers(&file.more["ridge_10"]);
        assert_all_close(file.name, ridge.coefficients(), &want, COEFFICIENTS);
    }
}

// lifelines gives the stratifying column no coefficient; ours is a grouping beside the covariate.
#[test]
fn strata_equal_lifelines() {
    for file in files("strata on real data") {
        let group = file.more["group"].as_str().unwrap();
        let want = &file.more["strata"];
        let kept = file.cohort.covariates().iter().filter(|covariate| covariate.name() != group);
        let cohort =
            elbo::Cohort::new(file.cohort.follow_up().clone(), kept.cloned().collect()).unwrap();
        let cohort = cohort.with_grouping(file.cohort.grouping("group").unwrap()).unwrap();
        let cox = Cox::params().strata(["group"]).fit(&cohort).unwrap();
        let coefficients = numbers(&want["coefficients"]);
        assert_all_close(file.name, cox.coefficients(), &coefficients, COEFFICIENTS);
        let errors = numbers(&want["standard_errors"]);
        assert_all_close(file.name, &cox.standard_errors(), &errors, ERRORS);
        let log_likelihood = want["log_likelihood"].as_f64().unwrap();
        assert_close(file.name, cox.log_likelihood(), log_likelihood, 1e-9);
    }
}

// entry = time · (row mod 4) / 5
#[test]
fn left_truncation_equals_lifelines() {
    for file in files("left truncation on real data") {
        let want = &file.more["late"];
        if want.is_null() {
            // lifelines takes minutes for so many rows.
            continue;
        }
        let times = file.cohort.follow_up().times();
        let entries = times.iter().enumerate().map(|(i, time)| time * ((i % 4) as f64 / 5.0));
        let follow_up = file.cohort.follow_up().clone().entered(Durations::days(entries)).unwrap();
        let late = elbo::Cohort::new(follow_up.clone(), file.cohort.covariates().to_vec()).unwrap();
        let cox = Cox::fit(&late).unwrap();
        let coefficients = numbers(&want["coefficients"]);
        assert_all_close(file.name, cox.coefficients(), &coefficients, COEFFICIENTS);
        let errors = numbers(&want["standard_errors"]);
        assert_all_close(file.name, &cox.standard_errors(), &errors, ERRORS);
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        let quartile = |share: f64| {
            let place = share * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
            low + (high - low) * place.fract()
        };
        let curve = KaplanMeier::fit(&follow_up).unwrap();
        let got = [0.25, 0.5, 0.75].map(|share| curve.survival_at(quartile(share)));
        assert_all_close(file.name, &got, &numbers(&want["survival_at_quartiles"]), 1e-9);
    }
}

// Of events at the same time lifelines gives each a rank of its own, in the order of the rows.
#[test]
fn tests_of_proportional_hazards_equal_lifelines() {
    let transforms = [
        ("rank", TimeTransform::Rank),
        ("km", TimeTransform::KaplanMeier),
        ("identity", TimeTransform::Identity),
        ("log", TimeTransform::Log),
    ];
    for file in files("proportionality on real data") {
        let cox = Cox::fit(&file.cohort).unwrap();
        let untied =
            file.cohort.follow_up().event_times().len() == file.cohort.follow_up().event_count();
        for (name, transform) in transforms {
            if transform == TimeTransform::Rank && !untied {
                continue;
            }
            let test = cox.proportionality(&file.cohort, transform).unwrap();
            let got: Vec<f64> = test.rows.iter().map(|row| row.statistic).collect();
            let want = numbers(&file.more[format!("proportionality_{name}")]);
            assert_all_close(&format!("{} {name}", file.name), &got, &want, 1e-5);
        }
    }
}

// lifelines builds its score residuals as if no two events had the same time, so only data without
// such ties can be compared.
#[test]
fn robust_errors_equal_lifelines_where_no_times_are_tied() {
    for file in files("robust errors on real data") {
        let follow_up = file.cohort.follow_up();
        if follow_up.event_times().len() < follow_up.event_count() {
            continue;
        }
        let cox = Cox::params().robust(true).fit(&file.cohort).unwrap();
        let want = numbers(&file.more["robust"]);
        assert_all_close(file.name, &cox.standard_errors(), &want, ERRORS);
    }
}

// lifelines minimises with BFGS or SLSQP to a gradient of about 1e-5, on the mean log-likelihood.
#[test]
fn weibull_models_equal_lifelines() {
    for file in files("Weibull AFT on real data") {
        let model = WeibullAft::fit(&file.cohort).unwrap();
        let want = &file.more["weibull_aft"];
        let log_likelihood = want["log_likelihood"].as_f64().unwrap();
        assert_close(file.name, model.log_likelihood(), log_likelihood, 1e-8);
        assert!(model.log_likelihood() >= log_likelihood - 1e-6, "{}", file.name);
        let names: Vec<&str> =
            want["columns"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
        let order: Vec<usize> =
            names.iter().map(|n| model.names().iter().position(|m| m == n).unwrap()).collect();
        let got: Vec<f64> = order.iter().map(|&j| model.coefficients()[j]).collect();
        assert_all_close(file.name, &got, &numbers(&want["coefficients"]), 2e-4);
        let got: Vec<f64> = order.iter().map(|&j| model.standard_errors()[j + 1]).collect();
        assert_all_close(file.name, &got, &numbers(&want["standard_errors"]), 1e-4);
        let log_shape = want["log_shape"].as_f64().unwrap();
        assert_close(file.name, model.shape().ln(), log_shape, 1e-4);
    }
}
