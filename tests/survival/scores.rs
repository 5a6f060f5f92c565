//! Scores against their definitions, and what must hold for any of them.

use elbo::{
    Result,
    ndarray::{Array1, Array2},
    survival::{
        Cohort, Covariate, Durations, Events, Family, FollowUp, KaplanMeier, SurvivalModel,
        scores::{
            Brier, Calibration, Censoring, DCalibration, Scores, TimeAuc, antolini, harrell, uno,
        },
    },
};

use crate::{
    files::assert_close,
    naive::{self, jumble},
};

/// S(t) = exp(−(t r)^k) with the rate r in one covariate and the power k in another, so that curves
/// cross.
struct Crossing;

impl SurvivalModel for Crossing {
    fn name(&self) -> String {
        "crossing".to_owned()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        let (rate, power) = (cohort.covariate("rate")?, cohort.covariate("power")?);
        Ok(Array2::from_shape_fn((cohort.len(), times.len()), |(i, j)| {
            (-(times[j] * rate.values()[i]).powf(power.values()[i])).exp()
        }))
    }
}

/// Tied times, tied risks, and both kinds of ties at once.
fn cohort(n: usize) -> Cohort {
    let times = jumble(n, 3).iter().map(|u| (u * 12.0).ceil() / 4.0).collect::<Vec<_>>();
    let observed = jumble(n, 5).iter().map(|u| *u < 0.6).collect::<Vec<_>>();
    let follow_up = FollowUp::new(Durations::years(times), Events::observed(observed)).unwrap();
    let rate = jumble(n, 7).iter().map(|u| 0.2 + (u * 8.0).floor() / 8.0).collect::<Vec<_>>();
    let power = jumble(n, 9).iter().map(|u| 0.5 + (u * 3.0).floor()).collect::<Vec<_>>();
    let covariate = |name, values| Covariate::new(name, Family::Normal, values).unwrap();
    Cohort::new(follow_up, vec![covariate("rate", rate), covariate("power", power)]).unwrap()
}

#[test]
fn concordances_count_every_pair() {
    let cohort = cohort(300);
    let follow_up = cohort.follow_up();
    let risk = cohort.covariate("rate").unwrap().values();
    let ones = vec![1.0; risk.len()];
    assert_eq!(harrell(follow_up, risk).unwrap(), naive::concordance(follow_up, risk, &ones));
    let weight = |(&time, &observed): (&f64, &bool)| match naive::censoring(follow_up, time) {
        still if observed && still > 0.0 => still.powi(-2),
        _ => 0.0,
    };
    let weights: Vec<f64> =
        follow_up.times().iter().zip(follow_up.observed()).map(weight).collect();
    let got = uno(&Censoring::of(follow_up), follow_up, risk, None).unwrap();
    let want = naive::concordance(follow_up, risk, &weights);
    // Sums in another order.
    assert_close("Uno", got.index(), want.index(), 1e-12);
    assert_close("pairs", got.pairs(), want.pairs(), 1e-12);
}

#[test]
fn antolinis_concordance_looks_at_the_time_of_the_event() {
    let cohort = cohort(250);
    let follow_up = cohort.follow_up();
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let survival = Crossing.survival(&cohort, times).unwrap();
    let (mut concordant, mut tied, mut pairs) = (0.0, 0.0, 0.0);
    for i in (0..times.len()).filter(|&i| observed[i]) {
        for j in 0..times.len() {
            if times[j] > times[i] || (times[j] == times[i] && !observed[j]) {
                pairs += 1.0;
                concordant += f64::from(u8::from(survival[[i, i]] < survival[[j, i]]));
                tied += f64::from(u8::from(survival[[i, i]] == survival[[j, i]]));
            }
        }
    }
    let got = antolini(&Crossing, &cohort).unwrap();
    assert_eq!((got.concordant, got.tied, got.pairs()), (concordant, tied, pairs));
}

// An identity: a model of proportional hazards orders patients the same way at all times.
#[test]
fn with_proportional_hazards_antolinis_concordance_is_harrells() {
    let cohort = cohort(200);
    let rate = cohort.covariate("rate").unwrap().clone();
    let follow_up = cohort.follow_up().clone();
    let values = rate.values().to_vec();
    let single = Cohort::new(follow_up.clone(), vec![rate]).unwrap();
    let cox = elbo::Cox::fit(&single).unwrap();
    let sign = cox.coefficients()[0].signum();
    let risk: Vec<f64> = values.iter().map(|rate| sign * rate).collect();
    assert_eq!(antolini(&cox, &single).unwrap(), harrell(&follow_up, &risk).unwrap());
}

#[test]
fn brier_scores_and_areas_follow_their_definitions() {
    let cohort = cohort(200);
    let censoring = Censoring::of(cohort.follow_up());
    let times = [0.5, 1.0, 1.6, 2.25];
    let survival = Crossing.survival(&cohort, &times).unwrap();
    let brier = Brier::of(&Crossing, &censoring, &cohort, &times).unwrap();
    let auc = TimeAuc::of(&Crossing, &censoring, &cohort, &times).unwrap();
    for (j, time) in times.into_iter().enumerate() {
        let column = survival.column(j).to_vec();
        let want = naive::brier(&column, cohort.follow_up(), time);
        assert_close("Brier", brier.scores[j], want, 1e-12);
        let risk: Vec<f64> = column.iter().map(|survival| -survival).collect();
        let want = naive::auc(&risk, cohort.follow_up(), time);
        assert_close("area", auc.areas[j], want, 1e-12);
    }
}

// Haider et al. 2020, section 3.5: a censored patient with S = s in bin k adds (s − low_k)/s to it and
// (width of a bin)/s to each one below.
#[test]
fn d_calibration_spreads_censored_patients_over_the_bins_below() {
    let cohort = cohort(150);
    let follow_up = cohort.follow_up();
    let own = Crossing.survival(&cohort, follow_up.times()).unwrap();
    let mut counts = [0.0; 10];
    for i in 0..cohort.len() {
        let s = own[[i, i]];
        let bin = ((s * 10.0) as usize).min(9);
        if follow_up.observed()[i] {
            counts[bin] += 1.0;
        } else {
            counts[bin] += (s - bin as f64 / 10.0) / s;
            (0..bin).for_each(|below| counts[below] += 0.1 / s);
        }
    }
    let got = DCalibration::of(&Crossing, &cohort).unwrap();
    for (got, want) in got.counts.iter().zip(counts) {
        assert_close("bin", *got, want, 1e-12);
    }
    assert_close("everybody", got.counts.iter().sum(), cohort.len() as f64, 1e-12);
}

// Without censoring the observed survival of a group is a share, and the predictions of the truth
// are met within binomial errors.
#[test]
fn groups_of_a_calibration_are_of_similar_predictions() {
    let n = 4_000;
    let rate: Vec<f64> = jumble(n, 1).iter().map(|u| 0.2 + u).collect();
    let times: Vec<f64> =
        jumble(n, 2).iter().zip(&rate).map(|(u, r)| -(1.0 - u).ln() / r).collect();
    let follow_up = FollowUp::new(Durations::years(times), Events::observed(vec![true; n]));
    let covariate = |name, values| Covariate::new(name, Family::Normal, values).unwrap();
    let mut ones = vec![1.0; n];
    // A constant column is refused, and rightly so.
    ones[0] = 1.0 + 1e-12;
    let covariates = vec![covariate("rate", rate), covariate("power", ones)];
    let cohort = Cohort::new(follow_up.unwrap(), covariates).unwrap();
    let calibration = Calibration::of(&Crossing, &cohort, 1.0, 8).unwrap();
    assert_eq!(calibration.groups.len(), 8);
    for group in &calibration.groups {
        let error = (group.predicted * (1.0 - group.predicted) / group.count as f64).sqrt();
        let distance = (group.predicted - group.observed).abs();
        assert!(distance < 4.0 * error, "{group:?}");
        assert!(group.interval.0 < group.observed && group.observed < group.interval.1);
    }
    assert!(calibration.groups.windows(2).all(|pair| pair[0].predicted < pair[1].predicted));
    assert!(DCalibration::of(&Crossing, &cohort).unwrap().p_value > 0.001);
}

#[test]
fn intervals_contain_the_value_and_the_same_seed_gives_the_same_scores() {
    let cohort = cohort(200);
    let run =
        |seed| Scores::params().resamples(60).seed(seed).of(&Crossing, &cohort, &cohort).unwrap();
    let scores = run(4);
    assert_eq!(scores, run(4));
    assert_ne!(scores.harrell.interval, run(5).harrell.interval);
    let all =
        [&scores.harrell, &scores.uno, &scores.antolini, &scores.auc, &scores.integrated_brier];
    for score in all {
        let (low, high) = score.interval;
        assert!(low < score.value && score.value < high, "{score:?}");
    }
    let expected = antolini(&Crossing, &cohort).unwrap().index();
    assert_close("Antolini", scores.antolini.value, expected, 1e-12);
    let risk = Crossing.risk(&cohort).unwrap().to_vec();
    let expected = harrell(cohort.follow_up(), &risk).unwrap().index();
    assert_close("Harrell", scores.harrell.value, expected, 1e-12);
}

// The standard error of a resampled mean of n equal chances is that of the mean.
#[test]
fn the_bootstrap_interval_of_a_brier_score_is_as_wide_as_its_standard_error_says() {
    let n = 500;
    let times = jumble(n, 11).iter().map(|u| 0.1 + u).collect::<Vec<_>>();
    let follow_up = FollowUp::new(Durations::days(times), Events::observed(vec![true; n])).unwrap();
    let cohort = Cohort::new(follow_up.clone(), vec![]).unwrap();
    let model = KaplanMeier::fit(&follow_up).unwrap();
    let (time, s) = (0.4, model.survival_at(0.4));
    let scores = Scores::params().times([time]).resamples(2_000).of(&model, &cohort, &cohort);
    let score = scores.unwrap().integrated_brier;
    assert_close("Brier", score.value, s * (1.0 - s), 1e-12);
    let losses: Array1<f64> = follow_up
        .times()
        .iter()
        .map(|&at| if at > time { (1.0 - s).powi(2) } else { s * s })
        .collect();
    let error = losses.std(0.0) / (n as f64).sqrt();
    let width = (score.interval.1 - score.interval.0) / (2.0 * 1.96);
    // 2,000 resamples give a quantile to a few percent.
    assert!((width / error - 1.0).abs() < 0.1, "{width} {error}");
}
