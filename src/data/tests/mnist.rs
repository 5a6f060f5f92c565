use std::fs;
use std::path::{Path, PathBuf};

use super::real_data::real_data;
use super::support::{assert_says, gzip, idx_images, idx_labels, noise};
use crate::data::mnist::{find, missing};

/// Writes a tiny MNIST: three images to train, two to test; some files packed.
fn write_tiny(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes).unwrap();
    write("train-images-idx3-ubyte.gz", gzip(&idx_images(&noise::<28, 28>(3, 0))));
    write("train-labels-idx1-ubyte", idx_labels(&[5, 0, 4]));
    write("t10k-images-idx3-ubyte", idx_images(&noise::<28, 28>(2, 1)));
    write("t10k-labels-idx1-ubyte.gz", gzip(&idx_labels(&[7, 2])));
}

#[test]
fn the_first_complete_place_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let places = ["absent", "partial", "whole"].map(|name| folder.path().join(name));
    write_tiny(&places[1]);
    fs::remove_file(places[1].join("t10k-labels-idx1-ubyte.gz")).unwrap();
    write_tiny(&places[2]);
    let mut failures = Vec::new();
    let mnist = find(&places, &mut failures).unwrap().unwrap();
    assert_eq!(mnist.train.label("digit").unwrap(), [5, 0, 4]);
    assert_eq!(mnist.test.label("digit").unwrap(), [7, 2]);
    assert_eq!(mnist.test.pixels(), noise::<28, 28>(2, 1).pixels());
    assert_eq!(failures.len(), 2);
    assert!(failures[0].contains("absent") && failures[0].contains("no such folder"));
    assert!(failures[1].contains("t10k-labels-idx1-ubyte(.gz) is missing"), "{}", failures[1]);
}

#[test]
fn places_without_it_are_all_named() {
    let folder = tempfile::tempdir().unwrap();
    let places = [PathBuf::from("no/such/place"), folder.path().to_owned()];
    let mut failures = Vec::new();
    assert!(find(&places, &mut failures).unwrap().is_none());
    let here = folder.path().display().to_string();
    let parts = ["MNIST", "no/such/place", &here, "is missing", "ELBO_DATA", "handwriting"];
    assert_says::<()>(Err(missing(failures)), &parts);
}

#[test]
fn a_damaged_copy_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write_tiny(folder.path());
    let path = folder.path().join("t10k-images-idx3-ubyte");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let outcome = find(&[folder.path().to_owned()], &mut Vec::new());
    assert_says(outcome, &["t10k-images-idx3-ubyte", "ends at byte 1583"]);
}

#[test]
fn the_real_files_hold_what_is_known_of_them() {
    let Some(folder) = real_data("the real MNIST") else { return };
    let mnist = find(&[folder.join("mnist")], &mut Vec::new()).unwrap().expect("a folder mnist");
    assert_eq!((mnist.train.len(), mnist.test.len()), (60_000, 10_000));
    assert_eq!(mnist.train.label("digit").unwrap()[..5], [5, 0, 4, 1, 9]);
    assert_eq!(mnist.test.label("digit").unwrap()[..5], [7, 2, 1, 0, 4]);
    // The published mean and standard deviation of the training pixels, to four digits.
    let pixels = mnist.train.pixels();
    let mean = pixels.iter().map(|&x| f64::from(x)).sum::<f64>() / pixels.len() as f64;
    let square = pixels.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / pixels.len() as f64;
    let deviation = (square - mean * mean).sqrt();
    // Copies that differ by a gray level here and there move the mean by far less.
    assert!((mean - 0.1307).abs() <= 2e-4, "mean {mean}");
    assert!((deviation - 0.3081).abs() <= 2e-4, "standard deviation {deviation}");
}
