//! Back-propagation against finite differences of the definition in double precision; fits against
//! maximum likelihood by Newton's method and a known truth.

use ndarray::{Array2, array};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::*;

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Lecture, eq. (1) and (2), in double precision: the mean log-likelihood of a network with these
/// parameters.
fn definition(parameters: &[Array2<f64>], rows: &[[f32; 2]], responses: &[bool]) -> f64 {
    let [w1, b1, w2, b2] = parameters else { panic!("{} parameters", parameters.len()) };
    let log_prob = |(row, &response): (&[f32; 2], &bool)| {
        let mut logit = b2[[0, 0]];
        for unit in 0..w1.nrows() {
            let sum: f64 = (0..2).map(|d| w1[[unit, d]] * f64::from(row[d])).sum();
            logit += w2[[0, unit]] * logistic(sum + b1[[0, unit]]);
        }
        let p = logistic(logit);
        if response { p.ln() } else { (1.0 - p).ln() }
    };
    rows.iter().zip(responses).map(log_prob).sum::<f64>() / rows.len() as f64
}

fn wide(parameters: Vec<NamedMatrix>) -> Vec<Array2<f64>> {
    parameters.into_iter().map(|parameter| parameter.values.mapv(f64::from)).collect()
}

#[test]
fn back_propagation_agrees_with_finite_differences() {
    let network = LogisticNetwork::<2>::params().hidden(3).seed(4).build().unwrap();
    let rows = [[0.5f32, -1.0], [1.5, 0.3], [-0.7, 0.2], [0.1, 2.0], [-1.2, -0.4]];
    let responses = [true, false, true, true, false];
    let parameters = wide(network.parameters().unwrap());
    let likelihood = network.mean_log_likelihood(&rows, &responses).unwrap();
    // Single precision.
    assert!((likelihood - definition(&parameters, &rows, &responses)).abs() < 1e-6);
    let gradients = network.gradients(&rows, &responses).unwrap();
    let names: Vec<&str> = gradients.iter().map(|gradient| gradient.name.as_str()).collect();
    assert_eq!(names, ["hidden.0.weight", "hidden.0.bias", "last.weight", "last.bias"]);
    for (index, gradient) in gradients.iter().enumerate() {
        for (place, &got) in gradient.values.indexed_iter() {
            let at = |shift: f64| {
                let mut moved = parameters.clone();
                moved[index][place] += shift;
                definition(&moved, &rows, &responses)
            };
            let h = 1e-5;
            let want = (at(h) - at(-h)) / (2.0 * h);
            // Gradients of size 0.1 in single precision.
            let close = (f64::from(got) - want).abs() < 1e-6;
            assert!(close, "{} {place:?}: got {got}, want {want}", gradient.name);
        }
    }
}

/// Rows and responses from a known probability.
fn simulated(count: usize, probability: impl Fn(&[f32; 2]) -> f64) -> (Vec<[f32; 2]>, Vec<bool>) {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let rows: Vec<[f32; 2]> =
        (0..count).map(|_| std::array::from_fn(|_| StandardNormal.sample(&mut rng))).collect();
    let responses = rows.iter().map(|row| rng.random::<f64>() < probability(row)).collect();
    (rows, responses)
}

fn fit(epochs: usize, learning_rate: f64) -> Fit {
    Fit::new().epochs(epochs).learning_rate(learning_rate).validation(0.0).batch(10_000)
}

/// Newton's method on the likelihood of a logistic regression: intercept, then the weights.
fn newton(rows: &[[f32; 2]], responses: &[bool]) -> [f64; 3] {
    let mut beta = [0.0; 3];
    for _ in 0..30 {
        let (mut gradient, mut hessian) = ([0.0; 3], [[0.0; 3]; 3]);
        for (row, &response) in rows.iter().zip(responses) {
            let x = [1.0, f64::from(row[0]), f64::from(row[1])];
            let p = logistic((0..3).map(|i| beta[i] * x[i]).sum());
            for i in 0..3 {
                gradient[i] += (f64::from(u8::from(response)) - p) * x[i];
                (0..3).for_each(|j| hessian[i][j] += p * (1.0 - p) * x[i] * x[j]);
            }
        }
        let hessian = ndarray::arr2(&hessian);
        let factor = crate::linalg::Cholesky::new(hessian.view()).unwrap();
        let step = factor.solve(ndarray::arr1(&gradient).insert_axis(Axis(1)).view());
        (0..3).for_each(|i| beta[i] += step[[i, 0]]);
    }
    beta
}

#[test]
fn without_hidden_units_it_converges_to_logistic_regression() {
    let (rows, responses) =
        simulated(500, |x| logistic(0.5 + 1.5 * f64::from(x[0]) - f64::from(x[1])));
    let mut network = LogisticNetwork::<2>::params().hidden(0).build().unwrap();
    network.fit(&rows, &responses, fit(500, 0.05)).unwrap();
    network.fit(&rows, &responses, fit(300, 0.005)).unwrap();
    assert_eq!(network.history().unwrap().train.len(), 800);
    let [weight, bias] = &wide(network.parameters().unwrap())[..] else { panic!() };
    let got = [bias[[0, 0]], weight[[0, 0]], weight[[0, 1]]];
    for (got, want) in got.iter().zip(newton(&rows, &responses)) {
        // The last steps of Adam are near 0.005 times a gradient that is all but zero.
        assert!((got - want).abs() < 2e-3, "got {got}, want {want}");
    }
}

#[test]
fn hidden_units_find_a_known_truth_that_no_plane_can() {
    // P(y = 1) is high inside a disc.
    let truth = |x: &[f32; 2]| logistic(4.0 - 3.0 * f64::from(x[0] * x[0] + x[1] * x[1]));
    let (rows, responses) = simulated(4000, truth);
    let learn = |hidden| {
        let params = LogisticNetwork::<2>::params().hidden(hidden).seed(1);
        let mut network = params.build().unwrap();
        let fit = Fit::new().epochs(150).learning_rate(0.02).validation(0.0).batch(200);
        network.fit(&rows, &responses, fit).unwrap();
        network
    };
    let (network, regression) = (learn(12), learn(0));
    let log_prob = |x: &[f32; 2], y: bool| if y { truth(x).ln() } else { (1.0 - truth(x)).ln() };
    let best = rows.iter().zip(&responses).map(|(x, &y)| log_prob(x, y)).sum::<f64>() / 4000.0;
    let of = |network: &LogisticNetwork<2>| network.mean_log_likelihood(&rows, &responses).unwrap();
    // 49 parameters fit noise worth half a nat each at most: 49/2/4,000 = 0.006.
    assert!((of(&network) - best).abs() < 0.012, "{} {best}", of(&network));
    assert!(of(&regression) < best - 0.2, "{} {best}", of(&regression));
    let probabilities = network.probabilities(&[[0.0f32, 0.0], [2.0, 0.0], [0.0, -2.0]]).unwrap();
    let want = array![logistic(4.0), logistic(-8.0), logistic(-8.0)];
    assert!((&probabilities - &want).iter().all(|error| error.abs() < 0.05), "{probabilities}");
    assert!(network.accuracy(&rows, &responses).unwrap() > 0.8);
}

#[test]
fn files_bring_everything_back_and_the_training_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.safetensors");
    let (rows, responses) = simulated(100, |x| logistic(f64::from(x[0])));
    let build = || LogisticNetwork::<2>::params().hidden(3).build().unwrap();
    let mut whole = build();
    whole.fit(&rows, &responses, fit(7, 0.1)).unwrap();
    let mut parts = build();
    parts.fit(&rows, &responses, fit(3, 0.1)).unwrap();
    parts.save(&path).unwrap();
    let mut parts = LogisticNetwork::<2>::load(&path).unwrap();
    parts.fit(&rows, &responses, fit(4, 0.1)).unwrap();
    assert_eq!(parts.parameters().unwrap(), whole.parameters().unwrap());
    assert!(matches!(LogisticNetwork::<3>::load(&path), Err(Error::Shape { .. })));
    assert!(matches!(crate::Vae::<2, 1>::load(&path), Err(Error::File { .. })));
    let error = build().fit(&rows, &responses[1..], fit(1, 0.1));
    assert!(matches!(error, Err(Error::Shape { .. })));
}
