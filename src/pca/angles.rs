//! How far two subspaces are apart.

use ndarray::{Array1, Array2, ArrayView2};

use crate::{
    data::{Missing, check_cells, check_rows, check_width},
    error::{Error, Result},
    linalg::{Cholesky, product, self_adjoint_eigen},
};

/// The principal angles between the spaces that the rows of `a` (p, D) and of `b` (q, D) span: the
/// smaller of p and q angles in ascending order, in radians between 0 and π/2. All are zero when one
/// space contains the other (Jordan 1875; computed after Björck and Golub 1973, with sines where
/// cosines lose their digits).
///
/// ```
/// use elbo::pca::principal_angles;
///
/// let plane = ndarray::array![[1.0, 0.0, 0.0], [1.0, 2.0, 0.0]];
/// let other = ndarray::array![[0.0, 3.0, 0.0], [1.0, 0.0, 1.0]];
/// let angles = principal_angles(plane.view(), other.view())?;
/// assert!(angles[0].abs() < 1e-12 && (angles[1].to_degrees() - 45.0).abs() < 1e-12);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] for rows of different widths or no rows, [`Error::Value`] for a cell that is not
/// finite, [`Error::Singular`] when rows depend on each other.
pub fn principal_angles(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Result<Array1<f64>> {
    check_width("the second space", b, a.ncols())?;
    for rows in [a, b] {
        check_rows(rows, 1, "a space needs at least one row")?;
        check_cells(rows, Missing::Refused)?;
    }
    let (a, b) = if a.nrows() >= b.nrows() { (a, b) } else { (b, a) };
    let (a, b) = (orthonormal(a)?, orthonormal(b)?);
    // b = (its part in a) + (its part across a): both have orthogonal rows after one rotation.
    let within = product(b.view(), a.t());
    let across = &b - &product(within.view(), a.view());
    let squares = |part: &Array2<f64>| -> Result<Vec<f64>> {
        let gram = product(part.view(), part.t());
        Ok(self_adjoint_eigen(gram.view(), "the products of two spaces")?.values.to_vec())
    };
    // Cosines fall while sines rise.
    let (cosines, sines) = (squares(&within)?, squares(&across)?);
    let root = |square: &f64| square.max(0.0).sqrt();
    let pairs = cosines.iter().zip(sines.iter().rev());
    Ok(pairs.map(|(cosine, sine)| root(sine).atan2(root(cosine))).collect())
}

/// Orthonormal rows that span the same space. Twice, because once leaves the rounding of rows that
/// are nearly parallel.
fn orthonormal(rows: ArrayView2<f64>) -> Result<Array2<f64>> {
    let once = |rows: ArrayView2<f64>| {
        let gram = product(rows, rows.t());
        let factor = Cholesky::new(gram.view()).map_err(|error| Error::Singular {
            what: "the matrix of inner products of the rows".to_owned(),
            pivot: error.pivot,
            advice: "a row depends on those before it: leave it out".to_owned(),
        })?;
        Ok(product(factor.lower_inverse().view(), rows))
    };
    once(once(rows)?.view())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn small_and_large_angles_keep_their_digits() {
        for angle in [0.0, 1e-9, 1e-4, 0.5, 1.0, 1.5, std::f64::consts::FRAC_PI_2] {
            // The second axis leans out of the first plane by the angle.
            let plane = array![[2.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]];
            let (cosine, sine) = (f64::cos(angle), f64::sin(angle));
            let lean = array![[1.0, 0.0, 0.0, 0.0], [3.0, cosine, sine, 0.0]];
            let got = principal_angles(plane.view(), lean.view()).unwrap();
            assert!(got[0].abs() < 1e-14, "{got}");
            assert!((got[1] - angle).abs() < 1e-14, "{got} {angle}");
            let other_way = principal_angles(lean.view(), plane.view()).unwrap();
            assert!((&got - &other_way).iter().all(|difference| difference.abs() < 1e-14));
        }
        let line = array![[1.0, 1.0, 0.0, 0.0]];
        let plane = array![[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]];
        assert!(principal_angles(line.view(), plane.view()).unwrap()[0] < 1e-14);
    }

    #[test]
    fn rows_that_span_no_space_of_their_own_are_named() {
        let a = array![[1.0, 2.0], [2.0, 4.0]];
        let error = principal_angles(a.view(), array![[1.0, 0.0]].view());
        assert!(matches!(error, Err(Error::Singular { .. })), "{error:?}");
        let wide = array![[1.0, 0.0, 0.0]];
        assert!(matches!(principal_angles(a.view(), wide.view()), Err(Error::Shape { .. })));
    }
}
