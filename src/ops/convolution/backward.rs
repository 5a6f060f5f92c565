//! The backward pass on a block of images.

use pulp::{Simd, WithSimd};

use super::{
    Geometry,
    kernels::{Filters, GROUP, WeightSum, correlate, filters_at_once},
    lanes::{Planes, Scratch, Shape, collect, spread},
};

/// As many images as a vector has lanes, or fewer, and what their gradients come to.
pub(super) struct Backward<'a> {
    pub geometry: Geometry,
    /// (images, C·H·W)
    pub x: &'a [f32],
    /// (outputs, C·k·k)
    pub weight: &'a [f32],
    /// The gradients of the result before its activation, (images, outputs·H'·W').
    pub upstream: &'a [f32],
    /// Which value of each pooling window was the largest, as the forward pass left it.
    pub largest: Option<&'a [f32]>,
    /// Gets the gradients of the weights, (outputs, C·k·k), then those of the biases: sums over the
    /// images.
    pub parameters: &'a mut [f32],
    /// The gradients of the images, (images, C·H·W), are added to it.
    pub input: Option<&'a mut [f32]>,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (geometry, lanes) = (self.geometry, S::F32_LANES);
        let input = self.input.take();
        // The gradient of a pixel is made of results up to a kernel's side away.
        let margin = if input.is_some() { geometry.kernel - 1 - geometry.padding } else { 0 };
        let (x, upstream) = (Shape::input(&geometry), Shape::convolved(&geometry, margin));
        let outputs = geometry.output_values();
        let inputs = if input.is_some() { geometry.inputs() } else { 0 };
        let sizes = [x.len(), outputs, upstream.len(), inputs].map(|size| size * lanes);
        let mut scratch = Scratch::take(sizes.iter().sum());
        let (images, rest) = scratch.values().split_at_mut(sizes[0]);
        let (pooled, rest) = rest.split_at_mut(sizes[1]);
        let (convolved, input_lanes) = rest.split_at_mut(sizes[2]);
        spread(self.x, x, lanes, images);
        let flat =
            Shape { planes: geometry.outputs, height: 1, width: geometry.positions(), margin: 0 };
        spread(self.upstream, flat, lanes, pooled);
        let pooled = S::as_simd_f32s(pooled).0;
        self.unpool(simd, pooled, upstream, S::as_mut_simd_f32s(convolved).0);
        let upstream = Planes { values: S::as_simd_f32s(convolved).0, shape: upstream };
        let x = Planes { values: S::as_simd_f32s(images).0, shape: x };
        self.weights(simd, WeightSum { x, upstream });
        self.biases(simd, pooled);
        if let Some(input) = input {
            self.pixels(simd, upstream, S::as_mut_simd_f32s(input_lanes).0);
            collect(input_lanes, geometry.inputs(), lanes, input, |to, from| *to += from);
        }
    }
}

impl Backward<'_> {
    /// Puts every gradient where the value it belongs to came from.
    #[inline(always)]
    fn unpool<S: Simd>(&self, simd: S, pooled: &[S::f32s], shape: Shape, target: &mut [S::f32s]) {
        let (_, width) = self.geometry.output_size();
        let positions = self.geometry.positions();
        let largest = self.largest.map(|numbers| S::as_simd_f32s(numbers).0);
        for (index, &gradient) in pooled.iter().enumerate() {
            let (plane, position) = (index / positions, index % positions);
            let (row, column) = (position / width, position % width);
            let Some(largest) = largest else {
                target[shape.at(plane, row, column)] = gradient;
                continue;
            };
            for number in 0..GROUP {
                let is_largest = simd.equal_f32s(largest[index], simd.splat_f32s(number as f32));
                let at = shape.at(plane, 2 * row + number / 2, 2 * column + number % 2);
                target[at] = simd.select_f32s(is_largest, gradient, simd.splat_f32s(0.0));
            }
        }
    }

    /// The gradients of all weights.
    #[inline(always)]
    fn weights<S: Simd>(&mut self, simd: S, sum: WeightSum<S::f32s>) {
        let outputs = self.geometry.outputs;
        let mut first = 0;
        while first < outputs {
            let count = filters_at_once::<S>(outputs - first);
            match count {
                4 => self.filters::<S, 4>(simd, sum, first),
                2 => self.filters::<S, 2>(simd, sum, first),
                _ => self.filters::<S, 1>(simd, sum, first),
            }
            first += count;
        }
    }

    /// The gradients of the weights of `N` filters from `first` on.
    #[inline(always)]
    fn filters<S: Simd, const N: usize>(&mut self, simd: S, sum: WeightSum<S::f32s>, first: usize) {
        let Geometry { channels, kernel, .. } = self.geometry;
        for channel in 0..channels {
            for row in 0..kernel {
                let mut column = 0;
                while column < kernel {
                    let at = (channel, row, column);
                    // Five weights at once is what LeNet-5 needs.
                    if kernel - column >= 5 {
                        self.write(first, at, sum.sums::<S, N, 5>(simd, first, at));
                        column += 5;
                    } else {
                        self.write(first, at, sum.sums::<S, N, 1>(simd, first, at));
                        column += 1;
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn write<const N: usize, const T: usize>(
        &mut self,
        first: usize,
        (channel, row, column): (usize, usize, usize),
        sums: [[f32; T]; N],
    ) {
        let kernel = self.geometry.kernel;
        for (filter, sums) in sums.into_iter().enumerate() {
            let of_filter = (first + filter) * self.geometry.kernel_weights();
            let start = of_filter + (channel * kernel + row) * kernel + column;
            self.parameters[start..][..T].copy_from_slice(&sums);
        }
    }

    /// The gradients of all biases.
    #[inline(always)]
    fn biases<S: Simd>(&mut self, simd: S, pooled: &[S::f32s]) {
        let weights = self.geometry.outputs * self.geometry.kernel_weights();
        let biases = self.parameters[weights..].iter_mut();
        for (bias, gradients) in biases.zip(pooled.chunks_exact(self.geometry.positions())) {
            let add = |sum, gradient: &S::f32s| simd.add_f32s(sum, *gradient);
            *bias = simd.reduce_sum_f32s(gradients.iter().fold(simd.splat_f32s(0.0), add));
        }
    }

    /// The gradients of the images: the gradients of the convolution, correlated with the kernels
    /// turned by 180 degrees.
    #[inline(always)]
    fn pixels<S: Simd>(&self, simd: S, upstream: Planes<S::f32s>, target: &mut [S::f32s]) {
        let Geometry { channels, outputs, kernel, .. } = self.geometry;
        let area = kernel * kernel;
        let turned = |channel: usize, index: usize| {
            let (filter, tap) = (index / area, index % area);
            self.weight[(filter * channels + channel) * area + (area - 1 - tap)]
        };
        let filters = Filters::pack::<S>(channels, outputs * area, kernel, turned);
        let mut first = 0;
        while first < channels {
            let count = filters_at_once::<S>(channels - first);
            match count {
                4 => self.channels::<S, 4>(simd, upstream, (&filters, first), target),
                2 => self.channels::<S, 2>(simd, upstream, (&filters, first), target),
                _ => self.channels::<S, 1>(simd, upstream, (&filters, first), target),
            }
            first += count;
        }
    }

    /// The gradients of `N` channels from `first` on.
    #[inline(always)]
    fn channels<S: Simd, const N: usize>(
        &self,
        simd: S,
        upstream: Planes<S::f32s>,
        (filters, first): (&Filters, usize),
        target: &mut [S::f32s],
    ) {
        let Geometry { height, width, kernel, .. } = self.geometry;
        let (shape, positions) = (upstream.shape, height * width);
        for position in (0..positions).step_by(GROUP) {
            // Beyond the end the last position is computed again.
            let near: [usize; GROUP] =
                std::array::from_fn(|offset| (position + offset).min(positions - 1));
            let places = near.map(|position| position / width * shape.stride() + position % width);
            // Other rows of the kernel meet the margin only.
            let from = shape.margin.saturating_sub(near[GROUP - 1] / width);
            let to = kernel.min(shape.margin + shape.height - near[0] / width);
            let sums = correlate::<S, N>(simd, upstream, (filters, first), places, from..to);
            for (filter, sums) in sums.into_iter().enumerate() {
                for (position, sum) in near.into_iter().zip(sums) {
                    target[(first + filter) * positions + position] = sum;
                }
            }
        }
    }
}
