use ndarray::{Array1, Array2};

use super::{Ties, partial_likelihood::evaluate, residuals::score_residuals, rows::Rows};
use crate::survival::{Durations, Events, FollowUp};

/// Tied times, strata and, if asked for, late entries and weights.
fn rows(n: usize, late: bool) -> (Array2<f64>, FollowUp, Vec<usize>) {
    let x = Array2::from_shape_fn((n, 3), |(i, j)| ((i * (j + 2)) as f64 * 0.37 + j as f64).sin());
    let times = (0..n).map(|i| 1.0 + ((i * 7919) % 23) as f64 / 2.0);
    let follow_up =
        FollowUp::new(Durations::days(times), Events::observed((0..n).map(|i| i % 3 != 1)));
    let mut follow_up = follow_up.unwrap();
    if late {
        let entries: Vec<f64> =
            follow_up.times().iter().enumerate().map(|(i, t)| t * (i % 4) as f64 / 5.0).collect();
        follow_up = follow_up.entered(Durations::days(entries)).unwrap();
        follow_up = follow_up.weighted((0..n).map(|i| 0.5 + (i % 4) as f64)).unwrap();
    }
    (x, follow_up, (0..n).map(|i| i % 2).collect())
}

/// ℓ with each risk set summed anew.
fn naive(
    x: &Array2<f64>,
    follow_up: &FollowUp,
    stratum: &[usize],
    ties: Ties,
    beta: &Array1<f64>,
) -> f64 {
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let entry = |i: usize| follow_up.entries().map_or(f64::NEG_INFINITY, |entries| entries[i]);
    let risk = x.dot(beta);
    let weights = follow_up.frequencies();
    let together = |i: usize, j: usize| stratum[i] == stratum[j] && times[i] == times[j];
    let mut total = 0.0;
    for i in (0..times.len()).filter(|&i| observed[i]) {
        let tied = |j: &usize| observed[*j] && together(i, *j);
        let before = (0..i).filter(tied).count() as f64;
        let all: Vec<usize> = (0..times.len()).filter(tied).collect();
        let share = if ties == Ties::Efron { before / all.len() as f64 } else { 0.0 };
        let at_risk =
            |j: &usize| stratum[*j] == stratum[i] && times[*j] >= times[i] && entry(*j) < times[i];
        let w = |j: usize| weights[j] * risk[j].exp();
        let sum: f64 = (0..times.len()).filter(at_risk).map(w).sum();
        let events: f64 = all.iter().map(|&j| w(j)).sum();
        let mean = all.iter().map(|&j| weights[j]).sum::<f64>() / all.len() as f64;
        total += weights[i] * risk[i] - mean * (sum - share * events).ln();
    }
    total
}

#[test]
fn the_likelihood_is_its_definition_and_derivatives_are_its_differences() {
    let beta = Array1::from(vec![0.4, -0.7, 0.2]);
    for (late, ties) in
        [(false, Ties::Efron), (false, Ties::Breslow), (true, Ties::Efron), (true, Ties::Breslow)]
    {
        let (x, follow_up, stratum) = rows(60, late);
        let sorted = Rows::new(&x, &follow_up, &stratum, 2);
        let at = evaluate(&sorted, ties, &beta);
        let value = |beta: &Array1<f64>| naive(&x, &follow_up, &stratum, ties, beta);
        assert!((at.log_likelihood - value(&beta)).abs() < 1e-10, "{late} {ties:?}");
        for j in 0..3 {
            let moved = |step: f64| {
                let mut moved = beta.clone();
                moved[j] += step;
                moved
            };
            // The error of a central difference with this step is about 1e-9.
            let step = 1e-5;
            let slope = (value(&moved(step)) - value(&moved(-step))) / (2.0 * step);
            assert!((at.gradient[j] - slope).abs() < 1e-6, "{late} {ties:?} {j}");
            let gradient = |step: f64| evaluate(&sorted, ties, &moved(step)).gradient;
            let column = (gradient(-step) - gradient(step)) / (2.0 * step);
            for (got, want) in at.information.column(j).iter().zip(&column) {
                assert!((got - want).abs() < 1e-6, "{late} {ties:?} {j}: {got} {want}");
            }
        }
    }
}

// An identity: the contributions of the patients sum to the gradient.
#[test]
fn score_residuals_sum_to_the_gradient() {
    let beta = Array1::from(vec![0.4, -0.7, 0.2]);
    for (late, ties) in [(false, Ties::Efron), (true, Ties::Efron), (true, Ties::Breslow)] {
        let (x, follow_up, stratum) = rows(60, late);
        let sorted = Rows::new(&x, &follow_up, &stratum, 2);
        let sum = score_residuals(&sorted, ties, &beta).sum_axis(ndarray::Axis(0));
        let gradient = evaluate(&sorted, ties, &beta).gradient;
        for (got, want) in sum.iter().zip(&gradient) {
            assert!((got - want).abs() < 1e-10, "{late} {ties:?}: {got} {want}");
        }
    }
}
