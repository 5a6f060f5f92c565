//! The sizes of a convolution, known at run time.

/// A convolution of images with square kernels, stride 1, and max pooling of its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Channels of an image.
    pub channels: usize,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Channels of the result: the number of kernels.
    pub outputs: usize,
    /// Side of a kernel; at most that of an image with its zeros.
    pub kernel: usize,
    /// Rows and columns of zeros around an image, fewer than the kernel has.
    pub padding: usize,
    /// Whether the largest value of every 2×2 window, without overlap, is kept. A last odd row or
    /// column is left out.
    pub pooled: bool,
}

impl Geometry {
    /// Values of an image: a row of the input.
    pub fn inputs(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Weights of a kernel.
    pub fn kernel_weights(&self) -> usize {
        self.channels * self.kernel * self.kernel
    }

    /// Rows and columns after the convolution, before the pooling.
    pub(super) fn convolved(&self) -> (usize, usize) {
        let shrink = |side: usize| side + 2 * self.padding + 1 - self.kernel;
        (shrink(self.height), shrink(self.width))
    }

    /// Rows and columns of the result.
    pub fn output_size(&self) -> (usize, usize) {
        let (height, width) = self.convolved();
        if self.pooled { (height / 2, width / 2) } else { (height, width) }
    }

    /// Values of a channel of the result.
    pub(super) fn positions(&self) -> usize {
        let (height, width) = self.output_size();
        height * width
    }

    /// Values of the result: a row of the output.
    pub fn output_values(&self) -> usize {
        self.outputs * self.positions()
    }
}
