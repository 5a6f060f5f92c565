//! The inner loops, on images in lanes.

use std::ops::Range;

use pulp::Simd;

use super::lanes::{Planes, Shape};

/// Positions computed at once: a pooling window, or neighbours.
pub(super) const GROUP: usize = 4;

/// How many of so many filters are computed at once: as many as leave their sums in registers.
#[inline(always)]
pub(super) fn filters_at_once<S: Simd>(left: usize) -> usize {
    match left {
        4.. if S::REGISTER_COUNT >= 32 => 4,
        2.. => 2,
        _ => 1,
    }
}

/// The filters with their weights beside each other: for each block of [`filters_at_once`], for each
/// weight, that weight of every filter of the block.
pub(super) struct Filters {
    values: Vec<f32>,
    /// Weights of a filter.
    weights: usize,
    kernel: usize,
}

impl Filters {
    /// From the weights of `count` filters, `weight(filter, index)`.
    #[inline(always)]
    pub fn pack<S: Simd>(
        count: usize,
        weights: usize,
        kernel: usize,
        weight: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let mut values = Vec::with_capacity(count * weights);
        let mut first = 0;
        while first < count {
            let block = filters_at_once::<S>(count - first);
            for index in 0..weights {
                values.extend((first..first + block).map(|filter| weight(filter, index)));
            }
            first += block;
        }
        Self { values, weights, kernel }
    }

    /// The weights of the `N` filters from `first` on.
    #[inline(always)]
    fn block<const N: usize>(&self, first: usize) -> &[[f32; N]] {
        self.values[first * self.weights..][..N * self.weights].as_chunks().0
    }
}

/// `N` filters from `first` on, applied at four places: the sums of weights times pixels from these
/// places on, over all planes, the given rows of the kernel and all its columns.
#[inline(always)]
pub(super) fn correlate<S: Simd, const N: usize>(
    simd: S,
    planes: Planes<S::f32s>,
    (filters, first): (&Filters, usize),
    places: [usize; GROUP],
    rows: Range<usize>,
) -> [[S::f32s; GROUP]; N] {
    let Planes { values, shape } = planes;
    let kernel = filters.kernel;
    let weights = filters.block::<N>(first);
    let mut sums = [[simd.splat_f32s(0.0); GROUP]; N];
    for plane in 0..shape.planes {
        for row in rows.clone() {
            let start = plane * shape.plane() + row * shape.stride();
            let pixels = places.map(|place| &values[start + place..][..kernel]);
            let weights = &weights[(plane * kernel + row) * kernel..][..kernel];
            for (tap, weights) in weights.iter().enumerate() {
                let pixels = pixels.map(|pixels| pixels[tap]);
                for (sums, weight) in sums.iter_mut().zip(weights) {
                    let weight = simd.splat_f32s(*weight);
                    for (sum, pixel) in sums.iter_mut().zip(pixels) {
                        *sum = simd.mul_add_f32s(weight, pixel, *sum);
                    }
                }
            }
        }
    }
    sums
}

/// The largest of the values of a window, and its number; the first of equal ones.
#[inline(always)]
pub(super) fn largest<S: Simd>(simd: S, window: [S::f32s; GROUP]) -> (S::f32s, S::f32s) {
    let (mut most, mut number) = (window[0], simd.splat_f32s(0.0));
    for (index, value) in window.into_iter().enumerate().skip(1) {
        let keeps = simd.greater_than_or_equal_f32s(most, value);
        most = simd.select_f32s(keeps, most, value);
        number = simd.select_f32s(keeps, number, simd.splat_f32s(index as f32));
    }
    (most, number)
}

/// What is summed for the gradients of weights.
#[derive(Clone, Copy)]
pub(super) struct WeightSum<'a, V> {
    /// The images.
    pub x: Planes<'a, V>,
    /// The gradients of the convolution.
    pub upstream: Planes<'a, V>,
}

impl<V: Copy> WeightSum<'_, V> {
    /// The gradients of `T` neighbouring weights of each of `N` filters: sums over all positions
    /// and images. The weights are those of `channel` and `row` from `column` on.
    #[inline(always)]
    pub fn sums<S: Simd<f32s = V>, const N: usize, const T: usize>(
        self,
        simd: S,
        first: usize,
        (channel, row, column): (usize, usize, usize),
    ) -> [[f32; T]; N] {
        let Shape { height, width, .. } = self.upstream.shape;
        let x = self.x.shape;
        let mut sums = [[simd.splat_f32s(0.0); T]; N];
        for position in 0..height {
            let start = channel * x.plane() + (position + row) * x.stride() + column;
            let pixels = &self.x.values[start..][..width + T - 1];
            let upstream: [&[V]; N] = std::array::from_fn(|filter| {
                let start = self.upstream.shape.at(first + filter, position, 0);
                &self.upstream.values[start..][..width]
            });
            for (column, pixels) in pixels.array_windows::<T>().enumerate() {
                for (sums, upstream) in sums.iter_mut().zip(upstream) {
                    for (sum, pixel) in sums.iter_mut().zip(pixels) {
                        *sum = simd.mul_add_f32s(upstream[column], *pixel, *sum);
                    }
                }
            }
        }
        let mut totals = [[0.0; T]; N];
        // Not `map`: its closures would be compiled without the machine's vectors.
        for (totals, sums) in totals.iter_mut().zip(sums) {
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total = simd.reduce_sum_f32s(sum);
            }
        }
        totals
    }
}
