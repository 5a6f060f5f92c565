//! The bounds against numerical integrals over a one-dimensional z.

use elbo::{
    Activation, Emission, Fit, M2,
    ndarray::{Array2, Axis},
    semi_supervised::{ClassifierNetwork, Weighting},
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const K: usize = 3;
type Model = M2<2, K, 1>;

/// Points around three places, with their class.
pub fn points(count: usize, seed: u64) -> (Vec<[f32; 2]>, Vec<u32>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let places = [[0.2, 0.2], [0.8, 0.3], [0.5, 0.9]];
    (0..count)
        .map(|row| {
            let place: [f32; 2] = places[row % K];
            (place.map(|at| at + rng.random_range(-0.15..0.15)), (row % K) as u32)
        })
        .unzip()
}

pub fn params() -> elbo::m2::M2Params<2, K, 1> {
    Model::params()
        .hidden([6])
        .activation(Activation::Tanh)
        .emission(Emission::NormalSharedStd)
        .classifier(ClassifierNetwork::Dense(vec![5]))
        .weighting(Weighting::Classification(1.0))
        .prior([0.5, 0.25, 0.25])
}

fn trained() -> Model {
    let (rows, labels) = points(60, 1);
    let fit = Fit::new().epochs(60).batch(20).learning_rate(0.01);
    params().fit(&rows, &labels, fit).unwrap().0
}

/// E f(z) and Var f(z) for z ~ N(mean, std²), by the trapezoidal rule, whose error is far below f32's.
fn integrate(model: &Model, x: [f32; 2], class: u32, (mean, std): (f64, f64)) -> Vec<(f64, f64)> {
    let steps: Vec<f64> = (0..=1200).map(|i| -6.0 + 0.01 * f64::from(i)).collect();
    let z = Array2::from_shape_fn((steps.len(), 1), |(i, _)| (mean + std * steps[i]) as f32);
    let decoded = model.decode(&z, &vec![class; steps.len()]).unwrap();
    let density = |t: f64| (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (means, stds) = (&decoded.mean.values, &decoded.std.values);
    let log_prob = |i: usize| -> f64 {
        let cell = |d: usize| {
            let (mean, std) = (f64::from(means[[i, d]]), f64::from(stds[[i, d]]));
            density((f64::from(x[d]) - mean) / std).ln() - std.ln()
        };
        cell(0) + cell(1)
    };
    (0..steps.len()).map(|i| (0.01 * density(steps[i]), log_prob(i))).collect()
}

/// L(x, y) of eq. (17) and the variance of log p(x|z, y) under q.
fn labelled(model: &Model, x: [f32; 2], class: u32) -> (f64, f64) {
    let posterior = model.encode(&[x], &[class]).unwrap();
    let (mean, std) = (f64::from(posterior.mean[[0, 0]]), f64::from(posterior.std[[0, 0]]));
    let cells = integrate(model, x, class, (mean, std));
    let expected: f64 = cells.iter().map(|(weight, log)| weight * log).sum();
    let variance = cells.iter().map(|(weight, log)| weight * (log - expected).powi(2)).sum();
    let kl = 0.5 * (mean * mean + std * std - 1.0) - std.ln();
    (expected - kl + [0.5f64, 0.25, 0.25][class as usize].ln(), variance)
}

/// log p(x, y).
fn log_joint(model: &Model, x: [f32; 2], class: u32) -> f64 {
    let cells = integrate(model, x, class, (0.0, 1.0));
    let likelihood: f64 = cells.iter().map(|(weight, log)| weight * log.exp()).sum();
    likelihood.ln() + [0.5f64, 0.25, 0.25][class as usize].ln()
}

const DRAWS: usize = 4000;

/// Within five standard errors of the mean over the draws, and f32.
fn assert_close(got: f64, want: f64, variance: f64) {
    let tolerance = 5.0 * (variance / DRAWS as f64).sqrt() + 2e-4;
    assert!((got - want).abs() < tolerance, "{got} {want} ± {tolerance}");
}

#[test]
fn bounds_agree_with_integrals_and_lie_below_the_evidence() {
    let model = trained();
    let rows = [[0.25f32, 0.15], [0.5, 0.5], [0.9, 0.9]];
    let unlabelled = model.unlabelled_bound(&rows, DRAWS).unwrap();
    let q = model.probabilities(&rows).unwrap();
    for (i, &x) in rows.iter().enumerate() {
        let (mut sum, mut variance, mut evidence) = (0.0, 0.0, 0.0);
        for class in 0..K as u32 {
            let (bound, spread) = labelled(&model, x, class);
            let got = model.labelled_bound(&[x], &[class], DRAWS).unwrap().rows[0].elbo;
            assert_close(got, bound, spread);
            let joint = log_joint(&model, x, class);
            assert!(bound <= joint + 1e-4, "{bound} {joint}");
            let q = q[[i, class as usize]];
            sum += q * (bound - q.ln());
            // The classes share their noise: standard deviations add up.
            variance = (f64::sqrt(variance) + q * spread.sqrt()).powi(2);
            evidence += joint.exp();
        }
        assert_close(unlabelled.rows[i].elbo, sum, variance);
        assert!(sum <= evidence.ln() + 1e-4, "{sum} {}", evidence.ln());
    }
    assert!(q.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < 1e-5));
}

/// What steps report is on average the objective over all rows, though each sees few of either kind.
#[test]
fn a_step_estimates_the_objective_over_both_kinds_of_rows_without_bias() {
    let ((labelled, labels), (others, _)) = (points(12, 2), points(60, 3));
    for weighting in [Weighting::Classification(2.0), Weighting::Bound(0.3)] {
        let mut model = params().weighting(weighting).unlabelled_batch(7).build().unwrap();
        model.unlabelled(&others).unwrap();
        // So slow that the parameters stay.
        let fit = Fit::new().epochs(400).batch(5).learning_rate(1e-12).validation(0.0);
        let history = model.fit(&labelled, &labels, fit).unwrap();
        let known = model.labelled_bound(&labelled, &labels, 200).unwrap().mean().elbo;
        let unknown = model.unlabelled_bound(&others, 200).unwrap().mean().elbo;
        let q = model.probabilities(&labelled).unwrap();
        let class = |row: usize| q[[row, labels[row] as usize]].ln();
        let classification = (0..12).map(class).sum::<f64>() / 12.0;
        let bound = known * 12.0 / 72.0 + unknown * 60.0 / 72.0;
        let want = match weighting {
            Weighting::Classification(alpha) => bound + alpha * classification,
            Weighting::Bound(alpha) => alpha * bound + classification,
        };
        let objectives: Vec<f64> = history.train.iter().map(|terms| terms.elbo).collect();
        let mean = objectives.iter().sum::<f64>() / 400.0;
        let variance = objectives.iter().map(|o| (o - mean).powi(2)).sum::<f64>() / 399.0;
        // Five standard errors of the mean of 400 epochs, and the noise of the 200 draws.
        let tolerance = 5.0 * (variance / 400.0).sqrt() + 0.02;
        assert!((mean - want).abs() < tolerance, "{mean} {want} ± {tolerance}");
        let parts = history.train[0].semi_supervised.unwrap();
        assert!((parts.classification - classification).abs() < 1e-4);
    }
}
