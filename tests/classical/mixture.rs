use elbo::{
    Error, GaussianMixture, LatentModel,
    display::RichDisplay,
    mixture::{Covariance, Normals},
    ndarray::{Array1, Array2, array},
};

use crate::reference::{assert_all_close, assert_close, log_normal, made, second_moment};

const KINDS: [Covariance; 4] =
    [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical];

fn normals(kind: Covariance, means: Array2<f64>) -> Normals {
    let (k, d) = means.dim();
    match kind {
        Covariance::Full => Normals::full(means, vec![Array2::eye(d); k]),
        Covariance::Tied => Normals::tied(means, Array2::eye(d)),
        Covariance::Diagonal => Normals::diagonal(means, Array2::ones((k, d))),
        Covariance::Spherical => Normals::spherical(means, Array1::ones(k)),
    }
    .unwrap()
}

struct Reference {
    kind: Covariance,
    /// score, aic, bic
    values: [f64; 3],
    weight: f64,
    mean: [f64; 5],
    parameters: usize,
}

// GaussianMixture(2, covariance_type=…, tol=0, max_iter=15, reg_covar=0, weights_init=[0.5, 0.5],
// means_init=[[0.5]*5, [-0.5]*5], precisions_init=identity).fit(x), x as `made(60, 5)`: score(x),
// aic(x), bic(x), weights_[0], means_[0].
const SCIKIT_LEARN: [Reference; 4] = [
    Reference {
        kind: Covariance::Full,
        values: [-2.6550816274390225, 400.6097952926827, 486.4779223437888],
        weight: 0.5331015348597167,
        mean: [
            0.35080554579750794,
            0.551957383974129,
            0.9968029436957111,
            1.1251001966514775,
            1.548124190804822,
        ],
        parameters: 41,
    },
    Reference {
        kind: Covariance::Tied,
        values: [-3.4173310859835335, 462.079730318024, 516.5326889357987],
        weight: 0.6090716451766793,
        mean: [
            0.26674562809012103,
            0.4579250613733654,
            0.8563171495784906,
            0.821535169955427,
            1.3689373581748912,
        ],
        parameters: 26,
    },
    Reference {
        kind: Covariance::Diagonal,
        values: [-6.690902070853655, 844.9082485024386, 888.8894843091027],
        weight: 0.5099221486074041,
        mean: [
            0.365215652508402,
            0.5961845782632759,
            1.0151340213863933,
            1.218550044482698,
            1.5922181544053522,
        ],
        parameters: 21,
    },
    Reference {
        kind: Covariance::Spherical,
        values: [-7.1683351427774005, 886.2002171332881, 913.4266964421754],
        weight: 0.5309929689314161,
        mean: [
            0.3453618367898524,
            0.5679589468663013,
            0.9871497162457311,
            1.1317157957486863,
            1.5517060218271546,
        ],
        parameters: 13,
    },
];

#[test]
fn fifteen_iterations_equal_scikit_learns_from_the_same_start() {
    let x = made(60, 5);
    let means = Array2::from_shape_fn((2, 5), |(k, _)| if k == 0 { 0.5 } else { -0.5 });
    for Reference { kind, values, weight, mean, parameters } in SCIKIT_LEARN {
        let start =
            GaussianMixture::from_parts(array![0.5, 0.5], normals(kind, means.clone())).unwrap();
        let settings = GaussianMixture::params(2).start(&start).ridge(0.0);
        let fitted = settings.iterations(15).tolerance(0.0).fit(&x).unwrap();
        assert_eq!(fitted.parameter_count(), parameters);
        // Where EM has converged to the last bit it ends a little earlier.
        // Fifteen iterations carry rounding along; EM neither damps nor grows it much.
        let got =
            [fitted.evidence(&x).unwrap().mean(), fitted.aic(&x).unwrap(), fitted.bic(&x).unwrap()];
        assert_all_close(&got, &values, 1e-9);
        assert_close(fitted.weights()[0], weight, 1e-8);
        assert_all_close(fitted.components().means().row(0), &mean, 1e-8);
    }
}

#[test]
fn densities_and_responsibilities_equal_dense_algebra() {
    let x = made(50, 3);
    for kind in KINDS {
        let fitted = GaussianMixture::params(3).covariance(kind).restarts(2).fit(&x).unwrap();
        let evidence = fitted.evidence(&x).unwrap().values;
        let responsibilities = fitted.responsibilities(&x).unwrap();
        for (row, values) in x.rows().into_iter().enumerate() {
            let joint: Vec<f64> = (0..3)
                .map(|k| {
                    let component = fitted.components();
                    let covariance = component.covariance_matrix(k);
                    fitted.weights()[k]
                        * log_normal(values, component.means().row(k), &covariance).exp()
                })
                .collect();
            let total: f64 = joint.iter().sum();
            // Condition numbers of these covariances reach 10⁴.
            assert_close(evidence[row], total.ln(), 1e-10);
            let want: Vec<f64> = joint.iter().map(|joint| joint / total).collect();
            assert_all_close(responsibilities.row(row), &want, 1e-10);
        }
    }
}

fn truth() -> GaussianMixture {
    let covariances = vec![
        array![[1.0, 0.6], [0.6, 1.0]],
        array![[0.5, -0.3], [-0.3, 0.8]],
        array![[0.3, 0.0], [0.0, 2.0]],
    ];
    let means = array![[0.0, 0.0], [5.0, 1.0], [-4.0, 6.0]];
    GaussianMixture::from_parts(array![0.5, 0.3, 0.2], Normals::full(means, covariances).unwrap())
        .unwrap()
}

#[test]
fn the_truth_is_recovered_and_bic_finds_the_number_of_components() {
    let truth = truth();
    let x = truth.draw(3000, 1).unwrap().observed;
    let fit = |k| GaussianMixture::params(k).restarts(4).fit(&x).unwrap();
    let bic: Vec<f64> = (1..=5).map(|k| fit(k).bic(&x).unwrap()).collect();
    let best = (0..5).min_by(|&a, &b| bic[a].total_cmp(&bic[b])).unwrap() + 1;
    assert_eq!(best, 3, "{bic:?}");
    let fitted = fit(3);
    // The components come in any order.
    for k in 0..3 {
        let want = truth.components().means().row(k).to_owned();
        let nearest = fitted.predict(&want.view().insert_axis(elbo::ndarray::Axis(0))).unwrap()[0];
        // Four standard errors of 600 rows with variances up to 2: 4·√(2/600) = 0.23, of a
        // covariance 4·2·√(2/600) = 0.46 and of a weight 4·√(0.25/3000) = 0.037.
        for (got, want) in fitted.components().means().row(nearest).iter().zip(&want) {
            assert!((got - want).abs() < 0.23, "got {got}, want {want}");
        }
        let (got, want) = (
            fitted.components().covariance_matrix(nearest),
            truth.components().covariance_matrix(k),
        );
        assert!((got - want).iter().all(|difference| difference.abs() < 0.46));
        assert!((fitted.weights()[nearest] - truth.weights()[k]).abs() < 0.037);
    }
    assert!(fitted.evidence(&x).unwrap().mean() >= truth.evidence(&x).unwrap().mean());
    assert!(fitted.mime_bundle().unwrap().html().is_some());
    assert!(fitted.map(&x).unwrap().mime_bundle().unwrap().svg().is_some());
}

#[test]
fn the_likelihood_never_falls_and_more_starts_are_no_worse() {
    let x = made(120, 4);
    for kind in KINDS {
        let settings = || GaussianMixture::params(4).covariance(kind).ridge(0.0).tolerance(0.0);
        let fitted = settings().restarts(1).iterations(40).fit(&x).unwrap();
        let objective = &fitted.history().unwrap().objective;
        assert!(
            objective.windows(2).all(|pair| pair[1] >= pair[0] - 1e-11),
            "{kind:?} {objective:?}"
        );
        let more = settings().restarts(6).iterations(40).fit(&x).unwrap();
        let mean = |mixture: &GaussianMixture| mixture.evidence(&x).unwrap().mean();
        assert!(mean(&more) >= mean(&fitted));
    }
}

#[test]
fn draws_have_the_moments_of_the_mixture() {
    let truth = truth();
    let x = truth.draw(40_000, 2).unwrap().observed;
    let mut want = Array2::<f64>::zeros((2, 2));
    for k in 0..3 {
        let mean = truth.components().means().row(k).to_owned().insert_axis(elbo::ndarray::Axis(1));
        let second = truth.components().covariance_matrix(k) + mean.dot(&mean.t());
        want.scaled_add(truth.weights()[k], &second);
    }
    for (got, want) in second_moment(x.view()).iter().zip(&want) {
        // Squares have a standard deviation below 20 here: 4·20/√40,000 = 0.4.
        assert!((got - want).abs() < 0.4, "got {got}, want {want}");
    }
}

#[test]
fn a_component_that_collapses_is_an_error_unless_the_ridge_holds_it() {
    // Ten equal rows and forty that differ: a component of its own collapses onto the ten.
    let mut x = made(50, 2);
    for row in 0..10 {
        x.row_mut(row).assign(&array![30.0, 30.0]);
    }
    let settings = || GaussianMixture::params(2).restarts(3);
    let error = settings().ridge(0.0).fit(&x);
    assert!(matches!(error, Err(Error::Singular { .. })), "{error:?}");
    assert!(error.unwrap_err().to_string().contains("ridge"));
    let fitted = settings().fit(&x).unwrap();
    assert!(fitted.evidence(&x).unwrap().mean().is_finite());
    // One row far away: a component for it alone is given up in every start.
    let mut x = made(50, 2);
    x.row_mut(0).assign(&array![1e3, 1e3]);
    assert!(matches!(settings().fit(&x), Err(Error::Singular { .. })));
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let x = made(200, 3);
    let fit = |seed| GaussianMixture::params(3).restarts(2).seed(seed).fit(&x).unwrap();
    assert_eq!(fit(4), fit(4));
    assert_eq!(truth().draw(9, 1).unwrap(), truth().draw(9, 1).unwrap());
}

#[test]
fn wrong_rows_and_settings_are_named() {
    let mut x = made(20, 3);
    let params = GaussianMixture::params;
    let setting = |error: Result<GaussianMixture, Error>| match error {
        Err(Error::Setting { setting, .. }) => setting,
        other => panic!("{other:?}"),
    };
    assert_eq!(setting(params(0).fit(&x)), "components");
    assert_eq!(setting(params(2).restarts(0).fit(&x)), "restarts");
    assert_eq!(setting(params(2).ridge(-1.0).fit(&x)), "ridge");
    assert!(matches!(params(11).fit(&x), Err(Error::Shape { .. })));
    let one = normals(Covariance::Full, made(1, 3));
    assert_eq!(setting(GaussianMixture::from_parts(array![0.5], one)), "weights");
    assert!(Normals::full(made(1, 2), vec![array![[1.0, 2.0], [2.0, 1.0]]]).is_err());
    assert!(Normals::full(made(1, 2), vec![array![[1.0, 0.5], [0.0, 1.0]]]).is_err());
    assert!(Normals::diagonal(made(1, 2), array![[1.0, 0.0]]).is_err());
    x.column_mut(1).fill(4.0);
    assert!(params(2).fit(&x).is_ok());
    let error = params(2).ridge(0.0).fit(&x);
    assert!(matches!(error, Err(Error::Value { column: 1, .. })), "{error:?}");
    x[[5, 2]] = f64::NAN;
    assert!(matches!(params(2).fit(&x), Err(Error::Value { row: 5, column: 2, .. })));
}
