//! Distances between samples, and the table that sets models side by side. The reference values are
//! NumPy 2.4.6's on the rows x = made(60, 4) and y = 1.3·made(90, 4) + 0.4, as each test says.

use elbo::{
    Error, LatentModel,
    display::RichDisplay,
    mega::{Discrepancy, GenerativeComparison, Mega, frechet, frechet_in, mmd},
    ndarray::{Array1, Array2},
};

use crate::{
    definition::{markov, mixture, pca},
    reference::{assert_close, made},
};

fn samples() -> (Array2<f64>, Array2<f64>) {
    (made(60, 4), made(90, 4) * 1.3 + 0.4)
}

// k = exp(-cdist² / (2 s²)); (k(x, x).sum() - n) / (n (n - 1)) + (k(y, y).sum() - m) / (m (m - 1))
// - 2 k(x, y).mean(), with s the median of all distances between the rows of x and y together.
#[test]
fn the_discrepancy_is_numpys() {
    let (x, y) = samples();
    let got = mmd(&x, &y).unwrap();
    assert_close(got.bandwidth, 3.598971712167674, 1e-12);
    assert_close(got.squared.value, 0.025778333705619882, 1e-12);
    let narrow = Discrepancy::with_bandwidth(&x, &y, 1.0).unwrap();
    assert_close(narrow.squared.value, 0.031562616104432034, 1e-12);
    // Symmetric, and the same far from zero: of 1e4² a difference of squares keeps 1e-8.
    assert_close(mmd(&y, &x).unwrap().squared.value, got.squared.value, 1e-12);
    let far = mmd(&(&x + 1e4), &(&y + 1e4)).unwrap();
    assert_close(far.squared.value, got.squared.value, 1e-9);
}

#[test]
fn the_discrepancy_is_unbiased_and_its_standard_error_is_its_spread() {
    let (one, other) = (mixture(), pca());
    let discrepancy = |a: &dyn LatentModel, b: &dyn LatentModel, seed: u64| {
        let draws = |model: &dyn LatentModel, seed| model.draw(150, seed).unwrap().observed;
        Discrepancy::with_bandwidth(&draws(a, 2 * seed), &draws(b, 2 * seed + 1), 2.0).unwrap()
    };
    let all = |b: &dyn LatentModel| -> (Array1<f64>, Array1<f64>) {
        let each = (0..300).map(|seed| discrepancy(&one, b, seed).squared);
        each.map(|squared| (squared.value, squared.standard_error)).unzip_arrays()
    };
    let (same, _) = all(&one);
    // The mean of 300, to four standard errors.
    assert!(same.mean().unwrap().abs() < 4.0 * same.std(1.0) / 300f64.sqrt());
    assert!(same.iter().any(|value| *value < 0.0));
    let (different, errors) = all(&other);
    // The spread of 300 values is known to 4 %, and second-order terms add a little to it.
    let ratio = errors.mean().unwrap() / different.std(1.0);
    assert!((ratio - 1.0).abs() < 0.2, "{ratio}");
}

/// Two arrays from pairs.
trait UnzipArrays {
    fn unzip_arrays(self) -> (Array1<f64>, Array1<f64>);
}

impl<I: Iterator<Item = (f64, f64)>> UnzipArrays for I {
    fn unzip_arrays(self) -> (Array1<f64>, Array1<f64>) {
        let (a, b): (Vec<f64>, Vec<f64>) = self.unzip();
        (a.into(), b.into())
    }
}

// d = x.mean(0) - y.mean(0); d @ d + trace(cov(x.T) + cov(y.T)) - 2 sum(sqrt(eigvals(cov(x.T) @ cov(y.T))))
#[test]
fn the_frechet_distance_is_numpys_also_in_features_and_with_singular_covariances() {
    let (x, y) = samples();
    assert_close(frechet(&x, &y).unwrap(), 1.355798819143072, 1e-11);
    let features = |rows: elbo::ndarray::ArrayView2<f64>| Ok(rows.mapv(f64::tanh));
    assert_close(frechet_in(&x, &y, features).unwrap(), 0.17406067710801038, 1e-11);
    // Five and six rows of eight columns: eigenvalues of zero, which NumPy has as 1e-14.
    let singular = frechet(&made(5, 8), &(made(6, 8) * 2.0 + 1.0)).unwrap();
    assert_close(singular, 50.59881791968697, 1e-7);
}

#[test]
fn the_frechet_distance_of_moved_and_scaled_rows_has_a_closed_form() {
    let (x, _) = samples();
    assert!(frechet(&x, &x).unwrap() < 1e-12);
    assert_close(frechet(&x, &(&x + 3.0)).unwrap(), 4.0 * 9.0, 1e-12);
    // x and c·x: (1 − c)²(‖x̄‖² + tr Σ).
    let mean = x.mean_axis(elbo::ndarray::Axis(0)).unwrap();
    let want = 4.0 * (mean.dot(&mean) + x.var_axis(elbo::ndarray::Axis(0), 1.0).sum());
    assert_close(frechet(&x, &(&x * 3.0)).unwrap(), want, 1e-12);
}

#[test]
fn one_table_compares_models_by_all_of_them() {
    let truth = mixture();
    let x = truth.draw(600, 9).unwrap().observed;
    let models: [&dyn LatentModel; 3] = [&truth, &pca(), &markov()];
    let table = GenerativeComparison::params(800).seed(2).mmd_rows(300).of(&models, &x).unwrap();
    let [best, worse, _] = &table.entries[..] else { panic!("three models") };
    assert!(best.second.value < worse.second.value && best.frechet < worse.frechet);
    assert!(best.mmd.squared.value < worse.mmd.squared.value);
    // Each number is that of its own function.
    let mega = Mega::params(800).seed(2).of(&pca(), &x).unwrap();
    assert_eq!((worse.first, worse.second), (mega.first(), mega.second()));
    let samples = pca().draw(800, 2).unwrap().observed;
    assert_eq!(worse.frechet, frechet(&x, &samples).unwrap());
    let scaled = GenerativeComparison::params(800).seed(2).features(|rows| Ok(&rows * 2.0));
    assert_close(scaled.of(&models, &x).unwrap().entries[1].frechet, 4.0 * worse.frechet, 1e-9);
    let text = table.mime_bundle().unwrap().text().to_owned();
    for name in ["Probabilistic PCA", "2MEGA-F by sampling", "MMD²", "Fréchet"] {
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn samples_that_cannot_be_compared_are_named() {
    let (x, _) = samples();
    assert!(matches!(mmd(&x, &made(20, 3)), Err(Error::Shape { .. })));
    assert!(matches!(mmd(&made(1, 4), &x), Err(Error::Shape { .. })));
    assert!(matches!(frechet(&x, &made(20, 3)), Err(Error::Shape { .. })));
    let same = Array2::<f64>::zeros((5, 2));
    assert!(matches!(mmd(&same, &same), Err(Error::Setting { setting: "bandwidth", .. })));
}
