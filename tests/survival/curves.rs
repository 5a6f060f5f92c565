//! Kaplan-Meier and Nelson-Aalen by identities.

use elbo::{
    display::RichDisplay,
    survival::{
        Band, Durations, Events, FollowUp, KaplanMeier, NelsonAalen, RiskTable, scores::Censoring,
    },
};

use crate::{
    files::assert_close,
    naive::{self, jumble},
};

fn follow_up(n: usize, share: f64) -> FollowUp {
    let times: Vec<f64> = jumble(n, 21).iter().map(|u| (u * 20.0).floor()).collect();
    let observed: Vec<bool> = jumble(n, 22).iter().map(|u| *u < share).collect();
    FollowUp::new(Durations::days(times), Events::observed(observed)).unwrap()
}

#[test]
fn without_censoring_the_curve_is_the_share_of_longer_times() {
    let follow_up = follow_up(200, 1.1);
    let curve = KaplanMeier::fit(&follow_up).unwrap();
    for time in [0.0, 3.0, 7.5, 19.0] {
        let longer = follow_up.times().iter().filter(|&&other| other > time).count();
        assert_close("S", curve.survival_at(time), longer as f64 / 200.0, 1e-12);
        // And Greenwood's variance is the binomial one.
        let place = curve.curve().times.partition_point(|&at| at <= time) - 1;
        let s = curve.survival_at(time);
        if s > 0.0 {
            let binomial = (s * (1.0 - s) / 200.0).sqrt();
            assert_close("error", curve.standard_errors()[place], binomial, 1e-12);
        }
    }
}

#[test]
fn times_of_zero_count() {
    let follow_up = follow_up(200, 0.7);
    assert!(follow_up.zero_times() > 0);
    let events = follow_up.times().iter().zip(follow_up.observed());
    let at_zero = events.filter(|(time, observed)| **time == 0.0 && **observed).count();
    let curve = KaplanMeier::fit(&follow_up).unwrap();
    assert_close("S(0)", curve.survival_at(0.0), 1.0 - at_zero as f64 / 200.0, 1e-12);
}

#[test]
fn the_probability_of_not_being_censored_follows_its_definition() {
    let follow_up = follow_up(150, 0.5);
    let censoring = Censoring::of(&follow_up);
    for time in [0.0, 2.0, 11.5, 19.0, 40.0] {
        assert_close("G", censoring.at(time), naive::censoring(&follow_up, time), 1e-12);
    }
}

// Breslow's exp(−H) is never below Kaplan and Meier's S, and close to it while many are at risk.
#[test]
fn the_exponential_of_the_cumulative_hazard_is_close_to_the_curve() {
    let follow_up = follow_up(2_000, 0.5);
    let curve = KaplanMeier::fit(&follow_up).unwrap();
    let hazard = NelsonAalen::fit(&follow_up, 0.95).unwrap();
    for time in [1.0, 5.0, 10.0] {
        let bound = (-hazard.cumulative_hazard_at(time)).exp();
        let s = curve.survival_at(time);
        assert!(bound >= s && bound - s < 0.02, "{bound} {s}");
    }
}

#[test]
fn bands_lie_around_the_curve_and_widen_with_confidence() {
    let follow_up = follow_up(100, 0.6);
    for band in [Band::LogLog, Band::Log, Band::Plain] {
        let fit = |confidence| {
            KaplanMeier::params().band(band).confidence(confidence).fit(&follow_up).unwrap()
        };
        let (narrow, wide) = (fit(0.8), fit(0.99));
        let values = narrow.curve().values.iter().zip(narrow.bands()).zip(wide.bands());
        for ((s, inner), outer) in values {
            if *s > 0.0 && *s < 1.0 {
                assert!(outer.0 <= inner.0 && inner.0 < *s, "{band:?}");
                assert!(*s < inner.1 && inner.1 <= outer.1, "{band:?}");
            }
        }
    }
    assert!(KaplanMeier::params().confidence(1.0).fit(&follow_up).is_err());
}

// At risk at t are those with entry < t ≤ time, counted one by one.
#[test]
fn late_entries_are_at_risk_only_after_them() {
    let times: Vec<f64> = jumble(300, 31).iter().map(|u| 1.0 + (u * 30.0).floor()).collect();
    let entries: Vec<f64> =
        jumble(300, 32).iter().zip(&times).map(|(u, t)| (u * t * 0.9).floor()).collect();
    let observed = jumble(300, 33).into_iter().map(|u| u < 0.5);
    let follow_up = FollowUp::new(Durations::days(times.clone()), Events::observed(observed));
    let follow_up = follow_up.unwrap().entered(Durations::days(entries.clone())).unwrap();
    let table = RiskTable::new(&follow_up);
    for (time, at_risk) in table.times.iter().zip(&table.at_risk) {
        let want = (0..300).filter(|&i| entries[i] < *time && *time <= times[i]).count();
        assert_eq!(*at_risk, want as f64);
    }
}

#[test]
fn a_curve_is_shown_with_the_numbers_at_risk_and_its_median() {
    let curve = KaplanMeier::fit(&follow_up(100, 0.6)).unwrap();
    let bundle = curve.mime_bundle().unwrap();
    let svg = bundle.svg().unwrap();
    assert!(svg.contains("At risk just before each time") && svg.contains(">100<"), "{svg}");
    assert!(bundle.text().contains("median"), "{}", bundle.text());
    assert!(!svg.contains("NaN"));
}
