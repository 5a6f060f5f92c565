//! Rows with the same missing cells, which are computed together.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

/// So many rows fit into the processor's cache together.
const MOST_ROWS: usize = 1024;

/// Rows that have exactly the same columns observed, at most [`MOST_ROWS`] of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pattern {
    /// Columns that are observed, ascending.
    pub observed: Vec<usize>,
    /// Row numbers, ascending.
    pub rows: Vec<usize>,
}

impl Pattern {
    /// The observed cells, (rows, observed).
    pub fn cells(&self, x: ArrayView2<f64>) -> Array2<f64> {
        if self.observed.len() == x.ncols() {
            return x.select(Axis(0), &self.rows);
        }
        Array2::from_shape_fn((self.rows.len(), self.observed.len()), |(row, column)| {
            x[[self.rows[row], self.observed[column]]]
        })
    }
}

/// The patterns of `x`, in the order of their observed columns.
pub(super) fn patterns(x: ArrayView2<f64>) -> Vec<Pattern> {
    let mut found: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for (number, row) in x.rows().into_iter().enumerate() {
        found.entry(observed(row)).or_default().push(number);
    }
    let parts = |(observed, rows): (Vec<usize>, Vec<usize>)| -> Vec<Pattern> {
        let part = |rows: &[usize]| Pattern { observed: observed.clone(), rows: rows.to_vec() };
        rows.chunks(MOST_ROWS).map(part).collect()
    };
    found.into_iter().flat_map(parts).collect()
}

fn observed(row: ArrayView1<f64>) -> Vec<usize> {
    row.indexed_iter().filter(|(_, value)| !value.is_nan()).map(|(column, _)| column).collect()
}
