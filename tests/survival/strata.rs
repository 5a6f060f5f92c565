//! Log-rank tests within strata.

use elbo::survival::{Cohort, Durations, Events, FollowUp, Grouping, LogRank, Weighting};

use crate::{
    files::{answers, assert_all_close, assert_close, files, numbers},
    naive::jumble,
};

fn cohort(n: usize, levels: usize) -> Cohort {
    let times: Vec<f64> = jumble(n, 51).iter().map(|u| (u * 12.0).ceil()).collect();
    let observed = jumble(n, 52).into_iter().map(|u| u < 0.7);
    let follow_up = FollowUp::new(Durations::days(times), Events::observed(observed)).unwrap();
    let names = |name, seed: u64, levels: usize| {
        let level = |u: f64| Some(format!("{}", (u * levels as f64) as usize));
        Grouping::new(name, jumble(n, seed).into_iter().map(level).collect())
    };
    Cohort::new(follow_up, vec![])
        .unwrap()
        .with_grouping(names("arm", 53, 3))
        .unwrap()
        .with_grouping(names("centre", 54, levels))
        .unwrap()
}

// An identity: with one stratum nothing changes; with two, observed and expected events are the sums
// of those of each stratum alone.
#[test]
fn excesses_are_summed_over_the_strata() {
    let single = cohort(200, 1);
    let plain = LogRank::of(&single, "arm", Weighting::TaroneWare).unwrap();
    let stratified =
        LogRank::stratified(&single, "arm", Weighting::TaroneWare, &["centre"]).unwrap();
    assert_eq!((plain.statistic, &plain.groups), (stratified.statistic, &stratified.groups));
    let cohort = cohort(300, 2);
    let whole = LogRank::stratified(&cohort, "arm", Weighting::LogRank, &["centre"]).unwrap();
    let centre = cohort.grouping("centre").unwrap();
    let parts = [0, 1].map(|level| {
        let part = cohort.select(&centre.members(level)).unwrap();
        LogRank::of(&part, "arm", Weighting::LogRank).unwrap()
    });
    for (i, group) in whole.groups.iter().enumerate() {
        assert_eq!(group.count, parts[0].groups[i].count + parts[1].groups[i].count);
        let expected = parts[0].groups[i].expected + parts[1].groups[i].expected;
        assert_close("expected", group.expected, expected, 1e-12);
    }
    assert!(whole.statistic != LogRank::of(&cohort, "arm", Weighting::LogRank).unwrap().statistic);
    assert!(LogRank::stratified(&cohort, "arm", Weighting::LogRank, &["ward"]).is_err());
}

#[test]
fn stratified_tests_equal_statsmodels() {
    for file in files("stratified tests on real data") {
        if file.name.starts_with("sim") {
            continue;
        }
        let strata = (0..file.cohort.len()).map(|i| Some(format!("{}", i % 3))).collect();
        let cohort = file.cohort.clone().with_grouping(Grouping::new("stratum", strata)).unwrap();
        let want = answers(file.name, ".strata.json");
        for (name, weighting) in [
            ("logrank", Weighting::LogRank),
            ("wilcoxon", Weighting::Wilcoxon),
            ("tarone-ware", Weighting::TaroneWare),
        ] {
            let test = LogRank::stratified(&cohort, "group", weighting, &["stratum"]).unwrap();
            let want = numbers(&want[name]);
            let what = format!("{} {name}", file.name);
            assert_all_close(&what, &[test.statistic, test.p_value], &want, 1e-8);
        }
    }
}
