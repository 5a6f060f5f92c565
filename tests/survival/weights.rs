//! Patients with weights: whole ones are repeated rows, and all are as in lifelines.

use elbo::survival::{
    Cohort, Covariate, Cox, Durations, Events, Family, FollowUp, Grouping, KaplanMeier, LogRank,
    NelsonAalen, SurvivalModel, Ties, WeibullAft, Weighting,
    scores::{
        Brier, Calibration, Censoring, DCalibration, FoldScore, TimeAuc, antolini, harrell, uno,
    },
};

use crate::{
    files::{File, answers, assert_all_close, assert_close, files, numbers},
    naive::jumble,
};

/// Tied times and two covariates, a group and, if asked for, late entries.
fn cohort(n: usize, late: bool) -> Cohort {
    let times: Vec<f64> = jumble(n, 41).iter().map(|u| 1.0 + (u * 15.0).floor() / 2.0).collect();
    let observed = jumble(n, 42).into_iter().map(|u| u < 0.6);
    let mut follow_up =
        FollowUp::new(Durations::years(times.clone()), Events::observed(observed)).unwrap();
    if late {
        let entries =
            jumble(n, 43).iter().zip(&times).map(|(u, t)| 0.8 * u * t).collect::<Vec<_>>();
        follow_up = follow_up.entered(Durations::years(entries)).unwrap();
    }
    let covariate = |name, seed| Covariate::new(name, Family::Normal, jumble(n, seed)).unwrap();
    let name = |u: f64| Some(if u < 0.5 { "a" } else { "b" }.to_owned());
    let groups = jumble(n, 46).into_iter().map(name);
    Cohort::new(follow_up, vec![covariate("x", 44), covariate("w", 45)])
        .unwrap()
        .with_grouping(Grouping::new("group", groups.collect()))
        .unwrap()
}

/// The cohort with weights 1, 2 and 3, and the same with rows that are repeated so often.
fn both(n: usize, late: bool) -> (Cohort, Cohort) {
    let plain = cohort(n, late);
    let weights: Vec<usize> = (0..n).map(|i| 1 + i % 3).collect();
    let weighted = plain.follow_up().clone().weighted(weights.iter().map(|&w| w as f64)).unwrap();
    let repeated: Vec<usize> = (0..n).flat_map(|i| std::iter::repeat_n(i, weights[i])).collect();
    (plain.clone().with_follow_up(weighted).unwrap(), plain.select(&repeated).unwrap())
}

// Sums in another order.
const EXACT: f64 = 1e-10;

#[test]
fn curves_and_tests_of_whole_weights_are_those_of_repeated_rows() {
    for late in [false, true] {
        let (weighted, repeated) = both(150, late);
        let [a, b] = [&weighted, &repeated].map(|c| KaplanMeier::fit(c.follow_up()).unwrap());
        assert_all_close("S", &a.curve().values, &b.curve().values, EXACT);
        let ends = |curve: &KaplanMeier| -> Vec<f64> {
            curve.bands().iter().map(|ends| ends.0).filter(|end| end.is_finite()).collect()
        };
        assert_all_close("bands", &ends(&a), &ends(&b), EXACT);
        let counting = elbo::survival::Counting::JustBefore;
        let at = [0.5, 2.0, 5.0];
        let (a, b) = (a.at_risk(&at, counting), b.at_risk(&at, counting));
        assert_all_close("at risk", &a.rows[0].at_risk, &b.rows[0].at_risk, EXACT);
        let [a, b] = [&weighted, &repeated].map(|c| NelsonAalen::fit(c.follow_up(), 0.9).unwrap());
        assert_all_close("H", &a.cumulative_hazard.values, &b.cumulative_hazard.values, EXACT);
        assert_all_close("error of H", &a.standard_errors, &b.standard_errors, EXACT);
        for weighting in [Weighting::LogRank, Weighting::Peto] {
            let [a, b] =
                [&weighted, &repeated].map(|c| LogRank::of(c, "group", weighting).unwrap());
            assert_close("χ²", a.statistic, b.statistic, EXACT);
        }
    }
}

#[test]
fn regressions_of_whole_weights_are_those_of_repeated_rows() {
    for late in [false, true] {
        let (weighted, repeated) = both(150, late);
        // Efron's terms know how many events are tied, so only Breslow's are the same.
        let fit = |c: &Cohort| Cox::params().ties(Ties::Breslow).fit(c).unwrap();
        let (a, b) = (fit(&weighted), fit(&repeated));
        let want = b.coefficients().to_vec();
        assert_all_close("β", a.coefficients(), &want, 1e-8);
        assert_all_close("errors", &a.standard_errors(), &b.standard_errors().to_vec(), 1e-8);
        assert_close("ℓ", a.log_likelihood(), b.log_likelihood(), EXACT);
        assert_close("C", a.concordance(), b.concordance(), 1e-8);
        let (a, b) = (WeibullAft::fit(&weighted).unwrap(), WeibullAft::fit(&repeated).unwrap());
        assert_all_close("β of AFT", a.coefficients(), &b.coefficients().to_vec(), 1e-6);
        assert_close("ℓ of AFT", a.log_likelihood(), b.log_likelihood(), 1e-9);
    }
}

#[test]
fn scores_of_whole_weights_are_those_of_repeated_rows() {
    let (weighted, repeated) = both(120, false);
    let cox = Cox::fit(&cohort(120, false)).unwrap();
    let values = |c: &Cohort| -> Vec<f64> {
        let follow_up = c.follow_up();
        let risk = cox.risk(c).unwrap().to_vec();
        let censoring = Censoring::of(follow_up);
        let times = [2.0, 4.0, 6.0];
        let fold = FoldScore::of(&cox, c).unwrap();
        let calibration = Calibration::of(&cox, c, 4.0, 1).unwrap();
        [
            harrell(follow_up, &risk).unwrap().concordant,
            uno(&censoring, follow_up, &risk, None).unwrap().index(),
            antolini(&cox, c).unwrap().discordant,
            TimeAuc::of(&cox, &censoring, c, &times).unwrap().mean,
            Brier::of(&cox, &censoring, c, &times).unwrap().integrated().unwrap(),
            fold.antolini.index(),
            fold.integrated_brier,
            calibration.mean_error(),
            DCalibration::of(&cox, c).unwrap().statistic,
        ]
        .into()
    };
    // Of repeated rows with equal risk the pairs are tied, not concordant, and equally many.
    assert_all_close("scores", &values(&weighted), &values(&repeated), EXACT);
}

#[test]
fn a_weight_is_a_positive_number() {
    let follow_up = cohort(3, false).follow_up().clone();
    let message = |weights: Vec<f64>| follow_up.clone().weighted(weights).unwrap_err().to_string();
    assert!(message(vec![1.0, 0.0, 1.0]).contains("row 1 is 0"));
    assert!(message(vec![1.0, 1.0, f64::NAN]).contains("row 2 is missing"));
    assert!(message(vec![1.0]).contains("[1]"));
    let frame = elbo::polars::prelude::df!(
        "t" => [1.0, 2.0, 3.0], "e" => [1, 0, 1], "n" => [2.0, -1.0, 1.0], "x" => [1.0, 3.0, 2.0]
    )
    .unwrap();
    let params = Cohort::params("t", "e").weights("n");
    let message = params.frame(&frame).unwrap_err().to_string();
    assert!(message.starts_with("column \"n\", row 1 is -1"), "{message}");
}

/// The weights of `peers/weights.py`.
fn weigh(cohort: &Cohort, weight: impl Fn(usize) -> f64) -> Cohort {
    let follow_up = cohort.follow_up().clone().weighted((0..cohort.len()).map(weight)).unwrap();
    cohort.clone().with_follow_up(follow_up).unwrap()
}

fn five(test: &str) -> impl Iterator<Item = File> {
    files(test).into_iter().filter(|file| !file.name.starts_with("sim"))
}

#[test]
fn weighted_regressions_equal_lifelines() {
    for file in five("weighted regression on real data") {
        let want = answers(file.name, ".weights.json");
        let cohort = weigh(&file.cohort, |i| 0.5 + (i % 4) as f64);
        let cox = Cox::fit(&cohort).unwrap();
        let cox_want = &want["cox"];
        assert_all_close(file.name, cox.coefficients(), &numbers(&cox_want["coefficients"]), 1e-6);
        let errors = numbers(&cox_want["standard_errors"]);
        assert_all_close(file.name, &cox.standard_errors(), &errors, 1e-5);
        let log_likelihood = cox_want["log_likelihood"].as_f64().unwrap();
        assert_close(file.name, cox.log_likelihood(), log_likelihood, 1e-9);
        let times = numbers(&want["times"]);
        let hazard = cox.baseline().next().unwrap().1.at_all(&times);
        assert_all_close(file.name, &hazard, &numbers(&cox_want["baseline"]), 1e-6);
        // lifelines' score residuals are those of times without ties.
        let follow_up = cohort.follow_up();
        if follow_up.event_times().len() == follow_up.event_count() {
            let robust = Cox::params().robust(true).fit(&cohort).unwrap();
            let want = numbers(&cox_want["robust"]);
            assert_all_close(file.name, &robust.standard_errors(), &want, 1e-5);
        }
        let aft = WeibullAft::fit(&cohort).unwrap();
        let log_likelihood = want["weibull_aft"]["log_likelihood"].as_f64().unwrap();
        // lifelines' optimiser stops a little below the maximum.
        assert_close(file.name, aft.log_likelihood(), log_likelihood, 1e-7);
        assert!(aft.log_likelihood() >= log_likelihood - 1e-6, "{}", file.name);
        let log_shape = want["weibull_aft"]["log_shape"].as_f64().unwrap();
        assert_close(file.name, aft.shape().ln(), log_shape, 1e-4);
    }
}

#[test]
fn weighted_curves_and_tests_equal_lifelines() {
    for file in five("weighted curves on real data") {
        let want = answers(file.name, ".weights.json");
        let cohort = weigh(&file.cohort, |i| 1.0 + (i % 4) as f64);
        let times = numbers(&want["times"]);
        let curve = KaplanMeier::fit(cohort.follow_up()).unwrap();
        let km = &want["kaplan_meier"];
        let survival = curve.curve().at_all(&times);
        assert_all_close(file.name, &survival, &numbers(&km["survival"]), 1e-9);
        let place = |time: f64| curve.curve().times.partition_point(|&at| at <= time) - 1;
        let lower: Vec<f64> = times.iter().map(|&time| curve.bands()[place(time)].0).collect();
        assert_all_close(file.name, &lower, &numbers(&km["lower"]), 1e-8);
        let entries = cohort.follow_up().times().iter().enumerate();
        let entries: Vec<f64> = entries.map(|(i, time)| time * ((i % 4) as f64 / 5.0)).collect();
        let late = cohort.follow_up().clone().entered(Durations::days(entries)).unwrap();
        let late = KaplanMeier::fit(&late).unwrap().curve().at_all(&times);
        assert_all_close(file.name, &late, &numbers(&km["late"]), 1e-9);
        let hazard = NelsonAalen::fit(cohort.follow_up(), 0.95).unwrap();
        let got = hazard.cumulative_hazard.at_all(&times);
        assert_all_close(file.name, &got, &numbers(&want["nelson_aalen"]), 1e-9);
        for (name, weighting) in
            [("logrank", Weighting::LogRank), ("wilcoxon", Weighting::Wilcoxon)]
        {
            let test = LogRank::of(&cohort, "group", weighting).unwrap();
            let want = numbers(&want[name]);
            assert_all_close(file.name, &[test.statistic, test.p_value], &want, 1e-8);
        }
    }
}
