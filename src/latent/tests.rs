use ndarray::array;

use super::*;
use crate::{error::Error, train::stream};

#[test]
fn the_mean_covariance_equals_the_mean_of_the_matrices() {
    let shared = Covariances::Shared {
        matrices: vec![array![[2.0, 0.5], [0.5, 1.0]], array![[1.0, 0.0], [0.0, 3.0]]],
        of: vec![0, 1, 1],
    };
    let all = [
        Covariances::Spherical { variances: array![1.0, 2.5, 0.5], dimensions: 2 },
        Covariances::Diagonal(array![[1.0, 2.0], [3.0, 0.0], [0.5, 0.25]]),
        shared,
        Covariances::OneHot(array![[0.3, 0.7], [1.0, 0.0], [0.5, 0.5]]),
    ];
    for covariances in all {
        let matrices: Vec<_> = (0..3).map(|row| covariances.matrix(row).unwrap()).collect();
        let want = (&matrices[0] + &matrices[1] + &matrices[2]) / 3.0;
        let mean = covariances.mean();
        // A handful of additions of numbers of size 1.
        assert!((mean - want).iter().all(|difference| difference.abs() <= 1e-15));
        let h = array![[0.7, -0.3], [-0.3, 1.1]];
        let products = covariances.inner_products(h.view());
        for (product, matrix) in products.iter().zip(&matrices) {
            assert!((product - (matrix * &h).sum()).abs() <= 1e-15);
        }
        for (row, matrix) in matrices.iter().enumerate() {
            let variances = covariances.variances();
            assert!((&variances.row(row) - &matrix.diag()).iter().all(|d| d.abs() <= 1e-15));
        }
        assert!(matches!(covariances.matrix(3), Err(Error::Setting { setting: "row", .. })));
    }
}

#[test]
fn draws_have_the_mean_and_the_covariance_asked_for() {
    let covariance = array![[2.0, 0.9], [0.9, 1.0]];
    let count = 40_000;
    let moments = Moments {
        mean: Array2::from_shape_fn((count, 2), |(_, j)| j as f64),
        covariances: Covariances::Shared { matrices: vec![covariance.clone()], of: vec![0; count] },
    };
    let draws = normal_draws(&moments, &mut stream(3, 0)).unwrap();
    let centred = &draws - &moments.mean;
    let got = centred.t().dot(&centred) / count as f64;
    for (got, want) in got.iter().zip(&covariance) {
        // The standard error of a second moment of size ≤ 2 is below 2·√2/√40,000 = 0.0142.
        assert!((got - want).abs() < 0.057, "got {got}, want {want}");
    }
}

#[test]
fn one_hot_draws_come_as_often_as_their_probability_says() {
    let probabilities = array![0.2, 0.0, 0.5, 0.3];
    let draws = one_hot_draws(probabilities.view(), 20_000, &mut stream(1, 0));
    assert_eq!(one_hot_indices(draws.view()).unwrap().len(), 20_000);
    for (got, want) in draws.mean_axis(ndarray::Axis(0)).unwrap().iter().zip(&probabilities) {
        // Four standard errors of a share: 4·√(0.25/20,000).
        assert!((got - want).abs() <= 0.0142, "got {got}, want {want}");
    }
}

#[test]
fn rows_that_are_not_one_hot_are_named() {
    for (z, place) in [
        (array![[0.0, 1.0], [0.5, 0.5]], (1, 0)),
        (array![[1.0, 1.0]], (0, 1)),
        (array![[0.0, 0.0]], (0, 0)),
        (array![[0.0, f64::NAN]], (0, 1)),
    ] {
        let Err(Error::Value { row, column, .. }) = one_hot_indices(z.view()) else {
            panic!("{z} was taken");
        };
        assert_eq!((row, column), place);
    }
}

#[test]
fn log_sum_exp_is_stable() {
    let logs = array![[-1000.0, -1000.0], [3f64.ln(), 5f64.ln()], [f64::NEG_INFINITY; 2]];
    let got = log_sum_exp(logs.view());
    assert!((got[0] + 1000.0 - 2f64.ln()).abs() < 1e-12);
    assert!((got[1] - 8f64.ln()).abs() < 1e-15);
    assert_eq!(got[2], f64::NEG_INFINITY);
}
