//! Images with labels, and where they come from: arrays, IDX files, folders of PNG files, MNIST,
//! and a built-in generator of handwritten digits that needs neither a file nor a network; and a
//! simulated trial for survival analysis.
//!
//! ```
//! use elbo::data::handwriting;
//!
//! let digits = handwriting().writers(6).repeats(2).images::<28>();
//! let (train, test) = digits.split_by("writer", 0.5, 0)?;
//! assert_eq!((train.len(), test.len()), (60, 60));
//! # Ok::<(), elbo::Error>(())
//! ```

mod checks;
mod cohort;
mod dataset;
#[cfg(feature = "download")]
mod download;
mod handwriting;
mod hwd_plus;
mod idx;
mod image_set;
mod image_sheet;
mod images;
mod mnist;
mod packed;
mod partition;
mod places;
mod png_folder;
mod rows;
mod subsets;
mod writers;

pub(crate) use checks::{
    Missing, check_cells, check_finite, check_one_each, check_rows, check_width,
};
pub use cohort::{SimulatedCohort, Truth, cohort};
pub use dataset::Dataset;
pub use handwriting::{Handwriting, HandwritingTruth, Influence, handwriting};
pub use hwd_plus::{HwdPlus, MappedImages, hwd_plus};
pub use image_set::{ImageSet, Labelled};
pub use images::Images;
pub use mnist::{Mnist, mnist};
pub use partition::Partition;
pub use rows::Rows;
pub use writers::mnist_with_writers;

#[cfg(test)]
mod tests;
