//! Scores of patients who came under observation late.

use elbo::{
    Result,
    ndarray::Array2,
    survival::{
        Cohort, Covariate, Durations, Events, Family, FollowUp, SurvivalModel,
        scores::{
            Brier, Censoring, DCalibration, FoldScore, Scores, TimeAuc, antolini, harrell, uno,
        },
    },
};

use crate::{files::assert_close, naive::jumble};

/// S(t) = exp(−t r)
struct Exponential;

impl SurvivalModel for Exponential {
    fn name(&self) -> String {
        "exponential".to_owned()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        let rate = cohort.covariate("rate")?.values();
        Ok(Array2::from_shape_fn((rate.len(), times.len()), |(i, j)| (-times[j] * rate[i]).exp()))
    }
}

/// Of `n` patients with exponential times those who were still without the event at their entry.
fn truncated(n: usize, round: f64) -> Cohort {
    let rate: Vec<f64> = jumble(n, 61).iter().map(|u| 0.2 + (u * 6.0).floor() / 3.0).collect();
    let draws = [62, 63, 64].map(|seed| jumble(n, seed));
    let mut rows = Vec::new();
    for i in 0..n {
        let event = -(1.0 - draws[0][i]).ln() / rate[i];
        let entry = draws[1][i] * 1.5;
        let end = entry + 0.2 + 2.0 * draws[2][i];
        let time = event.min(end);
        let time = if round > 0.0 { (time / round).ceil() * round } else { time };
        if event > entry && time > entry {
            rows.push((entry, time, event <= end, rate[i]));
        }
    }
    let follow_up = FollowUp::new(
        Durations::years(rows.iter().map(|row| row.1)),
        Events::observed(rows.iter().map(|row| row.2)),
    );
    let entries = Durations::years(rows.iter().map(|row| row.0));
    let rate = Covariate::new("rate", Family::Normal, rows.iter().map(|row| row.3)).unwrap();
    Cohort::new(follow_up.unwrap().entered(entries).unwrap(), vec![rate]).unwrap()
}

#[test]
fn concordances_compare_those_at_risk_together() {
    let cohort = truncated(400, 0.25);
    let follow_up = cohort.follow_up();
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let entries = follow_up.entries().unwrap();
    let risk = cohort.covariate("rate").unwrap().values();
    let (mut concordant, mut tied, mut pairs) = (0.0, 0.0, 0.0);
    for i in (0..times.len()).filter(|&i| observed[i]) {
        for j in 0..times.len() {
            let later = times[j] > times[i] || (times[j] == times[i] && !observed[j]);
            if later && entries[j] < times[i] {
                pairs += 1.0;
                concordant += f64::from(u8::from(risk[i] > risk[j]));
                tied += f64::from(u8::from(risk[i] == risk[j]));
            }
        }
    }
    let got = harrell(follow_up, risk).unwrap();
    assert_eq!((got.concordant, got.tied, got.pairs()), (concordant, tied, pairs));
    // Curves that do not cross have the order of their risks.
    let got = antolini(&Exponential, &cohort).unwrap();
    assert_eq!((got.concordant, got.tied, got.pairs()), (concordant, tied, pairs));
    let all = FollowUp::new(Durations::years(times.to_vec()), Events::observed(observed.to_vec()));
    assert!(harrell(&all.unwrap(), risk).unwrap().pairs() > pairs);
}

// S(T)/S(entry) is uniform under the model that the times came from.
#[test]
fn the_right_model_is_calibrated_since_the_entry() {
    let cohort = truncated(6_000, 0.0);
    assert!(DCalibration::of(&Exponential, &cohort).unwrap().p_value > 0.001);
    let times = cohort.follow_up().times().to_vec();
    let observed = cohort.follow_up().observed().to_vec();
    let all = FollowUp::new(Durations::years(times), Events::observed(observed)).unwrap();
    let from_the_start = cohort.with_follow_up(all).unwrap();
    assert!(DCalibration::of(&Exponential, &from_the_start).unwrap().p_value < 1e-6);
}

#[test]
fn scores_that_weigh_by_censoring_say_that_they_do_not_know_entries() {
    let cohort = truncated(100, 0.0);
    let follow_up = cohort.follow_up();
    let censoring = Censoring::of(follow_up);
    let risk = cohort.covariate("rate").unwrap().values();
    let errors = [
        uno(&censoring, follow_up, risk, None).unwrap_err(),
        Brier::of(&Exponential, &censoring, &cohort, &[1.0]).unwrap_err(),
        TimeAuc::of(&Exponential, &censoring, &cohort, &[1.0]).unwrap_err(),
        TimeAuc::of_risk(risk, &censoring, follow_up, &[1.0]).unwrap_err(),
        Scores::of(&Exponential, &cohort, &cohort).unwrap_err(),
        FoldScore::of(&Exponential, &cohort).unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().contains("followed from time 0"), "{error}");
    }
    // Everybody entered at 0: nothing changes.
    let zero = FollowUp::new(Durations::days([1.0, 2.0]), Events::observed([true, true])).unwrap();
    let entered = zero.clone().entered(Durations::days([0.0, 0.0])).unwrap();
    let [a, b] = [zero, entered].map(|f| harrell(&f, &[1.0, 0.5]).unwrap().index());
    assert_close("C", a, b, 0.0);
}
