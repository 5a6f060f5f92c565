//! Tests of the data sets: what they promise, every error, and damaged files.

mod damaged;
#[cfg(feature = "download")]
mod download;
mod handwriting;
mod hwd_plus;
mod idx;
mod images;
mod mnist;
mod partition;
mod png_folder;
#[path = "../../../tests/support/real_data.rs"]
mod real_data;
mod subsets;
mod support;
mod writers;
