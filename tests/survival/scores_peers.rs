//! Curves, tests and scores on the real cohorts.

use elbo::survival::{
    Cox, KaplanMeier, LogRank, NelsonAalen, SurvivalModel, Weighting,
    scores::{Brier, Censoring, TimeAuc, antolini, harrell, uno},
};

use crate::files::{assert_all_close, assert_close, files, numbers};

/// Everything here is a sum of doubles; predictions differ by what is left of the tolerance of two
/// fits.
const SCORES: f64 = 1e-8;

#[test]
fn concordances_equal_the_peers() {
    for file in files("concordance on real data") {
        let cox = Cox::fit(&file.cohort).unwrap();
        let risk = cox.risk(&file.cohort).unwrap().to_vec();
        let follow_up = file.cohort.follow_up();
        let got = harrell(follow_up, &risk).unwrap().index();
        assert_close(file.name, got, file.peers["harrell_c"].as_f64().unwrap(), SCORES);
        let censoring = Censoring::of(follow_up);
        let got = uno(&censoring, follow_up, &risk, None).unwrap().index();
        assert_close(file.name, got, file.peers["uno_c"].as_f64().unwrap(), SCORES);
        let times = numbers(&file.more["times"]);
        let middle = times[times.len() / 2];
        let got = uno(&censoring, follow_up, &risk, Some(middle)).unwrap().index();
        assert_close(file.name, got, file.more["uno_to_median"].as_f64().unwrap(), SCORES);
    }
}

// pycox counts a tie as an error, as the paper does.
#[test]
fn antolinis_concordance_equals_pycox() {
    for file in files("Antolini's concordance on real data") {
        let cox = Cox::fit(&file.cohort).unwrap();
        let got = antolini(&cox, &file.cohort).unwrap().strict_index();
        // Two curves that cross within rounding are one pair of millions.
        assert_close(file.name, got, file.more["antolini"].as_f64().unwrap(), 1e-6);
    }
}

#[test]
fn brier_scores_equal_scikit_survival() {
    for file in files("Brier scores on real data") {
        let cox = Cox::fit(&file.cohort).unwrap();
        let want = &file.peers["brier"];
        let times = numbers(&want["times"]);
        let censoring = Censoring::of(file.cohort.follow_up());
        let brier = Brier::of(&cox, &censoring, &file.cohort, &times).unwrap();
        assert_all_close(file.name, &brier.scores, &numbers(&want["values"]), SCORES);
        let integrated = want["integrated"].as_f64().unwrap();
        assert_close(file.name, brier.integrated().unwrap(), integrated, SCORES);
    }
}

#[test]
fn areas_under_the_curve_equal_scikit_survival() {
    for file in files("areas under the curve on real data") {
        let cox = Cox::fit(&file.cohort).unwrap();
        let censoring = Censoring::of(file.cohort.follow_up());
        let times = numbers(&file.more["times"]);
        let risk = cox.risk(&file.cohort).unwrap().to_vec();
        let follow_up = file.cohort.follow_up();
        let auc = TimeAuc::of_risk(&risk, &censoring, follow_up, &times).unwrap();
        assert_all_close(file.name, &auc.areas, &numbers(&file.more["auc"]["areas"]), SCORES);
        let mean = file.more["auc"]["mean"].as_f64().unwrap();
        assert_close(file.name, auc.mean, mean, SCORES);
        let by_survival = TimeAuc::of(&cox, &censoring, &file.cohort, &times).unwrap();
        assert_all_close(file.name, &by_survival.areas, &auc.areas, SCORES);
    }
}

#[test]
fn curves_equal_lifelines() {
    for file in files("Kaplan-Meier on real data") {
        let curve = KaplanMeier::fit(file.cohort.follow_up()).unwrap();
        let times = numbers(&file.more["times"]);
        let got = curve.curve().at_all(&times);
        assert_all_close(file.name, &got, &numbers(&file.peers["kaplan_meier"]["at_grid"]), 1e-9);
        let place = |time: f64| curve.curve().times.partition_point(|&at| at <= time) - 1;
        let ends: Vec<(f64, f64)> = times.iter().map(|&time| curve.bands()[place(time)]).collect();
        let (lower, upper): (Vec<f64>, Vec<f64>) = ends.into_iter().unzip();
        let want = &file.more["kaplan_meier"];
        assert_all_close(file.name, &lower, &numbers(&want["lower"]), 1e-8);
        assert_all_close(file.name, &upper, &numbers(&want["upper"]), 1e-8);
        let median = curve.median();
        let ends = &want["median_interval"];
        let want_times = [&file.peers["kaplan_meier"]["median"], &ends[0], &ends[1]];
        for (got, want) in [median.value, median.lower, median.upper].iter().zip(want_times) {
            assert_eq!(got.is_some(), want.is_number(), "{}", file.name);
            // pandas reads the last bit of a time otherwise.
            assert_close(file.name, got.unwrap_or(0.0), want.as_f64().unwrap_or(0.0), 1e-14);
        }
        let mean = want["restricted_mean"].as_f64().unwrap();
        let last = file.cohort.follow_up().last_time();
        assert_close(file.name, curve.restricted_mean(last), mean, 1e-9);
        let hazard = NelsonAalen::fit(file.cohort.follow_up(), 0.95).unwrap();
        let got = hazard.cumulative_hazard.at_all(&times);
        assert_all_close(file.name, &got, &numbers(&file.more["nelson_aalen"]), 1e-9);
    }
}

#[test]
fn tests_of_groups_equal_lifelines() {
    let tests = [
        ("logrank", Weighting::LogRank),
        ("wilcoxon", Weighting::Wilcoxon),
        ("tarone-ware", Weighting::TaroneWare),
        ("peto", Weighting::Peto),
        ("fleming-harrington", Weighting::FlemingHarrington { p: 1.0, q: 0.5 }),
    ];
    for file in files("log-rank tests on real data") {
        for (name, weighting) in tests {
            let test = LogRank::of(&file.cohort, "group", weighting).unwrap();
            let want = numbers(&file.more[name]);
            let what = format!("{} {name}", file.name);
            assert_all_close(&what, &[test.statistic, test.p_value], &want, 1e-8);
        }
    }
}
