//! What is checked of observations before a model sees them.

use ndarray::ArrayView2;

use crate::error::{Error, Result};

/// Whether cells may be missing, that is NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Allowed,
    Refused,
}

/// # Errors
/// [`Error::Value`] naming the first cell that cannot be used.
pub(crate) fn check_cells(x: ArrayView2<f64>, missing: Missing) -> Result<()> {
    let usable = |value: f64| match missing {
        Missing::Allowed => !value.is_infinite(),
        Missing::Refused => value.is_finite(),
    };
    let Some(((row, column), &value)) = x.indexed_iter().find(|(_, value)| !usable(**value)) else {
        return Ok(());
    };
    let advice = if value.is_nan() {
        "this model needs complete rows: remove or impute missing cells (ProbabilisticPca takes \
         them as they are)"
    } else {
        "replace values that are not finite; a missing cell is NaN"
    };
    Err(Error::Value { what: "the data".into(), row, column, value, advice: advice.into() })
}

/// # Errors
/// [`Error::Shape`] when there is not one of `what`, such as "response", for each row, or no row.
pub(crate) fn check_one_each(what: &str, got: usize, rows: usize) -> Result<()> {
    if got == rows && rows > 0 {
        return Ok(());
    }
    Err(Error::Shape {
        what: format!("the list of a {what} for each row"),
        got: vec![got],
        want: vec![rows.max(1)],
        advice: format!("give one {what} for each row, and at least one row"),
    })
}

/// # Errors
/// [`Error::Value`] naming the first cell that is not finite.
pub(crate) fn check_finite(x: ArrayView2<f32>) -> Result<()> {
    let Some(((row, column), &value)) = x.indexed_iter().find(|(_, value)| !value.is_finite())
    else {
        return Ok(());
    };
    let (what, value) = ("the data".to_owned(), f64::from(value));
    let advice = "remove or impute values that are not finite".to_owned();
    Err(Error::Value { what, row, column, value, advice })
}

/// # Errors
/// [`Error::Shape`] when `x` does not have `width` columns.
pub(crate) fn check_width(what: &str, x: ArrayView2<f64>, width: usize) -> Result<()> {
    if x.ncols() == width {
        return Ok(());
    }
    Err(Error::Shape {
        what: what.to_owned(),
        got: x.shape().to_vec(),
        want: vec![x.nrows(), width],
        advice: "pass as many columns as the model has".to_owned(),
    })
}

/// # Errors
/// [`Error::Shape`] when there are fewer rows than `least`, or no column.
pub(crate) fn check_rows(x: ArrayView2<f64>, least: usize, reason: &str) -> Result<()> {
    if x.nrows() >= least && x.ncols() > 0 {
        return Ok(());
    }
    Err(Error::Shape {
        what: "the data".to_owned(),
        got: x.shape().to_vec(),
        want: vec![least.max(x.nrows()), x.ncols().max(1)],
        advice: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_first_cell_that_cannot_be_used_is_named() {
        let x = array![[1.0, 2.0], [3.0, f64::NAN], [f64::INFINITY, 0.0]];
        let place = |missing| match check_cells(x.view(), missing) {
            Err(Error::Value { row, column, .. }) => (row, column),
            other => panic!("{other:?}"),
        };
        assert_eq!(place(Missing::Refused), (1, 1));
        assert_eq!(place(Missing::Allowed), (2, 0));
    }
}
