//! The real data in the folder that `ELBO_DATA` names.

use std::{fs, time::Instant};

use elbo::{GaussianMixture, Pca, ProbabilisticPca, data, ndarray::Array2};

use crate::{
    reference::{assert_all_close, assert_close},
    support::real_data,
};

/// The 34 numeric columns of the ionosphere data, (351, 34).
fn ionosphere(test: &str) -> Option<Array2<f64>> {
    let text = fs::read_to_string(real_data(test)?.join("ionosphere.csv")).unwrap();
    let cells: Vec<f64> = text
        .lines()
        .flat_map(|line| line.split(',').take(34).map(|cell| cell.parse().unwrap()))
        .collect();
    Some(Array2::from_shape_vec((cells.len() / 34, 34), cells).unwrap())
}

// PCA(5, svd_solver="full").fit(x): explained_variance_, noise_variance_, score(x).
#[test]
fn principal_components_of_the_ionosphere_data_equal_scikit_learns() {
    let Some(x) = ionosphere("PCA on the ionosphere data") else { return };
    let want = [
        2.904361533091396,
        1.1370867323857956,
        0.6926634144311208,
        0.6427958307763133,
        0.4516730312147854,
    ];
    let pca = Pca::params(5).fit(&x).unwrap();
    assert_all_close(&pca.explained_variance, &want, 1e-8);
    let probabilistic = ProbabilisticPca::params(5).bessel_correction(true).fit(&x).unwrap();
    assert_all_close(&probabilistic.explained_variance(), &want, 1e-8);
    assert_close(probabilistic.noise_variance(), 0.11853200298357179, 1e-8);
    assert_close(probabilistic.evidence(&x).unwrap().mean(), -17.068552467883617, 1e-8);
}

// GaussianMixture(4, n_init=10, random_state=0, tol=1e-6, max_iter=500).fit(y).score(y), with y the
// five scores of each row.
#[test]
fn ten_starts_on_the_ionosphere_data_find_a_mixture_as_good_as_scikit_learns() {
    let Some(x) = ionosphere("a mixture on the ionosphere data") else { return };
    let scores = Pca::params(5).fit(&x).unwrap().transform(&x).unwrap();
    let mixture = GaussianMixture::params(4).restarts(10).fit(&scores).unwrap();
    let mean = mixture.evidence(&scores).unwrap().mean();
    println!("{mean:.6} nats a row, scikit-learn −4.103584");
    // Both stop when an iteration gains no more than 1e-6.
    assert!(mean >= -4.103584318101105 - 1e-4, "{mean}");
}

// PCA(50, svd_solver="covariance_eigh").fit(x): explained_variance_[[0, 1, 49]], noise_variance_,
// score(x), with x the training images divided by 255 in single precision.
#[test]
fn probabilistic_pca_of_mnist_equals_scikit_learns() {
    if real_data("probabilistic PCA on MNIST").is_none() {
        return;
    }
    let images = data::mnist().unwrap().train;
    let started = Instant::now();
    let pca = ProbabilisticPca::params(50).bessel_correction(true).fit(&images).unwrap();
    let fitted = started.elapsed();
    let mean = pca.evidence(&images).unwrap().mean();
    println!("fitted in {fitted:.1?}, likelihood after {:.1?}", started.elapsed());
    let explained = pca.explained_variance();
    let got = [explained[0], explained[1], explained[49]];
    assert_all_close(&got, &[5.121062883862801, 3.7442646598124854, 0.16986125472858077], 1e-8);
    assert_close(pca.noise_variance(), 0.012609546336387159, 1e-8);
    assert_close(mean, 507.4967586638385, 1e-8);
}
