//! With linear networks and a normal emission everything about a VAE is a normal distribution, so
//! that the bound, the evidence and the gap between them (lecture, eq. 3) have closed forms:
//! x = Wz + b + σε gives p(x) = N(b, WWᵀ + σ²I) and a normal p(z|x).

use elbo::{Activation, Emission, Estimator, Vae, display::RichDisplay, ndarray::Array2};
use ndarray::array;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const D: usize = 3;
const Z: usize = 2;

type Matrix<const N: usize> = [[f64; N]; N];

/// The decoder's affine map, read off by decoding the origin and the unit vectors.
struct Linear {
    weight: [[f64; Z]; D],
    bias: [f64; D],
    std: f64,
}

impl Linear {
    fn read_off(vae: &Vae<D, Z>) -> Self {
        let decoded = vae.decode(&[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).unwrap();
        let mean = decoded.mean.values.mapv(f64::from);
        let weight = |d: usize, z: usize| mean[[z + 1, d]] - mean[[0, d]];
        Self {
            weight: std::array::from_fn(|d| std::array::from_fn(|z| weight(d, z))),
            bias: std::array::from_fn(|d| mean[[0, d]]),
            std: f64::from(decoded.std.values[[0, 0]]),
        }
    }

    /// log N(x; b, WWᵀ + σ²I)
    fn log_prob(&self, x: &[f64; D]) -> f64 {
        let covariance: Matrix<D> = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                let product: f64 = (0..Z).map(|z| self.weight[i][z] * self.weight[j][z]).sum();
                product + if i == j { self.std * self.std } else { 0.0 }
            })
        });
        let centred = std::array::from_fn(|d| x[d] - self.bias[d]);
        let (log_det, quadratic) = log_det_and_quadratic(covariance, centred);
        -0.5 * (D as f64 * std::f64::consts::TAU.ln() + log_det + quadratic)
    }

    /// Precision M = I + WᵀW/σ² and mean M⁻¹Wᵀ(x − b)/σ² of p(z|x).
    fn posterior(&self, x: &[f64; D]) -> (Matrix<Z>, [f64; Z]) {
        let variance = self.std * self.std;
        let precision: Matrix<Z> = std::array::from_fn(|i| {
            std::array::from_fn(|j| {
                let product: f64 = (0..D).map(|d| self.weight[d][i] * self.weight[d][j]).sum();
                product / variance + if i == j { 1.0 } else { 0.0 }
            })
        });
        let pull: [f64; Z] = std::array::from_fn(|z| {
            (0..D).map(|d| self.weight[d][z] * (x[d] - self.bias[d]) / variance).sum()
        });
        let [[a, b], [c, d]] = precision;
        let determinant = a * d - b * c;
        let mean =
            [(d * pull[0] - b * pull[1]) / determinant, (a * pull[1] - c * pull[0]) / determinant];
        (precision, mean)
    }
}

/// log |Σ| and vᵀΣ⁻¹v by elimination.
fn log_det_and_quadratic(mut matrix: Matrix<D>, mut v: [f64; D]) -> (f64, f64) {
    let (mut log_det, mut quadratic) = (0.0, 0.0);
    for i in 0..D {
        let pivot = matrix[i][i];
        log_det += pivot.ln();
        quadratic += v[i] * v[i] / pivot;
        for j in i + 1..D {
            let factor = matrix[j][i] / pivot;
            let above = matrix[i];
            matrix[j]
                .iter_mut()
                .zip(above)
                .skip(i)
                .for_each(|(cell, above)| *cell -= factor * above);
            v[j] -= factor * v[i];
        }
    }
    (log_det, quadratic)
}

/// KL(N(mean, diag std²) ‖ N(target mean, precision⁻¹))
fn divergence(mean: [f64; Z], std: [f64; Z], precision: Matrix<Z>, target: [f64; Z]) -> f64 {
    let delta = [target[0] - mean[0], target[1] - mean[1]];
    let [[a, b], [c, d]] = precision;
    let trace = a * std[0].powi(2) + d * std[1].powi(2);
    let distance =
        delta[0] * (a * delta[0] + b * delta[1]) + delta[1] * (c * delta[0] + d * delta[1]);
    let log_det_q = 2.0 * (std[0].ln() + std[1].ln());
    0.5 * (trace + distance - Z as f64 - (a * d - b * c).ln() - log_det_q)
}

fn model() -> Vae<D, Z> {
    Vae::params()
        .hidden([4])
        .activation(Activation::Identity)
        .emission(Emission::NormalSharedStd)
        .seed(3)
        .build()
        .unwrap()
}

const ROWS: [[f32; D]; 4] = [[0.3, -0.2, 0.1], [1.0, 0.5, -0.7], [-0.4, 0.9, 0.2], [0.0, 0.0, 0.0]];

fn wide(row: &[f32; D]) -> [f64; D] {
    row.map(f64::from)
}

/// log p(x) − KL(q‖p(z|x)) and its two parts, for a row.
fn closed_forms(vae: &Vae<D, Z>, row: &[f32; D]) -> (f64, f64) {
    let linear = Linear::read_off(vae);
    let q = vae.encode(&[*row]).unwrap();
    let (precision, target) = linear.posterior(&wide(row));
    let at = |values: &Array2<f32>| [0, 1].map(|z| f64::from(values[[0, z]]));
    (linear.log_prob(&wide(row)), divergence(at(&q.mean), at(&q.std), precision, target))
}

#[test]
fn evidence_and_gap_are_the_closed_forms_within_their_standard_errors() {
    let vae = model();
    for draws in [500, 20_000] {
        let evidence = vae.evidence(&ROWS, draws).unwrap();
        let gap = evidence.gap();
        for (number, row) in ROWS.iter().enumerate() {
            let (log_prob, divergence) = closed_forms(&vae, row);
            // The estimates have standard errors of their own; four of them. Both were computed in
            // single precision, with values near 5: 1e-5.
            let close = |got: f64, want: f64, error: f64, what: &str| {
                let tolerance = 4.0 * error + 1e-5;
                assert!((got - want).abs() < tolerance, "{what}: got {got} ± {error}, want {want}");
                // The weights' relative standard deviation is below 10 here (an untrained encoder).
                assert!(error < 10.0 / (draws as f64).sqrt(), "{what}: {error}");
            };
            close(evidence.log_prob[number], log_prob, evidence.log_prob_error[number], "log p");
            close(gap[number], divergence, evidence.gap_error[number], "gap");
        }
    }
}

/// Over many independent repetitions, nine in ten estimates lie within 1.645 standard errors.
#[test]
fn the_standard_errors_cover_the_closed_forms_as_often_as_they_promise() {
    let (mut vae, repetitions) = (model(), 1000);
    // A trained encoder: with weights of a finite variance, which standard errors need.
    vae.fit(&vec![ROWS; 200].concat(), elbo::Fit::new().epochs(4)).unwrap();
    let (log_prob, divergence) = closed_forms(&vae, &ROWS[1]);
    let evidence = vae.evidence(&vec![ROWS[1]; repetitions], 400).unwrap();
    let covered = |got: &ndarray::Array1<f64>, errors: &ndarray::Array1<f64>, want: f64| {
        let within = |(got, error): (&f64, &f64)| (got - want).abs() <= 1.645 * error;
        got.iter().zip(errors).filter(|pair| within(*pair)).count() as f64 / repetitions as f64
    };
    for share in [
        covered(&evidence.log_prob, &evidence.log_prob_error, log_prob),
        covered(&evidence.gap(), &evidence.gap_error, divergence),
    ] {
        // Four standard errors of a share of 0.9 among 1,000, and as much again for the bias and
        // the skewness of an estimate from 400 draws.
        assert!((share - 0.9).abs() < 0.038 + 0.038, "{share}");
    }
}

#[test]
fn the_evidence_rises_with_the_number_of_samples_from_the_bound_to_the_closed_form() {
    let vae = model();
    let curve = vae.evidence_curve(&ROWS, &[1, 10, 100, 10_000]).unwrap();
    let closed: Vec<_> = ROWS.iter().map(|row| closed_forms(&vae, row)).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| closed.iter().map(of).sum::<f64>() / 4.0;
    let (first, last) = (curve.points[0], curve.points[3]);
    let elbo = mean(|(log_prob, divergence)| log_prob - divergence);
    assert!((first.mean - elbo).abs() < 4.0 * first.monte_carlo_error + 1e-5, "{first:?}");
    let evidence = mean(|(log_prob, _)| *log_prob);
    assert!((last.mean - evidence).abs() < 4.0 * last.monte_carlo_error + 1e-5, "{last:?}");
    assert!(curve.points.windows(2).all(|pair| pair[0].mean < pair[1].mean), "{curve:?}");
    let text = curve.mime_bundle().unwrap();
    assert!(text.svg().is_some() && text.text().contains("1, the ELBO"), "{}", text.text());
}

#[test]
fn the_bound_of_every_row_is_the_evidence_less_the_divergence_of_the_posteriors() {
    let vae = model();
    for estimator in [Estimator::AnalyticKl, Estimator::MonteCarlo] {
        let bound = vae.bound(&ROWS, estimator, 20_000).unwrap();
        for (row, got) in ROWS.iter().zip(&bound.rows) {
            let (log_prob, divergence) = closed_forms(&vae, row);
            let want = log_prob - divergence;
            // The standard deviation of one draw is below 2: four standard errors.
            assert!((got.elbo - want).abs() < 0.057, "{estimator:?}: {got:?}, want {want}");
        }
        assert_eq!(bound.mean(), vae.elbo(&ROWS, estimator, 20_000).unwrap());
        assert!(bound.mime_bundle().unwrap().text().contains("ELBO of 4 rows"));
    }
}

/// z₂ has no effect on x after training, and its posterior is the prior for every row.
#[test]
fn a_dimension_that_the_data_do_not_need_is_not_active() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let mut normal = || (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0;
    let rows: Vec<[f32; D]> = (0..2000)
        .map(|_| {
            let z = normal();
            [z + 0.3 * normal(), 2.0 * z + 0.3 * normal(), 0.3 * normal()]
        })
        .collect();
    let mut vae = model();
    vae.fit(&rows, elbo::Fit::new().epochs(80).learning_rate(5e-3).batch(64)).unwrap();
    let units = vae.active_units(&rows, 0.01).unwrap();
    assert_eq!(units.count(), 1, "{units:?}");
    // The exact posterior mean of the one direction has the variance λ/(λ + σ²) = 5/5.09.
    let largest = units.variances.iter().copied().fold(0.0, f64::max);
    assert!((largest - 0.982).abs() < 0.05, "{units:?}");
    assert_eq!(vae.active_units(&rows, 10.0).unwrap().count(), 0);
    assert!(vae.active_units(&rows, -1.0).is_err());
    assert!(units.mime_bundle().unwrap().text().contains("1 of 2 latent dimensions active"));
}

#[test]
fn both_estimators_of_the_bound_agree_and_the_analytic_one_varies_less() {
    let vae = model();
    let spread = |estimator| {
        // Rows that repeat get draws of their own.
        let bound = vae.bound(&vec![ROWS[1]; 200], estimator, 1).unwrap();
        let single: Vec<f64> = bound.rows.iter().map(|terms| terms.elbo).collect();
        let mean = single.iter().sum::<f64>() / 200.0;
        (mean, single.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 199.0)
    };
    let (analytic, monte_carlo) = (spread(Estimator::AnalyticKl), spread(Estimator::MonteCarlo));
    let standard_error = ((analytic.1 + monte_carlo.1) / 200.0).sqrt();
    assert!((analytic.0 - monte_carlo.0).abs() < 4.0 * standard_error);
    assert!(analytic.1 < monte_carlo.1, "{analytic:?} {monte_carlo:?}");
}

#[test]
fn training_reaches_the_likelihood_of_the_model_that_made_the_data() {
    // x = (1, 2, −1)ᵀ z + 0.1 ε: one latent dimension explains all but the noise.
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut normal = || {
        // Irwin-Hall with twelve terms: near enough to a normal for a recovery.
        (0..12).map(|_| rng.random::<f32>()).sum::<f32>() - 6.0
    };
    let rows: Vec<[f32; D]> = (0..4000)
        .map(|_| {
            let z = normal();
            [z + 0.1 * normal(), 2.0 * z + 0.1 * normal(), -z + 0.1 * normal()]
        })
        .collect();
    let mut vae = Vae::<D, 1>::params()
        .hidden([8])
        .activation(Activation::Identity)
        .emission(Emission::NormalSharedStd)
        .build()
        .unwrap();
    let fit = |epochs, rate| elbo::Fit::new().epochs(epochs).learning_rate(rate).batch(64);
    vae.fit(&rows, fit(60, 5e-3)).unwrap();
    // Shorter steps end nearer to the optimum.
    vae.fit(&rows, fit(15, 5e-4)).unwrap();
    let truth = Linear { weight: [[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]], bias: [0.0; D], std: 0.1 };
    let want = rows.iter().map(|row| truth.log_prob(&wide(row))).sum::<f64>() / 4000.0;
    let got = vae.elbo(&rows, Estimator::AnalyticKl, 20).unwrap().elbo;
    // The exact posterior is within the encoder's reach; what is left is the optimiser's noise.
    assert!((got - want).abs() < 0.1, "got {got}, want {want}");
    let std = vae.decode(&array![[0.0f32]]).unwrap().std.values[[0, 0]];
    assert!((std - 0.1).abs() < 0.01, "σ is {std}, 0.1 made the data");
}
