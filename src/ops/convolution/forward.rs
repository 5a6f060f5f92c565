//! The forward pass on a block of images.

use pulp::{Simd, WithSimd};

use super::{
    Geometry,
    kernels::{Filters, GROUP, correlate, filters_at_once, largest},
    lanes::{Planes, Scratch, Shape, collect, spread},
};
use crate::ops::Activation;

/// As many images as a vector has lanes, or fewer, and what is made of them.
pub(super) struct Forward<'a> {
    pub geometry: Geometry,
    /// (images, C·H·W)
    pub x: &'a [f32],
    /// (outputs, C·k·k)
    pub weight: &'a [f32],
    pub bias: &'a [f32],
    pub activation: Activation,
    /// (images, outputs·H'·W')
    pub y: &'a mut [f32],
    /// Where the backward pass will look up which value of each pooling window was the largest:
    /// vectors with a lane for each image, in the order of y.
    pub largest: Option<&'a mut [f32]>,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (geometry, lanes) = (self.geometry, S::F32_LANES);
        let (shape, weights) = (Shape::input(&geometry), geometry.kernel_weights());
        let mut scratch = Scratch::take(lanes * (shape.len() + geometry.output_values()));
        let (x, y) = scratch.values().split_at_mut(lanes * shape.len());
        spread(self.x, shape, lanes, x);
        let filters =
            Filters::pack::<S>(geometry.outputs, weights, geometry.kernel, |filter, i| {
                self.weight[filter * weights + i]
            });
        let planes = Planes { values: S::as_simd_f32s(x).0, shape };
        let target = S::as_mut_simd_f32s(y).0;
        let mut first = 0;
        while first < geometry.outputs {
            let count = filters_at_once::<S>(geometry.outputs - first);
            match count {
                4 => self.filters::<S, 4>(simd, planes, (&filters, first), target),
                2 => self.filters::<S, 2>(simd, planes, (&filters, first), target),
                _ => self.filters::<S, 1>(simd, planes, (&filters, first), target),
            }
            first += count;
        }
        let size = geometry.output_values();
        collect(y, size, lanes, self.y, |to, from| *to = from);
        self.y.chunks_exact_mut(size).for_each(|row| self.activation.apply(row));
    }
}

impl Forward<'_> {
    /// The results of `N` filters from `first` on, before the activation, in lanes.
    #[inline(always)]
    fn filters<S: Simd, const N: usize>(
        &mut self,
        simd: S,
        planes: Planes<S::f32s>,
        (filters, first): (&Filters, usize),
        target: &mut [S::f32s],
    ) {
        let (geometry, kernel) = (self.geometry, self.geometry.kernel);
        let positions = geometry.positions();
        let bias: [S::f32s; N] =
            std::array::from_fn(|filter| simd.splat_f32s(self.bias[first + filter]));
        let (_, width) = geometry.output_size();
        let stride = planes.shape.stride();
        if geometry.pooled {
            for position in 0..positions {
                let corner = 2 * (position / width * stride + position % width);
                let places = [corner, corner + 1, corner + stride, corner + stride + 1];
                let sums = correlate::<S, N>(simd, planes, (filters, first), places, 0..kernel);
                for (filter, window) in sums.into_iter().enumerate() {
                    let (most, number) = largest(simd, window);
                    let at = (first + filter) * positions + position;
                    target[at] = simd.add_f32s(most, bias[filter]);
                    if let Some(numbers) = &mut self.largest {
                        S::as_mut_simd_f32s(numbers).0[at] = number;
                    }
                }
            }
            return;
        }
        for position in (0..positions).step_by(GROUP) {
            // Beyond the end the last position is computed again.
            let near: [usize; GROUP] =
                std::array::from_fn(|offset| (position + offset).min(positions - 1));
            let places = near.map(|position| position / width * stride + position % width);
            let sums = correlate::<S, N>(simd, planes, (filters, first), places, 0..kernel);
            for (filter, sums) in sums.into_iter().enumerate() {
                for (position, sum) in near.into_iter().zip(sums) {
                    let at = (first + filter) * positions + position;
                    target[at] = simd.add_f32s(sum, bias[filter]);
                }
            }
        }
    }
}
