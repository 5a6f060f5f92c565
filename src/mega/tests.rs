use ndarray::{Array1, Array2, array};

use super::{norms::*, second_moment::DataMoments, standard_error::*};
use crate::latent::{Covariances, Moments};

/// A symmetric matrix without structure.
fn symmetric(size: usize) -> Array2<f64> {
    Array2::from_shape_fn((size, size), |(i, j)| {
        let (low, high) = (i.min(j) as f64, i.max(j) as f64);
        (3.0 * low * low + 7.0 * high + 1.0).sin()
    })
}

#[test]
fn the_derivatives_of_the_norms_are_their_finite_differences() {
    let gap = symmetric(4);
    type Function = fn(&Array2<f64>, f64) -> Norm;
    let spectral: Function = |gap, q| schatten(gap, q).unwrap();
    for (norm, q) in [
        (entrywise as Function, 1.0),
        (entrywise, 2.0),
        (entrywise, 3.5),
        (spectral, 1.0),
        (spectral, 2.0),
        (spectral, 4.0),
        (spectral, f64::INFINITY),
    ] {
        let derivative = norm(&gap, q).derivative;
        for (i, j) in [(0, 0), (1, 0), (3, 2), (2, 2)] {
            let h = 1e-6;
            // The gap stays symmetric: both entries move.
            let value = |shift: f64| {
                let mut moved = gap.clone();
                moved[[i, j]] += shift;
                moved[[j, i]] += if i == j { 0.0 } else { shift };
                norm(&moved, q).value
            };
            let want = (value(h) - value(-h)) / (2.0 * h);
            let got = derivative[[i, j]] + if i == j { 0.0 } else { derivative[[j, i]] };
            // The error of a central difference of size 1 with h = 1e-6.
            assert!((got - want).abs() < 1e-8, "q = {q}, ({i}, {j}): {got} and {want}");
        }
    }
}

#[test]
fn a_gap_of_zero_has_norms_and_derivatives_of_zero() {
    let zero = Array2::zeros((3, 3));
    for norm in
        [entrywise(&zero, 2.0), entrywise(&zero, f64::INFINITY), schatten(&zero, 1.0).unwrap()]
    {
        assert_eq!((norm.value, norm.derivative), (0.0, zero.clone()));
    }
    // 1e200 squared is beyond the numbers.
    let large = entrywise(&array![[3e200, 0.0], [0.0, 4e200]], 2.0).value;
    assert!((large / 5e200 - 1.0).abs() < 1e-15, "{large}");
    assert!(check_exponent(0.5).is_err() && check_exponent(f64::NAN).is_err());
}

/// Removing a draw moves a norm by what the influence says.
#[test]
fn the_influence_is_what_leaving_out_a_draw_does() {
    let rows = Array2::from_shape_fn((40, 3), |(i, j)| ((5 * i + j * j) as f64).sin() + 2.0);
    let data = DataMoments::of(rows.view()).unwrap();
    let count = 4_000;
    let mean = Array2::from_shape_fn((count, 3), |(i, j)| ((2 * i + 7 * j) as f64).cos() + 1.0);
    let variances = Array2::from_shape_fn((count, 3), |(i, j)| 1.0 + ((i + j) as f64).sin());
    let all = Moments { mean, covariances: Covariances::Diagonal(variances.clone()) };
    let norm = entrywise(&data.gaps(&all).1, 2.0);
    let influence = second_moment_influence(&all, &data.mean, &norm.derivative);
    let average = influence.mean().unwrap();
    for left_out in [0, 17, 3_999] {
        let others: Vec<usize> = (0..count).filter(|&i| i != left_out).collect();
        let select = |values: &Array2<f64>| values.select(ndarray::Axis(0), &others);
        let rest = Moments {
            mean: select(&all.mean),
            covariances: Covariances::Diagonal(select(&variances)),
        };
        let got = entrywise(&data.gaps(&rest).1, 2.0).value - norm.value;
        let want = (average - influence[left_out]) / (count as f64 - 1.0);
        // Second-order terms are 1/m of the first-order ones, which are about 1/m.
        assert!((got - want).abs() < 10.0 / (count * count) as f64, "{got} and {want}");
    }
}

#[test]
fn the_standard_error_of_a_series_knows_of_dependent_neighbours() {
    let independent: Array1<f64> = (0..10_000).map(|i| f64::from(i).powi(2).sin()).collect();
    let plain = independent.std(1.0) / 100.0;
    let got = batch_standard_error(&independent);
    // Known to 1/√(2·100) = 7 % of its size: three times that.
    assert!((got / plain - 1.0).abs() < 0.21, "{got} and {plain}");
    // Each value four times: a quarter of the information, twice the standard error.
    let repeated: Array1<f64> = (0..40_000).map(|i| independent[i / 4]).collect();
    let (got, plain) = (batch_standard_error(&repeated), plain);
    assert!((got / plain - 1.0).abs() < 0.15, "{got} and {plain}");
    assert!(batch_standard_error(&array![1.0]).is_nan());
}
