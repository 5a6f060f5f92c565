//! The metric: values, standard errors, exact values, and what it gains over sampling.

use elbo::{
    ClosedFormMoments, Emission, Error, LatentModel,
    display::RichDisplay,
    mega::{Estimate, Mega, mega},
    ndarray::{Array1, Array2, Axis},
};

use crate::{
    definition::{data_estimate, markov, mixture, pca, second_gap, vae},
    reference::{assert_all_close, assert_close, made},
};

/// (28) with its sum over all entries.
fn entrywise(gap: &Array2<f64>, q: f64) -> f64 {
    gap.iter().map(|entry| entry.abs().powf(q)).sum::<f64>().powf(1.0 / q)
}

/// (29) for an even q: Σ|λ|^q is the trace of the power.
fn even_schatten(gap: &Array2<f64>, q: i32) -> f64 {
    let power = (1..q).fold(gap.clone(), |power, _| power.dot(gap));
    power.diag().sum().powf(1.0 / f64::from(q))
}

/// The largest |λ|, by many steps of the power method with the squared matrix.
fn operator(gap: &Array2<f64>) -> f64 {
    let mut vector = Array1::from_shape_fn(gap.nrows(), |i| 1.0 + 0.1 * i as f64);
    for _ in 0..10_000 {
        vector = gap.dot(&gap.dot(&vector));
        vector /= vector.dot(&vector).sqrt();
    }
    gap.dot(&vector).dot(&gap.dot(&vector)).sqrt()
}

#[test]
fn every_norm_is_its_definition_for_every_model() {
    let x = made(40, 3) + 0.7;
    let normal = vae(Emission::Normal { minimum_std: 0.1 });
    let (bernoulli, shared) = (vae(Emission::Bernoulli), vae(Emission::NormalSharedStd));
    let models: [&dyn LatentModel; 6] =
        [&pca(), &mixture(), &markov(), &normal, &bernoulli, &shared];
    for model in models {
        let (draws, seed) = (300, 5);
        let got = Mega::params(draws).seed(seed).of(model, &x).unwrap();
        let (first, gap) = second_gap(model, &x, draws, seed);
        // Sums of 300 numbers of size up to 10.
        let rounding = 1e-12;
        assert_all_close(&got.mean_gap, &first, rounding);
        assert_all_close(&got.second_moment_gap, &gap, rounding);
        assert_close(got.first().value, first.dot(&first).sqrt(), rounding);
        assert_close(got.second().value, entrywise(&gap, 2.0), rounding);
        for q in [1.0, 2.0, 3.0] {
            assert_close(got.entrywise(q).unwrap().value, entrywise(&gap, q), rounding);
        }
        let largest = gap.iter().fold(0.0, |most: f64, entry| most.max(entry.abs()));
        assert_close(got.entrywise(f64::INFINITY).unwrap().value, largest, rounding);
        for q in [2, 4] {
            let norm = got.schatten(f64::from(q)).unwrap().value;
            assert_close(norm, even_schatten(&gap, q), rounding);
        }
        assert_close(got.operator().unwrap().value, operator(&gap), 1e-9);
        assert_close(got.data_norm(), entrywise(&data_estimate(&x), 2.0), rounding);
    }
}

/// Σ πₖ(Σₖ + μₖμₖᵀ) and WWᵀ + σ²I + μμᵀ: by hand, and as the limit of draws.
#[test]
fn exact_values_are_the_closed_form_and_what_draws_approach() {
    let x = made(40, 3) + 0.7;
    let mixture = mixture();
    let mut moment = Array2::<f64>::zeros((3, 3));
    for (k, weight) in mixture.weights().iter().enumerate() {
        let mean = mixture.components().means().row(k).to_owned().insert_axis(Axis(1));
        let second = mixture.components().covariance_matrix(k) + mean.dot(&mean.t());
        moment.scaled_add(*weight, &second);
    }
    let exact = Mega::exact(&mixture, &x).unwrap();
    assert_all_close(&exact.second_moment_gap, &(data_estimate(&x) - moment), 1e-13);
    assert_eq!(exact.second().standard_error, 0.0);
    draws_approach(&mixture, &exact, &x);

    let pca = pca();
    let mean = pca.mean().clone().insert_axis(Axis(1));
    let moment = pca.weights().dot(&pca.weights().t())
        + Array2::<f64>::eye(3) * pca.noise_variance()
        + mean.dot(&mean.t());
    let exact = Mega::exact(&pca, &x).unwrap();
    assert_all_close(&exact.second_moment_gap, &(data_estimate(&x) - moment), 1e-13);
    draws_approach(&pca, &exact, &x);
}

fn draws_approach(model: &impl ClosedFormMoments, exact: &Mega, x: &Array2<f64>) {
    for seed in 0..5 {
        let by_draws = Mega::params(20_000).seed(seed).of(model, x).unwrap();
        for (got, want) in [
            (by_draws.first(), exact.first()),
            (by_draws.second(), exact.second()),
            (by_draws.operator().unwrap(), exact.operator().unwrap()),
        ] {
            // Five standard errors of fifteen numbers; the gaps are tens of standard errors long.
            let close = (got.value - want.value).abs() <= 5.0 * got.standard_error;
            assert!(close, "{got}, exactly {}", want.value);
        }
    }
}

type Norm = (&'static str, fn(&Mega) -> Estimate);

const NORMS: [Norm; 6] = [
    ("1MEGA-F", |mega| mega.first()),
    ("2MEGA-F", |mega| mega.second()),
    ("entrywise 1", |mega| mega.entrywise(1.0).unwrap()),
    ("largest entry", |mega| mega.entrywise(f64::INFINITY).unwrap()),
    ("operator", |mega| mega.operator().unwrap()),
    ("nuclear", |mega| mega.schatten(1.0).unwrap()),
];

/// The spread of the values over seeds and the mean standard error, of every norm.
fn simulated(evaluate: impl Fn(u64) -> Mega) -> Vec<(&'static str, f64, f64)> {
    let repetitions = 300;
    let all: Vec<Mega> = (0..repetitions).map(evaluate).collect();
    let one = |(name, norm): Norm| {
        let estimates: Vec<Estimate> = all.iter().map(norm).collect();
        let values: Array1<f64> = estimates.iter().map(|estimate| estimate.value).collect();
        let errors: Array1<f64> = estimates.iter().map(|e| e.standard_error).collect();
        (name, values.std(1.0), errors.mean().unwrap())
    };
    NORMS.into_iter().map(one).collect()
}

#[test]
fn standard_errors_are_the_spread_over_seeds() {
    // Data with a gap of many standard errors to every model, whose norms are smooth there.
    let x = made(40, 3) * 2.0 + 1.5;
    let normal = vae(Emission::Normal { minimum_std: 0.1 });
    let models: [&dyn LatentModel; 4] = [&pca(), &mixture(), &markov(), &normal];
    for model in models {
        let by_moments = simulated(|seed| Mega::params(900).seed(seed).of(model, &x).unwrap());
        let by_sampling =
            simulated(|seed| Mega::params(900).seed(seed).by_sampling(model, &x).unwrap());
        for (name, spread, error) in by_moments.into_iter().chain(by_sampling) {
            // A spread of 300 values is known to 1/√600 = 4 %: five times that. The batches of the
            // chain, 30 rows, take a little less than its memory of about ten rows.
            // The largest entry may be one that is the same for every z, but for rounding.
            if spread < 1e-12 {
                assert!(error < 1e-12, "{}, {name}: {error}", model.name());
                continue;
            }
            let ratio = error / spread;
            assert!((ratio - 1.0).abs() < 0.2, "{}, {name}: {error} and {spread}", model.name());
        }
    }
}

#[test]
fn mega_varies_less_than_the_sampling_estimator() {
    let x = made(40, 3) * 2.0 + 1.5;
    let normal = vae(Emission::Normal { minimum_std: 0.1 });
    let models: [&dyn LatentModel; 4] = [&pca(), &mixture(), &markov(), &normal];
    for model in models {
        let params = |seed| Mega::params(400).seed(seed);
        let values = |by: &dyn Fn(u64) -> Mega| -> Array1<f64> {
            (0..200).map(|seed| by(seed).second().value).collect()
        };
        let by_moments = values(&|seed| params(seed).of(model, &x).unwrap());
        let by_sampling = values(&|seed| params(seed).by_sampling(model, &x).unwrap());
        // The same expectation, to four standard errors of a difference of two means of 200.
        let difference = by_moments.mean().unwrap() - by_sampling.mean().unwrap();
        let error = ((by_moments.var(1.0) + by_sampling.var(1.0)) / 200.0).sqrt();
        assert!(difference.abs() < 4.0 * error, "{}: {difference} ± {error}", model.name());
        // A ratio of two spreads, each known to 5 %.
        assert!(by_moments.std(1.0) < 0.85 * by_sampling.std(1.0), "{}", model.name());
    }
}

#[test]
fn the_same_seed_gives_the_same_bits_and_the_gap_of_the_truth_vanishes() {
    let truth = mixture();
    let x = truth.draw(4_000, 3).unwrap().observed;
    assert_eq!(mega(&truth, &x, 500).unwrap(), mega(&truth, &x, 500).unwrap());
    let other = Mega::params(500).seed(1).of(&truth, &x).unwrap();
    assert_ne!(mega(&truth, &x, 500).unwrap().second(), other.second());
    // Entries of second moments vary by less than 4/√4,000 with the data.
    assert!(Mega::exact(&truth, &x).unwrap().second().value < 4.0 * 3.0 * 4.0 / 4_000f64.sqrt());
    assert!(Mega::exact(&pca(), &x).unwrap().second().value > 1.0);
}

#[test]
fn the_table_shows_the_norms_and_wrong_settings_are_named() {
    let x = made(40, 3);
    let bundle = mega(&pca(), &x, 100).unwrap().mime_bundle().unwrap();
    for text in ["100 draws of z", "1MEGA-F", "2MEGA-F", "operator norm"] {
        assert!(bundle.text().contains(text), "{}", bundle.text());
    }
    assert!(bundle.html().is_some());
    assert!(matches!(mega(&pca(), &x, 1), Err(Error::Setting { setting: "draws", .. })));
    assert!(matches!(mega(&pca(), &made(40, 2), 10), Err(Error::Shape { .. })));
    assert!(matches!(mega(&pca(), &made(1, 3), 10), Err(Error::Shape { .. })));
    let mut holes = x.clone();
    holes[[3, 1]] = f64::NAN;
    assert!(matches!(mega(&pca(), &holes, 10), Err(Error::Value { row: 3, column: 1, .. })));
    let gap = mega(&pca(), &x, 10).unwrap();
    assert!(matches!(gap.entrywise(0.5), Err(Error::Setting { setting: "q", .. })));
    assert!(gap.schatten(f64::NAN).is_err());
}
