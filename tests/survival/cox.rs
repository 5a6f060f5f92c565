//! Cox regression by identities.

use elbo::{
    ndarray::{Array2, Axis, concatenate},
    survival::{
        Cohort, Cox, Durations, Events, FollowUp, Grouping, NelsonAalen, SurvivalModel, Ties,
    },
};

use crate::{
    files::{assert_all_close, assert_close},
    naive::jumble,
};

/// Covariates, tied times, and whether the event was seen.
fn rows(n: usize) -> (Array2<f64>, Vec<f64>, Vec<bool>) {
    let (first, second) = (jumble(n, 41), jumble(n, 42));
    let x = Array2::from_shape_fn((n, 2), |(i, j)| if j == 0 { first[i] } else { second[i] });
    let chance = jumble(n, 43);
    let times = (0..n).map(|i| (1.0 + 12.0 * chance[i] / (0.5 + x[[i, 0]])).floor()).collect();
    (x, times, jumble(n, 44).into_iter().map(|u| u < 0.7).collect())
}

fn cohort(x: &Array2<f64>, times: Vec<f64>, observed: Vec<bool>) -> Cohort {
    let follow_up = FollowUp::new(Durations::weeks(times), Events::observed(observed)).unwrap();
    Cohort::from_matrix(follow_up, &["a", "b"], x.view()).unwrap()
}

// Only the order of times counts, so times of 0 are times like others.
#[test]
fn times_of_zero_change_nothing() {
    let (x, times, observed) = rows(150);
    let earlier: Vec<f64> = times.iter().map(|time| time - 1.0).collect();
    assert!(earlier.contains(&0.0));
    let (later, earlier) =
        (cohort(&x, times, observed.clone()), cohort(&x, earlier, observed.clone()));
    let (later, earlier) = (Cox::fit(&later).unwrap(), Cox::fit(&earlier).unwrap());
    assert_eq!(later.coefficients(), earlier.coefficients());
    assert_eq!(later.standard_errors(), earlier.standard_errors());
}

// Coefficients and errors follow the units of the columns; hazards do not know them.
#[test]
fn units_of_columns_do_not_matter() {
    let (x, times, observed) = rows(150);
    let scaled = &x * 1000.0 + 5e4;
    let (one, other) =
        (cohort(&x, times.clone(), observed.clone()), cohort(&scaled, times, observed));
    let (fit, scaled) = (Cox::fit(&one).unwrap(), Cox::fit(&other).unwrap());
    let back = scaled.coefficients() * 1000.0;
    assert_all_close("coefficients", &back, &fit.coefficients().to_vec(), 1e-9);
    let survival = |cox: &Cox, cohort| cox.survival(cohort, &[3.0, 9.0]).unwrap();
    let (got, want) = (survival(&scaled, &other), survival(&fit, &one));
    assert_all_close("survival", &got, &want.iter().copied().collect::<Vec<_>>(), 1e-9);
}

// With all coefficients at 0 the baseline is Nelson and Aalen's.
#[test]
fn an_overwhelming_ridge_leaves_the_cumulative_hazard_of_everybody() {
    let (x, times, observed) = rows(150);
    let cohort = cohort(&x, times, observed);
    let cox = Cox::params().ridge(1e12).fit(&cohort).unwrap();
    let hazard = NelsonAalen::fit(cohort.follow_up(), 0.95).unwrap();
    let survival = cox.survival(&cohort, &[2.0, 6.0, 11.0]).unwrap();
    for (time, column) in [2.0, 6.0, 11.0].into_iter().zip(survival.columns()) {
        let want = (-hazard.cumulative_hazard_at(time)).exp();
        column.iter().for_each(|got| assert_close("survival", *got, want, 1e-8));
    }
}

// The martingale residuals of a fit sum to 0.
#[test]
fn as_many_events_are_expected_as_were_observed() {
    let (x, times, observed) = rows(150);
    let cohort = cohort(&x, times, observed);
    let cox = Cox::fit(&cohort).unwrap();
    let residuals = cox.martingale_residuals(&cohort).unwrap();
    assert_close("sum", residuals.sum(), 0.0, 1e-9);
    assert!(residuals.iter().all(|residual| *residual <= 1.0));
    let (times, schoenfeld) = cox.schoenfeld_residuals(&cohort).unwrap();
    assert_eq!(times.len(), cohort.follow_up().event_count());
    // They sum to the gradient, which is 0 at the maximum.
    schoenfeld.sum_axis(Axis(0)).iter().for_each(|sum| assert_close("gradient", *sum, 0.0, 1e-6));
}

// With Breslow's ties, everybody twice is the same model with half the variance; robust errors that
// know who is the same person are not taken in.
#[test]
fn clusters_see_through_copies() {
    let (x, times, observed) = rows(150);
    let person = |copies: usize| -> Vec<Option<String>> {
        (0..150 * copies).map(|i| Some((i % 150).to_string())).collect()
    };
    let once = cohort(&x, times.clone(), observed.clone());
    let doubled = concatenate(Axis(0), &[x.view(), x.view()]).unwrap();
    let twice = cohort(&doubled, times.repeat(2), observed.repeat(2));
    let twice = twice.with_grouping(Grouping::new("person", person(2))).unwrap();
    let fit = |robust, cohort: &Cohort| {
        Cox::params().ties(Ties::Breslow).robust(robust).fit(cohort).unwrap()
    };
    let clustered = Cox::params().ties(Ties::Breslow).cluster("person").fit(&twice).unwrap();
    let want = fit(true, &once).standard_errors().to_vec();
    assert_all_close("clusters", &clustered.standard_errors(), &want, 1e-9);
    let halved = fit(false, &once).standard_errors() / 2f64.sqrt();
    assert_all_close("copies", &fit(false, &twice).standard_errors(), &halved.to_vec(), 1e-9);
}
