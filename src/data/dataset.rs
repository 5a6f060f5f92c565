//! Observations for models that take their number of columns from the data.

use ndarray::{Array2, ArrayView2, CowArray, Ix2};

use super::Images;
use crate::error::{Error, Result};

/// Observations as the rows of a matrix of any width. Missing cells are NaN.
///
/// Implemented for ndarray's matrices of `f64` and `f32`, for arrays and vectors of `[f64; D]`, and
/// for [`Images`].
///
/// ```
/// use elbo::data::Dataset;
/// assert_eq!([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].matrix()?.dim(), (2, 3));
/// # Ok::<(), elbo::Error>(())
/// ```
pub trait Dataset {
    /// The rows, (n, D).
    ///
    /// # Errors
    /// When the data cannot be written as a matrix.
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>>;

    /// Height and width, when each row is an image.
    fn image_frame(&self) -> Option<(usize, usize)> {
        None
    }

    /// The integer label `name` of every row.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when the rows have no such label.
    fn label_values(&self, name: &str) -> Result<Vec<u32>> {
        Err(Error::UnknownLabel { name: name.to_owned(), known: Vec::new() })
    }
}

impl Dataset for Array2<f64> {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(self.view().into())
    }
}

impl Dataset for ArrayView2<'_, f64> {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(self.view().into())
    }
}

impl Dataset for Array2<f32> {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(self.mapv(f64::from).into())
    }
}

impl Dataset for ArrayView2<'_, f32> {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(self.mapv(f64::from).into())
    }
}

impl<const D: usize> Dataset for [[f64; D]] {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(ArrayView2::from(self).into())
    }
}

impl<const D: usize, const N: usize> Dataset for [[f64; D]; N] {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(ArrayView2::from(self).into())
    }
}

impl<const D: usize> Dataset for Vec<[f64; D]> {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(ArrayView2::from(self.as_slice()).into())
    }
}

impl<const H: usize, const W: usize> Dataset for Images<H, W> {
    fn matrix(&self) -> Result<CowArray<'_, f64, Ix2>> {
        Ok(self.pixels().mapv(f64::from).into())
    }

    fn image_frame(&self) -> Option<(usize, usize)> {
        Some((H, W))
    }

    fn label_values(&self, name: &str) -> Result<Vec<u32>> {
        Ok(self.label(name)?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn every_kind_of_rows_is_the_same_matrix() {
        let want = array![[1.0, 2.0], [3.0, 4.5]];
        let rows = [[1.0, 2.0], [3.0, 4.5]];
        assert_eq!(rows.matrix().unwrap(), want);
        assert_eq!(rows[..].matrix().unwrap(), want);
        assert_eq!(rows.to_vec().matrix().unwrap(), want);
        assert_eq!(want.matrix().unwrap(), want);
        assert_eq!(want.view().matrix().unwrap(), want);
        assert_eq!(want.mapv(|value| value as f32).matrix().unwrap(), want);
    }
}
