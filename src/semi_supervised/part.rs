//! Rows of which the same labels are known.

use std::{collections::BTreeMap, sync::Arc};

use ndarray::{ArrayView2, s};

use crate::{
    nn::{Given, gather},
    ops::{Backend, Matrix, OpResult},
};

/// What stands in the column of a label that is not known.
pub(super) const UNKNOWN: f32 = -1.0;

/// So many rows, each with each class that it may have, are computed at once: bounds the memory of
/// the exact sum over many classes.
const ROWS_AT_ONCE: usize = 8192;

/// Rows and, of each label, their classes or that nobody knows them.
pub(super) struct Part<B: Backend> {
    pub x: Matrix<B>,
    pub known: Vec<Option<Vec<u32>>>,
}

impl<B: Backend> Part<B> {
    /// The rows of `data` with these numbers: `inputs` columns of values and a column a label.
    pub fn gather(
        device: &B,
        data: ArrayView2<f32>,
        inputs: usize,
        rows: &[usize],
    ) -> OpResult<B, Self> {
        let classes = |label: usize| {
            let class = |&row: &usize| data[[row, label]];
            let known = rows.first().is_some_and(|row| class(row) != UNKNOWN);
            known.then(|| rows.iter().map(|row| class(row) as u32).collect())
        };
        let known = (inputs..data.ncols()).map(classes).collect();
        Ok(Self { x: gather(device, data.slice(s![.., ..inputs]), rows)?, known })
    }

    /// The labels that are not known.
    pub fn missing(&self) -> Vec<usize> {
        (0..self.known.len()).filter(|&label| self.known[label].is_none()).collect()
    }

    /// Each row with each class that it may have: the classes of the last missing label change
    /// fastest.
    pub fn given(&self, classes: &[usize], rows: usize) -> Given {
        let times = combinations(&self.known, classes);
        let mut stride = times;
        let of_label = |(label, known): (usize, &Option<Vec<u32>>)| -> Arc<[u32]> {
            match known {
                Some(known) => (0..rows * times).map(|row| known[row / times]).collect(),
                None => {
                    stride /= classes[label];
                    (0..rows * times).map(|row| (row / stride % classes[label]) as u32).collect()
                }
            }
        };
        let classes = self.known.iter().enumerate().map(of_label).collect();
        Given { rows: rows * times, classes }
    }
}

/// How many combinations of classes a row may have.
fn combinations(known: &[Option<Vec<u32>>], classes: &[usize]) -> usize {
    let missing = known.iter().zip(classes).filter(|(known, _)| known.is_none());
    missing.map(|(_, classes)| classes).product()
}

/// The numbers of rows, apart by which labels they lack, few enough at a time.
pub(super) fn parts(
    data: ArrayView2<f32>,
    inputs: usize,
    classes: &[usize],
    rows: &[usize],
) -> Vec<Vec<usize>> {
    let mut patterns: BTreeMap<Vec<bool>, Vec<usize>> = BTreeMap::new();
    for &row in rows {
        let unknown = (inputs..data.ncols()).map(|label| data[[row, label]] == UNKNOWN);
        patterns.entry(unknown.collect()).or_default().push(row);
    }
    let chunks = patterns.into_iter().flat_map(|(unknown, rows)| {
        let missing = unknown.iter().zip(classes).filter(|(unknown, _)| **unknown);
        let times: usize = missing.map(|(_, classes)| classes).product();
        let size = (ROWS_AT_ONCE / times).max(1);
        rows.chunks(size).map(<[usize]>::to_vec).collect::<Vec<_>>()
    });
    chunks.collect()
}

#[cfg(test)]
mod tests {
    use dfdx::tensor::Cpu;
    use ndarray::array;

    use super::*;

    #[test]
    fn rows_are_apart_by_what_they_lack_and_each_meets_every_class() {
        // One value; labels of 2 and 3 classes.
        let data = array![[0.5, 1.0, -1.0], [0.1, -1.0, -1.0], [0.2, 0.0, 2.0], [0.3, 0.0, -1.0]];
        let classes = [2, 3];
        let parts = parts(data.view(), 1, &classes, &[0, 1, 2, 3]);
        assert_eq!(parts, [vec![2], vec![0, 3], vec![1]]);
        let given = |rows: &[usize]| {
            let part = Part::gather(&Cpu::default(), data.view(), 1, rows).unwrap();
            let given = part.given(&classes, rows.len());
            let lists: Vec<Vec<u32>> = given.classes.iter().map(|list| list.to_vec()).collect();
            (given.rows, lists, part.missing())
        };
        assert_eq!(given(&[2]), (1, vec![vec![0], vec![2]], vec![]));
        let second = vec![vec![1, 1, 1, 0, 0, 0], vec![0, 1, 2, 0, 1, 2]];
        assert_eq!(given(&[0, 3]), (6, second, vec![1]));
        let both = vec![vec![0, 0, 0, 1, 1, 1], vec![0, 1, 2, 0, 1, 2]];
        assert_eq!(given(&[1]), (6, both, vec![0, 1]));
    }

    #[test]
    fn many_classes_come_with_few_rows() {
        let data = ndarray::Array2::from_elem((20_000, 2), UNKNOWN);
        let all: Vec<usize> = (0..20_000).collect();
        let sizes = |classes: usize| {
            let parts = parts(data.view(), 1, &[classes], &all);
            parts.iter().map(|rows| rows.len() * classes).max().unwrap()
        };
        assert!(sizes(10) <= ROWS_AT_ONCE && sizes(97) <= ROWS_AT_ONCE);
        assert_eq!(sizes(10_000), 10_000, "a row is not divided");
    }
}
