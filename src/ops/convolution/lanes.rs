//! Images in lanes: one vector for each pixel, one image in each of its lanes. Every loop over
//! pixels then runs on whole vectors, whatever the sizes of images and kernels.

use std::cell::Cell;

use super::Geometry;

/// Planes of pixels in lanes: some channels of some images, with a margin of zeros.
#[derive(Clone, Copy)]
pub(super) struct Planes<'a, V> {
    pub values: &'a [V],
    pub shape: Shape,
}

/// The shape of planes.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub planes: usize,
    /// Rows and columns without the margin.
    pub height: usize,
    pub width: usize,
    /// Rows and columns of zeros on each side.
    pub margin: usize,
}

impl Shape {
    /// The images of a convolution.
    pub fn input(geometry: &Geometry) -> Self {
        let Geometry { channels: planes, height, width, padding: margin, .. } = *geometry;
        Self { planes, height, width, margin }
    }

    /// Gradients of a convolution before its pooling.
    pub fn convolved(geometry: &Geometry, margin: usize) -> Self {
        let (height, width) = geometry.convolved();
        Self { planes: geometry.outputs, height, width, margin }
    }

    /// Columns with the margin.
    pub fn stride(&self) -> usize {
        self.width + 2 * self.margin
    }

    /// Vectors of a plane.
    pub fn plane(&self) -> usize {
        (self.height + 2 * self.margin) * self.stride()
    }

    /// Vectors of all planes.
    pub fn len(&self) -> usize {
        self.planes * self.plane()
    }

    /// Where the pixel of a plane stands.
    #[inline(always)]
    pub fn at(&self, plane: usize, row: usize, column: usize) -> usize {
        plane * self.plane() + (row + self.margin) * self.stride() + self.margin + column
    }
}

/// Writes images, one a row, into the lanes of planes; the margin stays as it is.
#[inline(always)]
pub(super) fn spread(images: &[f32], shape: Shape, lanes: usize, target: &mut [f32]) {
    let size = shape.planes * shape.height * shape.width;
    for number in 0..shape.planes * shape.height {
        let start = lanes * shape.at(number / shape.height, number % shape.height, 0);
        let target = &mut target[start..][..lanes * shape.width];
        for (lane, image) in images.chunks_exact(size).enumerate() {
            let row = &image[number * shape.width..][..shape.width];
            for (vector, pixel) in target.chunks_exact_mut(lanes).zip(row) {
                vector[lane] = *pixel;
            }
        }
    }
}

/// Pixels taken from all lanes before the next ones: few enough to stay in the nearest cache.
const TILE: usize = 64;

/// Reads images out of the lanes, one a row, and hands each to `write`.
#[inline(always)]
pub(super) fn collect(
    source: &[f32],
    size: usize,
    lanes: usize,
    images: &mut [f32],
    write: impl Fn(&mut f32, f32),
) {
    for first in (0..size).step_by(TILE) {
        let count = TILE.min(size - first);
        let source = &source[first * lanes..][..count * lanes];
        for (lane, image) in images.chunks_exact_mut(size).enumerate() {
            let pixels = &mut image[first..][..count];
            for (pixel, vector) in pixels.iter_mut().zip(source.chunks_exact(lanes)) {
                write(pixel, vector[lane]);
            }
        }
    }
}

/// A thread's memory for one block of images: zeros, and given back when dropped.
pub(super) struct Scratch {
    memory: Vec<f32>,
    start: usize,
    len: usize,
}

/// Bytes of a cache line: a vector that crosses one is read twice.
const LINE: usize = 64;

thread_local! {
    static SCRATCH: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

impl Scratch {
    pub fn take(len: usize) -> Self {
        let mut memory = SCRATCH.take();
        memory.clear();
        memory.resize(len + LINE / size_of::<f32>(), 0.0);
        let start = memory.as_ptr().align_offset(LINE).min(LINE / size_of::<f32>());
        Self { memory, start, len }
    }

    pub fn values(&mut self) -> &mut [f32] {
        &mut self.memory[self.start..][..self.len]
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        SCRATCH.set(std::mem::take(&mut self.memory));
    }
}
