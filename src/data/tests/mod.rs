//! Tests of the data sets: what they promise, every error, and damaged files.

mod damaged;
#[cfg(feature = "download")]
mod download;
mod handwriting;
mod idx;
mod images;
mod mnist;
mod png_folder;
mod subsets;
mod support;
