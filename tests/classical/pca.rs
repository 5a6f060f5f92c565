use elbo::{Error, Pca, ProbabilisticPca, display::RichDisplay, ndarray::arr2};

use crate::reference::{assert_all_close, assert_close, made};

/// Both programs compute in double precision; the condition of these 5×5 problems is below 100.
const DOUBLE: f64 = 1e-8;

// PCA(2, svd_solver="full").fit(x) with x as in `reference::made(60, 5)`.
const EXPLAINED: [f64; 2] = [7.158417827185986, 1.7441749901960086];
const RATIO: [f64; 2] = [0.7331489306786412, 0.1786344496576156];
const NOISE: f64 = 0.287113752940794;
const SCORE: f64 = -6.44349613508111;
const COMPONENTS: [[f64; 5]; 2] = [
    [
        0.14679612329307978,
        0.26241138801458186,
        0.4219063853449921,
        0.5123185576622151,
        0.6849203304811546,
    ],
    [
        0.5511421656509256,
        -0.5137017486482158,
        0.5935927274391064,
        -0.2696976844211567,
        -0.08522710617310325,
    ],
];
const FIRST_SCORES: [f64; 2] = [3.261876346095201, 1.003335549999912];

#[test]
fn components_equal_scikit_learns_with_their_signs() {
    let x = made(60, 5);
    let pca = Pca::params(2).fit(&x).unwrap();
    assert_all_close(&pca.explained_variance, &EXPLAINED, DOUBLE);
    assert_all_close(&pca.explained_variance_ratio(), &RATIO, DOUBLE);
    assert_close(pca.noise_variance(), NOISE, DOUBLE);
    assert_all_close(&pca.axes, &arr2(&COMPONENTS), DOUBLE);
    assert_all_close(pca.transform(&x).unwrap().row(0), &FIRST_SCORES, DOUBLE);
}

#[test]
fn probabilistic_pca_with_bessels_correction_equals_scikit_learns_likelihood() {
    let x = made(60, 5);
    let pca = ProbabilisticPca::params(2).bessel_correction(true).fit(&x).unwrap();
    assert_all_close(&pca.explained_variance(), &EXPLAINED, DOUBLE);
    assert_close(pca.noise_variance(), NOISE, DOUBLE);
    assert_close(pca.evidence(&x).unwrap().mean(), SCORE, DOUBLE);
}

#[test]
fn all_components_together_reproduce_the_rows() {
    // More rows than columns and fewer take different ways.
    for (rows, columns, components) in [(40, 6, 6), (5, 30, 4)] {
        let x = made(rows, columns);
        let pca = Pca::params(components).fit(&x).unwrap();
        let scores = pca.transform(&x).unwrap();
        assert_all_close(&pca.inverse_transform(&scores).unwrap(), &x, 1e-10);
        assert_close(pca.explained_variance.sum(), pca.total_variance, 1e-12);
        let unit = pca.axes.dot(&pca.axes.t());
        assert_all_close(&unit, &elbo::ndarray::Array2::eye(components), 1e-10);
        // The variance of the scores is what the model says.
        assert_all_close(
            &scores.var_axis(elbo::ndarray::Axis(0), 1.0),
            &pca.explained_variance,
            1e-10,
        );
    }
}

#[test]
fn wrong_rows_and_settings_are_named() {
    let mut x = made(10, 4);
    let setting = |error| matches!(error, Err(Error::Setting { setting: "components", .. }));
    assert!(setting(Pca::params(0).fit(&x)));
    assert!(setting(Pca::params(5).fit(&x)));
    let pca = Pca::params(2).fit(&x).unwrap();
    assert!(matches!(pca.transform(&made(3, 5)), Err(Error::Shape { .. })));
    assert!(pca.mime_bundle().unwrap().html().is_some());
    x[[7, 2]] = f64::NAN;
    let error = Pca::params(2).fit(&x);
    assert!(matches!(error, Err(Error::Value { row: 7, column: 2, .. })), "{error:?}");
}
