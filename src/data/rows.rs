//! What models learn from: rows of a fixed number of values.

use ndarray::{Array2, ArrayView2, CowArray, Ix2};

use super::Images;
use crate::{
    error::{Error, Result},
    sizes::require,
};

/// Observations as rows of `D` values.
///
/// Implemented for [`Images`], for arrays and vectors of `[f32; D]`, where a wrong width does not
/// compile, and for ndarray's matrices, where it is an error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold rows of {D} values",
    label = "rows of {D} values are expected here",
    note = "rows are Images, arrays and vectors of [f32; {D}], or an ndarray Array2<f32>"
)]
pub trait Rows<const D: usize> {
    /// The rows, (n, D).
    ///
    /// # Errors
    /// [`Error::Shape`] when the rows do not have `D` values.
    fn rows(&self) -> Result<CowArray<'_, f32, Ix2>>;

    /// Height and width, when each row is an image.
    fn image_size(&self) -> Option<(usize, usize)> {
        None
    }

    /// The integer label `name` of every row.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when the rows have no such label.
    fn row_labels(&self, name: &str) -> Result<Vec<u32>> {
        Err(Error::UnknownLabel { name: name.to_owned(), known: Vec::new() })
    }
}

impl<const D: usize, const H: usize, const W: usize> Rows<D> for Images<H, W> {
    fn rows(&self) -> Result<CowArray<'_, f32, Ix2>> {
        const {
            require(
                H * W == D,
                "the model's first parameter must be the number of pixels: Vae::<784, Z> for 28×28",
            )
        };
        Ok(self.pixels().into())
    }

    fn image_size(&self) -> Option<(usize, usize)> {
        Some((H, W))
    }

    fn row_labels(&self, name: &str) -> Result<Vec<u32>> {
        Ok(self.label(name)?.to_vec())
    }
}

impl<const D: usize> Rows<D> for [[f32; D]] {
    fn rows(&self) -> Result<CowArray<'_, f32, Ix2>> {
        let view = ArrayView2::from_shape((self.len(), D), self.as_flattened());
        Ok(view.map_err(|error| shape_error(&[self.len(), D], D, error))?.into())
    }
}

impl<const D: usize, const N: usize> Rows<D> for [[f32; D]; N] {
    fn rows(&self) -> Result<CowArray<'_, f32, Ix2>> {
        Rows::<D>::rows(self.as_slice())
    }
}

impl<const D: usize> Rows<D> for Vec<[f32; D]> {
    fn rows(&self) -> Result<CowArray<'_, f32, Ix2>> {
        Rows::<D>::rows(self.as_slice())
    }
}

impl<const D: usize> Rows<D> for Array2<f32> {
    fn rows(&self) -> Result<CowArray<'_, f32, Ix2>> {
        checked::<D>(self.view())
    }
}

impl<const D: usize> Rows<D> for ArrayView2<'_, f32> {
    fn rows(&self) -> Result<CowArray<'_, f32, Ix2>> {
        checked::<D>(self.view())
    }
}

fn checked<const D: usize>(array: ArrayView2<'_, f32>) -> Result<CowArray<'_, f32, Ix2>> {
    if array.ncols() == D {
        return Ok(array.into());
    }
    Err(shape_error(array.shape(), D, "choose the columns or another model size"))
}

fn shape_error(got: &[usize], width: usize, advice: impl ToString) -> Error {
    Error::Shape {
        what: "the matrix of rows".to_owned(),
        got: got.to_vec(),
        want: vec![got[0], width],
        advice: advice.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn arrays_of_rows_are_read_as_they_stand() {
        let want = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0f32]];
        assert_eq!(Rows::<2>::rows(&rows).unwrap(), want);
        assert_eq!(Rows::<2>::rows(&rows.to_vec()).unwrap(), want);
        assert_eq!(Rows::<2>::rows(&want).unwrap(), want);
        assert_eq!(Rows::<2>::rows(&want.view()).unwrap(), want);
    }

    #[test]
    fn a_matrix_of_another_width_is_an_error_with_both_shapes() {
        let error = Rows::<4>::rows(&Array2::<f32>::zeros((3, 5))).unwrap_err();
        assert!(matches!(error, Error::Shape { ref got, ref want, .. }
            if got == &[3, 5] && want == &[3, 4]));
    }
}
