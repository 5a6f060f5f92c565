use std::fs;

use super::support::{assert_says, gzip, idx_images, idx_labels, noise};
use crate::data::Images;

/// Reads `bytes` as a file of 3×2 images.
fn read(bytes: &[u8]) -> crate::Result<Images<3, 2>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some-images");
    fs::write(&path, bytes).unwrap();
    Images::from_idx(path)
}

fn file() -> Vec<u8> {
    idx_images(&noise::<3, 2>(5, 0))
}

#[test]
fn plain_and_gzip_give_the_images_written() {
    let images = noise::<3, 2>(5, 0);
    for bytes in [file(), gzip(&file())] {
        assert_eq!(read(&bytes).unwrap().pixels(), images.pixels());
    }
    assert!(read(&idx_images(&images.take(0))).unwrap().is_empty());
}

#[test]
fn labels_are_added_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels");
    for bytes in [idx_labels(&[3, 1, 255]), gzip(&idx_labels(&[3, 1, 255]))] {
        fs::write(&path, bytes).unwrap();
        let images = noise::<3, 2>(3, 0).with_idx_label("digit", &path).unwrap();
        assert_eq!(images.label("digit").unwrap(), [3, 1, 255]);
    }
    let outcome = noise::<3, 2>(4, 0).with_idx_label("digit", &path);
    assert_says(outcome, &["labels", "3 labels", "4 images"]);
}

#[test]
fn a_missing_file_is_named() {
    assert_says(Images::<3, 2>::from_idx("no/such/file"), &["no/such/file", "cannot be opened"]);
    let outcome = noise::<3, 2>(1, 0).with_idx_label("digit", "no/labels");
    assert_says(outcome, &["no/labels", "cannot be opened"]);
}

#[test]
fn the_wrong_kind_of_file_is_named() {
    let outcome = read(&idx_labels(&[1, 2]));
    assert_says(outcome, &["some-images", "2049 (a file of labels)", "not 2051"]);
    assert_says(read(b"PK\x03\x04 something else"), &["magic number 1347093252", "not 2051"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels");
    fs::write(&path, file()).unwrap();
    let outcome = noise::<3, 2>(5, 0).with_idx_label("digit", path);
    assert_says(outcome, &["2051 (a file of images)", "not 2049"]);
}

#[test]
fn another_image_size_is_named() {
    let outcome = read(&idx_images(&noise::<2, 3>(5, 0)));
    assert_says(outcome, &["2×3", "bytes 8 to 15", "3×2", "Images::<2, 3>"]);
}

#[test]
fn short_and_long_files_say_where_they_end() {
    let file = file();
    assert_eq!(file.len(), 16 + 30);
    assert_says(read(&[]), &["ends at byte 0", "magic number"]);
    assert_says(read(&file[..6]), &["ends at byte 6", "number of images", "from byte 4"]);
    assert_says(read(&file[..15]), &["ends at byte 15", "columns", "from byte 12"]);
    assert_says(read(&file[..40]), &["ends at byte 40", "promises 46"]);
    assert_says(read(&[&file[..], &[0]].concat()), &["goes on after byte 46"]);
    assert_says(read(&gzip(&file[..40])), &["ends at byte 40", "promises 46"]);
}

#[test]
fn a_header_that_promises_too_much_costs_no_memory() {
    let mut file = file();
    file[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_says(read(&file), &["ends at byte 46", "promises 25769803786"]);
}

#[test]
fn broken_gzip_says_how_far_it_went() {
    let packed = gzip(&idx_images(&noise::<3, 2>(2000, 0)));
    assert_says(read(&packed[..5]), &["gzip data break off after 0 unpacked bytes"]);
    assert_says(read(&packed[..packed.len() / 2]), &["gzip data break off after"]);
    // The checksum is the last eight bytes.
    assert_says(read(&packed[..packed.len() - 3]), &["break off after 12016 unpacked bytes"]);
    let mut wrong = packed.clone();
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    assert_says(read(&wrong), &["cannot be unpacked", "after 12016 unpacked bytes"]);
}
