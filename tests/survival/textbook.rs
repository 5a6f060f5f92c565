//! The remission times of Freireich et al. (1963) in weeks, of 21 pairs of children with leukaemia:
//! with 6-mercaptopurine and with a placebo. Every textbook has them (Collett 2015, Klein and
//! Moeschberger 2003, Kleinbaum and Klein 2012).

use elbo::survival::{
    Cohort, Counting, Cox, Durations, Events, Family, FollowUp, KaplanMeier, LogRank, NelsonAalen,
    Ties, Treatment, Weighting,
};

use crate::files::assert_close;

const DRUG: [(f64, bool); 21] = [
    (6.0, true),
    (6.0, true),
    (6.0, true),
    (6.0, false),
    (7.0, true),
    (9.0, false),
    (10.0, true),
    (10.0, false),
    (11.0, false),
    (13.0, true),
    (16.0, true),
    (17.0, false),
    (19.0, false),
    (20.0, false),
    (22.0, true),
    (23.0, true),
    (25.0, false),
    (32.0, false),
    (32.0, false),
    (34.0, false),
    (35.0, false),
];
const PLACEBO: [f64; 21] = [
    1.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 5.0, 8.0, 8.0, 8.0, 8.0, 11.0, 11.0, 12.0, 12.0, 15.0,
    17.0, 22.0, 23.0,
];

fn drug() -> FollowUp {
    let times = Durations::weeks(DRUG.map(|(time, _)| time));
    FollowUp::new(times, Events::observed(DRUG.map(|(_, observed)| observed))).unwrap()
}

fn trial() -> Cohort {
    let times = DRUG.iter().map(|(time, _)| *time).chain(PLACEBO);
    let events = DRUG.iter().map(|(_, observed)| *observed).chain([true; 21]);
    let follow_up = FollowUp::new(Durations::weeks(times), Events::observed(events)).unwrap();
    let given = (0..42).map(|i| i < 21);
    let treatment = Treatment::new("6-MP", given);
    Cohort::new(follow_up, vec![]).unwrap().with_treatments(vec![treatment]).unwrap()
}

// Klein and Moeschberger 2003, tables 4.1 (S and its standard error) and 4.2 (cumulative hazard).
#[test]
fn the_curve_of_the_drug_is_that_of_the_tables() {
    let curve = KaplanMeier::fit(&drug()).unwrap();
    let table = [
        (6.0, 0.857, 0.076),
        (7.0, 0.807, 0.087),
        (10.0, 0.753, 0.096),
        (13.0, 0.690, 0.107),
        (16.0, 0.628, 0.114),
        (22.0, 0.538, 0.128),
        (23.0, 0.448, 0.135),
    ];
    // Three decimals are printed.
    for (time, survival, error) in table {
        assert!((curve.survival_at(time) - survival).abs() < 6e-4, "{time}");
        let place = curve.curve().times.iter().position(|&at| at == time).unwrap();
        assert!((curve.standard_errors()[place] - error).abs() < 6e-4, "{time}");
    }
    assert_eq!(curve.median().value, Some(23.0));
    let hazard = NelsonAalen::fit(&drug(), 0.95).unwrap();
    for (time, want) in [(6.0, 0.1428), (10.0, 0.2683), (23.0, 0.7521)] {
        // The book adds up rounded terms.
        assert!((hazard.cumulative_hazard_at(time) - want).abs() < 3e-4, "{time}");
    }
}

#[test]
fn numbers_at_risk_follow_the_convention_that_is_asked_for() {
    let curve = KaplanMeier::fit(&drug()).unwrap();
    let times = [0.0, 6.0, 10.0, 20.0];
    let before = &curve.at_risk(&times, Counting::JustBefore).rows[0];
    assert_eq!(before.at_risk, [21.0, 21.0, 15.0, 8.0]);
    assert_eq!(before.events, [0.0, 0.0, 4.0, 7.0]);
    let after = &curve.at_risk(&times, Counting::JustAfter).rows[0];
    assert_eq!(after.at_risk, [21.0, 17.0, 13.0, 7.0]);
    assert_eq!(after.censored, [0.0, 1.0, 3.0, 7.0]);
    let frame = curve.at_risk(&times, Counting::JustAfter).to_frame().unwrap();
    assert_eq!(frame.shape(), (4, 5));
}

// χ² = 16.79 (Kleinbaum and Klein 2012, p. 71), Wilcoxon 13.46 (p. 74); 19.25 events expected in the
// group with the drug.
#[test]
fn the_log_rank_test_is_that_of_the_textbook() {
    let test = LogRank::of(&trial(), "6-MP", Weighting::LogRank).unwrap();
    assert!((test.statistic - 16.79).abs() < 0.005, "{}", test.statistic);
    let group = test.groups.iter().find(|group| group.name == "6-MP").unwrap();
    assert!((group.expected - 19.25).abs() < 0.005 && group.observed == 9.0, "{group:?}");
    let wilcoxon = LogRank::of(&trial(), "6-MP", Weighting::Wilcoxon).unwrap();
    assert!((wilcoxon.statistic - 13.46).abs() < 0.005, "{}", wilcoxon.statistic);
}

// R's coxph on these data: coefficient 1.5721 (0.4124) for the placebo with Efron's method, 1.5092
// (0.4096) with Breslow's; the likelihood-ratio statistics are 16.35 and 15.21.
#[test]
fn the_hazard_ratio_is_that_of_the_textbook() {
    let efron = Cox::fit(&trial()).unwrap();
    assert!((efron.coefficients()[0] + 1.5721).abs() < 5e-5, "{}", efron.coefficients());
    assert!((efron.standard_errors()[0] - 0.4124).abs() < 5e-5);
    assert!((efron.likelihood_ratio_test().statistic - 16.35).abs() < 5e-3);
    let breslow = Cox::params().ties(Ties::Breslow).fit(&trial()).unwrap();
    assert!((breslow.coefficients()[0] + 1.5092).abs() < 5e-5, "{}", breslow.coefficients());
    assert!((breslow.standard_errors()[0] - 0.4096).abs() < 5e-5);
    assert!((breslow.likelihood_ratio_test().statistic - 15.21).abs() < 5e-3);
}

// An identity: with one treatment and no ties, the score test is the log-rank test.
#[test]
fn without_ties_the_score_test_is_the_log_rank_test() {
    let times: Vec<f64> = (1..=40).map(|i| f64::from(i) + 0.1 * f64::from(i * i % 7)).collect();
    let events = (0..40).map(|i| i % 3 != 0);
    let follow_up = FollowUp::new(Durations::days(times), Events::observed(events)).unwrap();
    let given = Treatment::new("drug", (0..40).map(|i| i * 7 % 5 < 2));
    let cohort = Cohort::new(follow_up, vec![]).unwrap().with_treatments(vec![given]).unwrap();
    let test = LogRank::of(&cohort, "drug", Weighting::LogRank).unwrap();
    let cox = Cox::fit(&cohort).unwrap();
    assert_close("score test", cox.score_test().statistic, test.statistic, 1e-10);
}

#[test]
fn separation_and_slow_convergence_are_said() {
    let follow_up = FollowUp::new(
        Durations::days((1..=12).map(f64::from)),
        Events::observed((0..12).map(|i| i < 6)),
    );
    let x = (0..12).map(|i| f64::from(i < 6));
    let marker = elbo::survival::Covariate::new("marker", Family::Bernoulli, x).unwrap();
    let cohort = Cohort::new(follow_up.unwrap(), vec![marker]).unwrap();
    let cox = Cox::fit(&cohort).unwrap();
    let [elbo::survival::CoxWarning::Separation { column }] = cox.warnings() else {
        panic!("{:?}", cox.warnings())
    };
    assert_eq!(column, "marker");
    let held = Cox::params().ridge(1.0).fit(&cohort).unwrap();
    assert!(held.warnings().is_empty() && held.coefficients()[0].is_finite());
    let hurried = Cox::params().iterations(1).fit(&trial()).unwrap();
    let warning = hurried.warnings()[0].to_string();
    assert!(warning.contains("not converged after 1 iterations"), "{warning}");
}
