//! What several tests need.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::Array2;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::data::Images;

/// `n` images of noise with gray levels in steps of 1/255; label "id" counts the images and
/// label "writer" has four values.
pub(super) fn noise<const H: usize, const W: usize>(n: usize, seed: u64) -> Images<H, W> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let pixels = Array2::from_shape_simple_fn((n, H * W), || f32::from(rng.random::<u8>()) / 255.0);
    let ids = (0..n as u32).collect();
    let writers = (0..n as u32).map(|id| id * 7 % 4).collect();
    let images = Images::from_array(pixels).unwrap();
    images.with_label("id", ids).unwrap().with_label("writer", writers).unwrap()
}

/// The bytes of an IDX file of these images.
pub(super) fn idx_images<const H: usize, const W: usize>(images: &Images<H, W>) -> Vec<u8> {
    let header = [2051, images.len() as u32, H as u32, W as u32];
    let mut bytes: Vec<u8> = header.iter().flat_map(|number| number.to_be_bytes()).collect();
    bytes.extend(images.pixels().iter().map(|gray| (gray * 255.0).round() as u8));
    bytes
}

/// The bytes of an IDX file of these labels.
pub(super) fn idx_labels(labels: &[u8]) -> Vec<u8> {
    let header = [2049, labels.len() as u32];
    let mut bytes: Vec<u8> = header.iter().flat_map(|number| number.to_be_bytes()).collect();
    bytes.extend(labels);
    bytes
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Fails unless the text of the error has all `parts`.
#[track_caller]
pub(super) fn assert_says<T: std::fmt::Debug>(outcome: crate::Result<T>, parts: &[&str]) {
    let text = outcome.expect_err("there should be an error").to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
}
