//! The autoencoder: a linear one finds the principal components, and files bring it back.

use elbo::{
    Activation, Autoencoder, Error, Fit, Pca, Vae, data,
    display::RichDisplay,
    ndarray::{Array2, Axis},
    pca::principal_angles,
    train::Criterion,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const D: usize = 8;
const M: usize = 3;

/// Rows that vary most in three directions, which are not axes.
fn rows() -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut normal = || -> f32 { StandardNormal.sample(&mut rng) };
    let directions = Array2::from_shape_simple_fn((M, D), &mut normal);
    let z = Array2::from_shape_simple_fn((1000, M), &mut normal);
    let noise = Array2::from_shape_simple_fn((1000, D), &mut normal);
    z.dot(&directions) + noise * 0.3 + 1.0
}

fn fit(epochs: usize, rate: f64) -> Fit {
    Fit::new().epochs(epochs).learning_rate(rate).validation(0.0).batch(100)
}

#[test]
fn a_linear_autoencoder_finds_the_principal_subspace_and_its_error() {
    let rows = rows();
    let mut autoencoder = Autoencoder::<D, M>::params().hidden([]).seed(2).build().unwrap();
    let before = autoencoder.axes().unwrap();
    for (epochs, rate) in [(100, 1e-2), (60, 1e-3), (40, 1e-4)] {
        autoencoder.fit(&rows, fit(epochs, rate)).unwrap();
    }
    let pca = Pca::params(M).fit(&rows).unwrap();
    let angles = principal_angles(pca.axes.view(), autoencoder.axes().unwrap().view()).unwrap();
    let start = principal_angles(pca.axes.view(), before.view()).unwrap();
    println!("angles {angles:.5} rad, before the training {start:.3}");
    // Steps of 1e-4 in batches of 100 rows leave the axes, of length 1, about as far from the
    // optimum as the gradients of batches differ: some 1e-3.
    assert!(angles[M - 1] < 0.01 && start[M - 1] > 0.5, "{angles} {start}");
    let error = autoencoder.reconstruct(&rows).unwrap().mean_squared_error();
    let scores = pca.transform(&rows).unwrap();
    let rebuilt = pca.inverse_transform(&scores).unwrap();
    let best = (rebuilt - rows.mapv(f64::from)).mapv(|e| e * e).sum_axis(Axis(1)).mean().unwrap();
    // No linear map through three dimensions is better than PCA; rounding is far smaller.
    assert!(error >= best - 1e-4 && error < 1.01 * best, "{error} {best}");
    let history = autoencoder.history().unwrap();
    assert_eq!((history.criterion, history.train.len()), (Criterion::SquaredError, 200));
    let text = history.mime_bundle().unwrap().text().to_owned();
    assert!(text.contains("squared error") && !text.contains("KL"), "{text}");
}

#[test]
fn hidden_layers_rebuild_images_better_than_the_same_number_of_components() {
    let digits = data::handwriting().writers(10).repeats(3).images::<28>();
    let params = Autoencoder::<784, 2>::params().hidden([128]).output(Activation::Logistic);
    let (autoencoder, _) = params.fit(&digits, Fit::new().epochs(60).batch(32)).unwrap();
    let rebuilt = autoencoder.reconstruct(&digits).unwrap();
    let pca = Pca::params(2).fit(&digits).unwrap();
    let explained = pca.explained_variance.sum();
    // PCA's mean squared error is the variance left out.
    let left = (pca.total_variance - explained) * (digits.len() - 1) as f64 / digits.len() as f64;
    assert!(rebuilt.mean_squared_error() < 0.85 * left, "{}", rebuilt.mean_squared_error() / left);
    assert!(rebuilt.mime_bundle().unwrap().png().is_some());
    assert!(
        autoencoder.latent_map(&digits, "digit").unwrap().mime_bundle().unwrap().svg().is_some()
    );
    assert!(matches!(autoencoder.axes(), Err(Error::Setting { setting: "axes", .. })));
}

#[test]
fn files_bring_everything_back_and_the_training_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("autoencoder.safetensors");
    let rows = rows();
    let build = || Autoencoder::<D, M>::params().hidden([5]).build().unwrap();
    let mut whole = build();
    whole.fit(&rows, fit(5, 1e-3)).unwrap();
    let mut parts = build();
    parts.fit(&rows, fit(2, 1e-3)).unwrap();
    parts.save(&path).unwrap();
    let mut parts = Autoencoder::<D, M>::load(&path).unwrap();
    parts.fit(&rows, fit(3, 1e-3)).unwrap();
    assert_eq!(parts.encode(&rows).unwrap(), whole.encode(&rows).unwrap());
    assert_eq!(parts.history().unwrap().train, whole.history().unwrap().train);
    let error = Autoencoder::<D, 2>::load(&path).unwrap_err();
    assert!(error.to_string().contains("Autoencoder::<8, 3>"), "{error}");
    let error = Vae::<D, M>::load(&path).unwrap_err().to_string();
    assert!(error.contains("\"autoencoder\"") && error.contains("not a Vae"), "{error}");
}

#[test]
fn wrong_rows_and_settings_are_named() {
    let params = Autoencoder::<D, M>::params;
    let error = params().hidden([4, 0]).build();
    assert!(matches!(error, Err(Error::Setting { setting: "hidden", .. })));
    let mut rows = rows();
    rows[[3, 1]] = f32::NAN;
    let error = params().hidden([]).build().unwrap().fit(&rows, Fit::new());
    assert!(matches!(error, Err(Error::Value { row: 3, column: 1, .. })));
    let narrow = Array2::<f32>::zeros((3, 4));
    assert!(matches!(params().build().unwrap().encode(&narrow), Err(Error::Shape { .. })));
}
