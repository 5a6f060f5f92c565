//! The nearest rows of a matrix, exactly, at the speed of matrix products.
//!
//! ‖x − t‖² = ‖x‖² − 2 x·t + ‖t‖², so that most of the work is a product, in single precision. Its
//! rounding error has a bound. A row whose approximate distance is farther than that of the k-th
//! nearest by more than twice the bound cannot be among the k nearest; the few others are measured
//! again, term by term in double precision, and those distances decide.

use pulp::Arch;
use rayon::prelude::*;

use super::Neighbour;
use crate::ops::{Factor, product_alone};

/// Rows that are searched for at once by a thread.
const QUERIES: usize = 256;
/// Rows among which they are searched at once: the block of products stays in the cache.
const BLOCK: usize = 1024;
/// Values that are compared with the limit at once.
const LANES: usize = 64;

/// The rows among which is searched, (n, width), in row-major order.
pub(super) struct Haystack<'a> {
    rows: &'a [f32],
    width: usize,
    /// ‖t‖² of each row.
    squares: Vec<f32>,
    longest: f64,
}

impl<'a> Haystack<'a> {
    /// `rows` has `width` values, at least one, for each row.
    pub(super) fn new(rows: &'a [f32], width: usize) -> Self {
        let exact: Vec<f64> = rows.par_chunks(width).map(square).collect();
        let longest = exact.iter().copied().fold(0.0, f64::max).sqrt();
        Self {
            rows,
            width,
            squares: exact.into_iter().map(|square| square as f32).collect(),
            longest,
        }
    }

    /// The `k` nearest rows of every query, the nearest first; of equally near ones the first row.
    /// Fewer when there are fewer rows. Row-major `queries` have the same width.
    pub(super) fn nearest(&self, queries: &[f32], k: usize) -> Vec<Vec<Neighbour>> {
        let blocks = queries.par_chunks(QUERIES * self.width);
        blocks.flat_map_iter(|block| self.nearest_of_block(block, k)).collect()
    }

    fn nearest_of_block(&self, queries: &[f32], k: usize) -> Vec<Vec<Neighbour>> {
        let count = queries.len() / self.width;
        // Twice a number is exact, so this adds no rounding error.
        let scaled: Vec<f32> = queries.iter().map(|value| -2.0 * value).collect();
        let mut lists: Vec<Shortlist> = queries
            .chunks_exact(self.width)
            .map(|query| Shortlist::new(k, 2.0 * self.error_bound(square(query).sqrt())))
            .collect();
        let mut products = vec![0.0; count * BLOCK];
        let blocks = self.rows.chunks(BLOCK * self.width).zip(self.squares.chunks(BLOCK));
        for (index, (rows, squares)) in blocks.enumerate() {
            let products = &mut products[..count * squares.len()];
            let left = Factor::new(&scaled, count, self.width);
            let right = Factor::new(rows, squares.len(), self.width).transposed();
            product_alone(products, left, right);
            Arch::new().dispatch(|| {
                for (list, products) in lists.iter_mut().zip(products.chunks_exact(squares.len())) {
                    list.offer(index * BLOCK, products, squares);
                }
            });
        }
        let queries = queries.chunks_exact(self.width);
        queries.zip(lists).map(|(query, list)| self.measured(query, list)).collect()
    }

    /// An upper bound of the rounding error of −2 x·t + ‖t‖² for a query of this length: γ |x|·|t| of
    /// each of the two products (Higham 2002, section 3.1) and the roundings of ‖t‖² and of the sum.
    fn error_bound(&self, length: f64) -> f64 {
        let unit = f64::from(f32::EPSILON) / 2.0;
        let terms = unit * self.width as f64;
        let gamma = terms / (1.0 - terms).max(0.5);
        let (dot, square) = (length * self.longest, self.longest * self.longest);
        2.0 * gamma * dot + 4.0 * unit * (2.0 * dot + square)
    }

    /// The shortlisted rows that are nearest in double precision.
    fn measured(&self, query: &[f32], list: Shortlist) -> Vec<Neighbour> {
        let measure = |&(_, row): &(f32, usize)| {
            let values = &self.rows[row * self.width..][..self.width];
            (square_distance(query, values), row)
        };
        let likely = list.candidates.iter().filter(|(value, _)| *value <= list.limit);
        let mut near: Vec<(f64, usize)> = likely.map(measure).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        near.truncate(list.k);
        near.into_iter().map(|(square, row)| Neighbour { row, distance: square.sqrt() }).collect()
    }
}

/// The rows that may be among the `k` nearest of a query.
struct Shortlist {
    k: usize,
    /// Twice the largest rounding error.
    margin: f64,
    /// The k smallest values so far, ascending.
    best: Vec<f32>,
    /// The largest value of a row that may be among the nearest.
    limit: f32,
    candidates: Vec<(f32, usize)>,
    /// So many candidates are worth a look at who has fallen behind the limit.
    many: usize,
}

impl Shortlist {
    fn new(k: usize, margin: f64) -> Self {
        let (best, candidates) = (Vec::new(), Vec::new());
        Self { k, margin, best, limit: f32::INFINITY, candidates, many: 8 * k + LANES }
    }

    /// Considers rows from number `first` on, of which these are −2 x·t and ‖t‖².
    #[inline(always)]
    fn offer(&mut self, first: usize, products: &[f32], squares: &[f32]) {
        let chunks = products.chunks(LANES).zip(squares.chunks(LANES));
        for (chunk, (products, squares)) in chunks.enumerate() {
            let values = products.iter().zip(squares).map(|(product, square)| product + square);
            let limit = self.limit;
            // Counting has no branch, so that it is done for many values at once.
            let near: u32 = values.clone().map(|value| u32::from(value <= limit)).sum();
            if near == 0 {
                continue;
            }
            for (lane, value) in values.enumerate() {
                if value <= self.limit {
                    self.take(value, first + chunk * LANES + lane);
                }
            }
        }
    }

    fn take(&mut self, value: f32, row: usize) {
        self.candidates.push((value, row));
        let place = self.best.partition_point(|&better| better <= value);
        if place < self.k {
            self.best.insert(place, value);
            self.best.truncate(self.k);
        }
        if let Some(&worst) = self.best.get(self.k - 1) {
            self.limit = ((f64::from(worst) + self.margin) as f32).next_up();
        }
        if self.candidates.len() > self.many {
            let limit = self.limit;
            self.candidates.retain(|(value, _)| *value <= limit);
            self.many = self.many.max(2 * self.candidates.len());
        }
    }
}

/// ‖x‖².
fn square(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum()
}

/// ‖x − t‖².
fn square_distance(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum()
}
