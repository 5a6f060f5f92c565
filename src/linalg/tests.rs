use ndarray::{Array1, Array2, array};

use super::{eigen::Eigen, *};
use crate::error::Error;

/// A matrix without structure.
fn sample(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((7 * i + 3 * j * j + 1) as f64).sin())
}

fn assert_close(got: &Array2<f64>, want: &Array2<f64>, tolerance: f64) {
    assert_eq!(got.dim(), want.dim());
    for (got, want) in got.iter().zip(want) {
        let close = (got - want).abs() <= tolerance * (1.0 + want.abs());
        assert!(close, "got {got}, want {want}");
    }
}

// Rounding of sums of up to 5,000 products of size 1: 5,000 × 1.1e-16, with a margin.
const ROUNDING: f64 = 1e-11;

#[test]
fn products_equal_ndarrays_in_every_layout() {
    for rows in [0, 1, 511, 512, 1300] {
        let (a, b) = (sample(rows, 6), sample(6, 5));
        assert_close(&product(a.view(), b.view()), &a.dot(&b), ROUNDING);
        let (a, b) = (sample(6, rows), sample(5, 6));
        assert_close(&product(a.t(), b.t()), &a.t().dot(&b.t()), ROUNDING);
        let wide = sample(rows, 12);
        let every_second = wide.slice(s![.., ..;2]);
        let b = sample(6, 5);
        assert_close(&product(every_second, b.view()), &every_second.dot(&b), ROUNDING);
    }
}

#[test]
fn scatter_equals_the_sum_of_outer_products() {
    for rows in [3, 5000] {
        let x = sample(rows, 4);
        let centre = array![0.1, -0.2, 0.3, 0.0];
        let weights: Array1<f64> = (0..rows).map(|i| (i % 3) as f64 * 0.5).collect();
        let centred = &x - &centre;
        let weighted = &centred * &weights.view().insert_axis(Axis(1));
        let want = weighted.t().dot(&centred);
        let got = scatter(x.view(), centre.view(), Some(weights.view()));
        assert_close(&got, &want, ROUNDING);
        assert_close(&scatter(x.view(), centre.view(), None), &centred.t().dot(&centred), ROUNDING);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let x = sample(9000, 20);
    let compute = || {
        let centre = Array1::zeros(20);
        (scatter(x.view(), centre.view(), None), product(x.view(), x.slice(s![..20, ..]).t()))
    };
    let with = |threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(compute)
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn the_cholesky_factor_reproduces_solves_and_inverts() {
    let x = sample(30, 5);
    let a = x.t().dot(&x) + Array2::<f64>::eye(5);
    let factor = Cholesky::new(a.view()).unwrap();
    assert_close(&factor.lower().dot(&factor.lower().t()), &a, 1e-13);
    assert_close(&factor.lower().dot(&factor.lower_inverse()), &Array2::eye(5), 1e-13);
    assert_close(&a.dot(&factor.inverse()), &Array2::eye(5), 1e-13);
    let b = sample(5, 3);
    assert_close(&a.dot(&factor.solve(b.view())), &b, 1e-13);
    // |A| of a triangular product by hand: 2×2.
    let small = Cholesky::new(array![[4.0, 2.0], [2.0, 3.0]].view()).unwrap();
    assert!((small.log_determinant() - 8f64.ln()).abs() < 1e-15);
}

#[test]
fn a_matrix_that_is_not_positive_definite_names_its_pivot() {
    let pivot = |a: Array2<f64>| Cholesky::new(a.view()).unwrap_err().pivot;
    assert_eq!(pivot(array![[1.0, 0.0], [0.0, -1.0]]), 1);
    assert_eq!(pivot(array![[1.0, 0.0], [f64::NAN, 1.0]]), 1);
}

#[test]
fn eigenvectors_are_orthonormal_in_descending_order_with_a_fixed_sign() {
    let x = sample(40, 6);
    let a = x.t().dot(&x);
    let Eigen { values, mut vectors } = self_adjoint_eigen(a.view(), "the test").unwrap();
    assert!(values.windows(2).into_iter().all(|pair| pair[0] >= pair[1]), "{values}");
    assert_close(&vectors.t().dot(&vectors), &Array2::eye(6), 1e-13);
    assert_close(&(&vectors * &values).dot(&vectors.t()), &a, 1e-12);
    fix_signs(&mut vectors);
    for column in vectors.columns() {
        let largest = column.iter().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
        assert!(*largest > 0.0);
    }
    let overflowed = array![[f64::INFINITY]];
    assert!(matches!(
        self_adjoint_eigen(overflowed.view(), "the test"),
        Err(Error::Decomposition { .. })
    ));
}
