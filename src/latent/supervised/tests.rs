//! Against scikit-learn 1.9.1 (NumPy 2.4.6) on the rows of [`made`]; the calls stand at the values.
//! The classes are, in Python,
//! `np.where(np.arange(60) % 7 < 3, 2, np.where(x[:, 0] + x[:, 2] > 0, 5, 9))`.

use ndarray::{Array1, Array2, ArrayView2, Axis, arr2};

use super::*;
use crate::{
    ProbabilisticPca,
    display::RichDisplay,
    latent::{ClassConditional, Covariances, LogLikelihood, Moments},
    mixture::Covariance,
};

/// A model whose z is x, so that what is fitted on z can be compared with other programs.
struct Identity;

impl LatentModel for Identity {
    fn name(&self) -> String {
        "z is x".to_owned()
    }

    fn data_dimensions(&self) -> usize {
        3
    }

    fn latent_dimensions(&self) -> usize {
        3
    }

    fn draw_latent(&self, count: usize, _: u64) -> Result<Array2<f64>> {
        Ok(Array2::zeros((count, 3)))
    }

    fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments> {
        let variances = Array1::zeros(z.nrows());
        let covariances = Covariances::Spherical { variances, dimensions: 3 };
        Ok(Moments { mean: z.to_owned(), covariances })
    }

    fn draw_conditional(&self, z: ArrayView2<f64>, _: u64) -> Result<Array2<f64>> {
        Ok(z.to_owned())
    }

    fn posterior(&self, x: ArrayView2<f64>) -> Result<Moments> {
        self.conditional(x)
    }

    fn log_likelihood(&self, x: ArrayView2<f64>) -> Result<LogLikelihood> {
        Ok(LogLikelihood::exact(Array1::zeros(x.nrows())))
    }
}

fn made() -> (Array2<f64>, Vec<u32>) {
    let x = Array2::from_shape_fn((60, 3), |(i, j)| {
        let (i, j, odd) = (i as f64, j as f64, (j % 2 + 1) as f64);
        (7.0 * i + 3.0 * j * j + 1.0).sin()
            + 0.5 * (j + 1.0) * (0.37 * i).cos()
            + 0.3 * (1.7 * i * odd).sin()
    });
    let class = |(i, row): (usize, ndarray::ArrayView1<f64>)| match i % 7 {
        0..3 => 2,
        _ if row[0] + row[2] > 0.0 => 5,
        _ => 9,
    };
    let classes = x.rows().into_iter().enumerate().map(class).collect();
    (x, classes)
}

#[track_caller]
fn assert_all_close(got: ArrayView2<f64>, want: &Array2<f64>, tolerance: f64) {
    assert_eq!(got.dim(), want.dim());
    for (got, want) in got.iter().zip(want) {
        let close = (got - want).abs() <= tolerance * (1.0 + want.abs());
        assert!(close, "got {got}, want {want}");
    }
}

fn check(method: ClassifierMethod, want: [[f64; 3]; 3], accuracy: f64, tolerance: f64) {
    let (x, classes) = made();
    let classifier =
        LatentClassifier::params().method(method).fit(&Identity, &x, &classes).unwrap();
    assert_eq!(classifier.classes, [2, 5, 9]);
    let first = x.select(Axis(0), &[0, 1, 2]);
    let got = classifier.probabilities(&Identity, &first).unwrap();
    assert_all_close(got.view(), &arr2(&want), tolerance);
    let got = classifier.accuracy(&Identity, &x, &classes).unwrap();
    assert_eq!((got, classifier.train_accuracy), (accuracy, accuracy));
}

// LinearDiscriminantAnalysis(solver="lsqr").fit(x, c): predict_proba(x[:3]), score(x, c). The ridge
// of 10⁻⁶ moves the probabilities by as much.
#[test]
fn normals_with_one_covariance_are_linear_discriminant_analysis() {
    let want = [
        [0.3194606178712123, 0.6674325403102809, 0.01310684181850685],
        [0.14547207116896313, 0.85141707381361, 0.00311085501742692],
        [0.27737740124680205, 0.7026696173383367, 0.01995298141486133],
    ];
    check(ClassifierMethod::Normals(Covariance::Tied), want, 0.5833333333333334, 1e-5);
}

// GaussianNB(var_smoothing=0).fit(x, c): predict_proba(x[:3]), score(x, c).
#[test]
fn normals_with_diagonal_covariances_are_naive_bayes() {
    let want = [
        [0.19249316129991625, 0.807500428973092, 6.409726992117894e-6],
        [0.41935989802396323, 0.5806399350661994, 1.669_098_376_137e-7],
        [0.18815932369517255, 0.8117740975928779, 6.657871194955328e-5],
    ];
    check(ClassifierMethod::Normals(Covariance::Diagonal), want, 0.55, 1e-5);
}

// LogisticRegression(C=2.0, solver="newton-cg", tol=1e-12, max_iter=10000).fit(x, c):
// predict_proba(x[:3]), score(x, c), coef_, intercept_. C is 1/ridge.
#[test]
fn logistic_regression_equals_scikit_learns() {
    let want = [
        [0.3450166090121212, 0.6393511598928835, 0.01563223109499518],
        [0.17205497670080905, 0.8235831359623411, 0.00436188733684976],
        [0.2949132270684542, 0.6815411867499466, 0.02354558618159927],
    ];
    let method = ClassifierMethod::Logistic { ridge: 0.5 };
    check(method, want, 0.55, 1e-8);
    let (x, classes) = made();
    let classifier =
        LatentClassifier::params().method(method).fit(&Identity, &x, &classes).unwrap();
    let (weights, intercepts) = classifier.coefficients().unwrap();
    let coefficients = [
        [0.5285643618418687, 0.26598194335843395, -0.3444349821175509],
        [0.34883311633319836, -0.4417828369108608, 0.7425521623882745],
        [-0.8773974781750646, 0.1758008935524267, -0.3981171802707221],
    ];
    assert_all_close(weights.t(), &arr2(&coefficients), 1e-8);
    let want = [[0.7134315949914205, -0.34367311846529497, -0.36975847652612637]];
    assert_all_close(intercepts.view().insert_axis(Axis(0)), &arr2(&want), 1e-8);
}

// Ridge(alpha=0.5).fit(x, y) with y = 2 x[:, 0] - x[:, 1] + np.sin(5 * np.arange(60)): coef_,
// intercept_, score(x, y).
#[test]
fn regression_equals_scikit_learns() {
    let (x, _) = made();
    let y: Vec<f64> =
        (0..60).map(|i| 2.0 * x[[i, 0]] - x[[i, 1]] + (5.0 * i as f64).sin()).collect();
    let regression = LatentRegression::params().ridge(0.5).fit(&Identity, &x, &y).unwrap();
    let want = [[1.843741304891939, -1.0392462592713683, 0.0607549558513973]];
    assert_all_close(regression.weights.view().insert_axis(Axis(0)), &arr2(&want), 1e-10);
    assert!((regression.intercept - -0.004038517737854525).abs() < 1e-10);
    assert!((regression.r_squared - 0.9053418399469007).abs() < 1e-10);
    // By their definitions.
    let error = regression.root_mean_squared_error(&Identity, &x, &y).unwrap();
    let expected = regression.residual_std * (56.0f64 / 60.0).sqrt();
    assert!((error - expected).abs() < 1e-10, "{error} {expected}");
    assert!(regression.mime_bundle().unwrap().text().contains("R² 0.905"));
}

/// Rows of two classes whose z differ, and a response that is linear in z.
#[test]
fn what_z_knows_is_found_through_a_fitted_model() {
    let weights = ndarray::array![[2.0, 0.0], [0.0, 1.5], [1.0, 1.0], [0.5, -1.0]];
    let truth = ProbabilisticPca::from_parts(weights, Array1::zeros(4), 0.05).unwrap();
    let draws = truth.draw(2000, 1).unwrap();
    let class = |z: ndarray::ArrayView1<f64>| u32::from(z[0] + 0.5 * z[1] > 0.0);
    let classes: Vec<u32> = draws.latent.rows().into_iter().map(class).collect();
    let response: Vec<f64> =
        draws.latent.rows().into_iter().map(|z| 3.0 * z[0] - 2.0 * z[1] + 10.0).collect();
    let pca = ProbabilisticPca::params(2).fit(&draws.observed).unwrap();
    let classifier = LatentClassifier::params().fit(&pca, &draws.observed, &classes).unwrap();
    // z is known to ±0.1 from x: of standard normal scores so near the boundary, a few per cent
    // are on its other side.
    assert!(classifier.train_accuracy > 0.94, "{classifier:?}");
    let per_class = ClassConditional::fit(&draws.observed, &classes, |rows| {
        ProbabilisticPca::params(2).fit(&rows)
    })
    .unwrap();
    let accuracy = per_class.accuracy(&draws.observed, &classes).unwrap();
    assert!(classifier.train_accuracy > accuracy, "the boundary is linear in z: {accuracy}");
    let regression = LatentRegression::params().fit(&pca, &draws.observed, &response).unwrap();
    // The variance of 3z₁ − 2z₂ given x over its variance of 13: the mean of the posterior
    // variances, each below 0.02, times 13.
    assert!(regression.r_squared > 0.98, "{regression:?}");
    assert!((regression.intercept - 10.0).abs() < 0.1, "{regression:?}");
}

#[test]
fn discrete_latent_variables_can_be_used_too() {
    let rows: Vec<[f64; 1]> =
        (0..60).map(|i| [f64::from(i % 3) * 5.0 + 0.3 * f64::from(i).sin()]).collect();
    let classes: Vec<u32> = (0..60).map(|i| u32::from(i % 3 == 1)).collect();
    let mixture = crate::GaussianMixture::params(3).fit(&rows).unwrap();
    for method in
        [ClassifierMethod::Logistic { ridge: 1e-3 }, ClassifierMethod::Normals(Covariance::Tied)]
    {
        let params = LatentClassifier::params().method(method);
        let classifier = params.fit(&mixture, &rows, &classes).unwrap();
        assert_eq!(classifier.train_accuracy, 1.0, "{method:?}");
    }
}

#[test]
fn wrong_inputs_are_named() {
    let (x, classes) = made();
    let params = LatentClassifier::params;
    let fit = |classes: &[u32]| params().fit(&Identity, &x, classes);
    assert!(matches!(fit(&classes[1..]), Err(Error::Shape { .. })));
    let negative = ClassifierMethod::Logistic { ridge: -1.0 };
    let error = params().method(negative).fit(&Identity, &x, &classes);
    assert!(matches!(error, Err(Error::Setting { setting: "ridge", .. })));
    // Without a ridge classes that a plane separates have no maximum.
    let separated: Vec<u32> = x.column(0).iter().map(|&x| u32::from(x > 0.0)).collect();
    let free = ClassifierMethod::Logistic { ridge: 0.0 };
    let error = params().method(free).fit(&Identity, &x, &separated).unwrap_err();
    assert!(error.to_string().contains("separated"), "{error}");
    let classifier = fit(&classes).unwrap();
    let other = ProbabilisticPca::params(2).fit(&x).unwrap();
    assert!(matches!(classifier.predict(&other, &x), Err(Error::Shape { .. })));
    assert!(classifier.mime_bundle().unwrap().text().contains("2, 5, 9"));
    let mut responses = vec![0.0; 60];
    responses[7] = f64::NAN;
    let error = LatentRegression::params().fit(&Identity, &x, &responses);
    assert!(matches!(error, Err(Error::Value { row: 7, .. })));
}
