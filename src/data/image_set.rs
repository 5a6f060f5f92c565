//! What is asked of images when their size does not matter.

use ndarray::ArrayView2;

use super::Images;
use crate::error::Result;

/// Things with integer labels by name: images in memory, or in a file.
pub trait Labelled {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of the label `name`, one for each.
    ///
    /// # Errors
    /// [`crate::Error::UnknownLabel`] when there is no such label.
    fn label(&self, name: &str) -> Result<&[u32]>;
}

/// Labelled images of a size known at run time, so that what works with them is compiled once.
///
/// A reference to [`Images`] of any size is taken wherever `&dyn ImageSet` is asked for.
pub trait ImageSet: Labelled {
    /// All pixels, (n, height · width): one image per row, 0 for paper and 1 for ink.
    fn pixels(&self) -> ArrayView2<'_, f32>;

    /// Height and width in pixels.
    fn frame(&self) -> (usize, usize);
}

// The methods of the type itself come first, so that none of these calls itself.
impl<const H: usize, const W: usize> Labelled for Images<H, W> {
    fn len(&self) -> usize {
        self.len()
    }

    fn label(&self, name: &str) -> Result<&[u32]> {
        self.label(name)
    }
}

impl<const H: usize, const W: usize> ImageSet for Images<H, W> {
    fn pixels(&self) -> ArrayView2<'_, f32> {
        self.pixels()
    }

    fn frame(&self) -> (usize, usize) {
        self.frame()
    }
}
