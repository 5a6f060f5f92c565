//! What the tests compare with: data from a formula, and dense algebra written out.

use elbo::ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// Rows without randomness, which Python can make, too.
pub fn made(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        let (i, j, odd) = (i as f64, j as f64, (j % 2 + 1) as f64);
        (7.0 * i + 3.0 * j * j + 1.0).sin()
            + 0.5 * (j + 1.0) * (0.37 * i).cos()
            + 0.3 * (1.7 * i * odd).sin()
    })
}

/// Written so that NaN fails.
#[track_caller]
pub fn assert_close(got: f64, want: f64, tolerance: f64) {
    let close = (got - want).abs() <= tolerance * (1.0 + want.abs());
    assert!(close, "got {got}, want {want}, tolerance {tolerance}");
}

#[track_caller]
pub fn assert_all_close<'a>(
    got: impl IntoIterator<Item = &'a f64>,
    want: impl IntoIterator<Item = &'a f64>,
    tolerance: f64,
) {
    let (got, want): (Vec<_>, Vec<_>) = (got.into_iter().collect(), want.into_iter().collect());
    assert_eq!(got.len(), want.len());
    for (got, want) in got.into_iter().zip(want) {
        assert_close(*got, *want, tolerance);
    }
}

/// log |A| and A⁻¹ by Gauss-Jordan elimination of a positive definite A.
pub fn inverse(a: &Array2<f64>) -> (f64, Array2<f64>) {
    let size = a.nrows();
    let (mut a, mut out) = (a.clone(), Array2::<f64>::eye(size));
    let mut log_determinant = 0.0;
    for pivot in 0..size {
        let scale = a[[pivot, pivot]];
        log_determinant += scale.ln();
        for matrix in [&mut a, &mut out] {
            matrix.row_mut(pivot).mapv_inplace(|value| value / scale);
        }
        for row in (0..size).filter(|&row| row != pivot) {
            let factor = a[[row, pivot]];
            for matrix in [&mut a, &mut out] {
                let above = matrix.row(pivot).to_owned();
                matrix.row_mut(row).scaled_add(-factor, &above);
            }
        }
    }
    (log_determinant, out)
}

/// log N(x; mean, covariance)
pub fn log_normal(x: ArrayView1<f64>, mean: ArrayView1<f64>, covariance: &Array2<f64>) -> f64 {
    let (log_determinant, inverse) = inverse(covariance);
    let centred = &x - &mean;
    let distance = centred.dot(&inverse.dot(&centred));
    -0.5 * (x.len() as f64 * std::f64::consts::TAU.ln() + log_determinant + distance)
}

/// Mean and covariance of the `wanted` coordinates of N(mean, covariance), given the others in `x`.
pub fn conditional_normal(
    x: ArrayView1<f64>,
    given: &[usize],
    wanted: &[usize],
    mean: &Array1<f64>,
    covariance: &Array2<f64>,
) -> (Array1<f64>, Array2<f64>) {
    let block = |rows: &[usize], columns: &[usize]| {
        Array2::from_shape_fn((rows.len(), columns.len()), |(i, j)| {
            covariance[[rows[i], columns[j]]]
        })
    };
    let at = |values: ArrayView1<f64>, places: &[usize]| -> Array1<f64> {
        places.iter().map(|&place| values[place]).collect()
    };
    let regression = block(wanted, given).dot(&inverse(&block(given, given)).1);
    let centred = at(x, given) - at(mean.view(), given);
    (
        at(mean.view(), wanted) + regression.dot(&centred),
        block(wanted, wanted) - regression.dot(&block(given, wanted)),
    )
}

/// The mean of xxᵀ over the rows.
pub fn second_moment(x: ArrayView2<f64>) -> Array2<f64> {
    x.t().dot(&x) / x.nrows() as f64
}
