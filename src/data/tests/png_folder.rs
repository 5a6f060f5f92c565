use std::fs;
use std::path::Path;

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb};
use tempfile::TempDir;

use super::support::{assert_says, noise};
use crate::data::Images;

type Small = Images<3, 2>;

/// A folder with these files: path and bytes.
fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn files_come_back_in_the_order_of_their_names() {
    let images = noise::<3, 2>(3, 0);
    let bytes = |index| images.to_png(index).unwrap();
    let folder = folder(&[
        ("b.PNG", bytes(1)),
        ("a.png", bytes(0)),
        ("c.png", bytes(2)),
        ("notes.txt", b"no image".to_vec()),
        (".hidden/z.png", bytes(2)),
    ]);
    let read = Small::from_png_folder(folder.path()).unwrap();
    assert_eq!(read.pixels(), images.pixels());
    assert_eq!(read.label_names().count(), 0);
}

#[test]
fn sixteen_bits_and_colours_become_gray() {
    let deep = ImageBuffer::from_pixel(2, 3, Luma([13107u16]));
    let colour = ImageBuffer::from_pixel(2, 3, Rgb([51u8, 51, 51]));
    let green = ImageBuffer::from_pixel(2, 3, Rgb([0u8, 255, 0]));
    let blue = ImageBuffer::from_pixel(2, 3, Rgb([0u8, 0, 255]));
    let folder = folder(&[
        ("1.png", png(deep)),
        ("2.png", png(colour)),
        ("3.png", png(green)),
        ("4.png", png(blue)),
    ]);
    let read = Small::from_png_folder(folder.path()).unwrap();
    for (index, want) in [0.2, 0.2, 0.7152, 0.0722].into_iter().enumerate() {
        // 13107/65535 and 51/255 are 0.2; the colours have the Rec. 709 weights, to 8 bits.
        let got = read.image(index)[[2, 1]];
        assert!((got - want).abs() <= 0.5 / 255.0, "image {index}: got {got}, want {want}");
    }
}

#[test]
fn folders_with_numbers_give_the_numbers_as_labels() {
    let bytes = |index| noise::<3, 2>(4, 0).to_png(index).unwrap();
    let folder = folder(&[
        ("10/a.png", bytes(2)),
        ("9/b.png", bytes(1)),
        ("9/a.png", bytes(0)),
        ("10/b.png", bytes(3)),
    ]);
    let read = Small::from_png_folder(folder.path()).unwrap();
    assert_eq!(read.label("folder").unwrap(), [9, 9, 10, 10]);
    assert_eq!(read.pixels(), noise::<3, 2>(4, 0).pixels());
}

#[test]
fn folders_with_names_are_numbered_in_their_order() {
    let bytes = |index| noise::<3, 2>(3, 0).to_png(index).unwrap();
    let folder = folder(&[("owl/a.png", bytes(2)), ("1/a.png", bytes(0)), ("cat/a.png", bytes(1))]);
    let read = Small::from_png_folder(folder.path()).unwrap();
    assert_eq!(read.label("folder").unwrap(), [0, 1, 2]);
    assert_eq!(read.pixels(), noise::<3, 2>(3, 0).pixels());
}

#[test]
fn a_wrong_size_is_named() {
    let good = noise::<3, 2>(1, 0).to_png(0).unwrap();
    let folder = folder(&[("a.png", good), ("b.png", png(GrayImage::new(5, 4)))]);
    let outcome = Small::from_png_folder(folder.path());
    assert_says(outcome, &["b.png", "4×5", "3×2", "Images::<4, 5>"]);
}

#[test]
fn a_damaged_file_is_named() {
    let good = noise::<3, 2>(1, 0).to_png(0).unwrap();
    for bytes in [b"not a png".to_vec(), Vec::new(), good[..good.len() - 25].to_vec()] {
        let folder = folder(&[("a.png", good.clone()), ("broken.png", bytes)]);
        let outcome = Small::from_png_folder(folder.path());
        assert_says(outcome, &["broken.png", "cannot be read as a PNG", "replace"]);
    }
}

#[test]
fn folders_without_images_are_named() {
    assert_says(Small::from_png_folder("no/such/folder"), &["no/such/folder", "cannot be read"]);
    let empty = folder(&[("notes.txt", Vec::new())]);
    assert_says(Small::from_png_folder(empty.path()), &["has no PNG files"]);
    let good = noise::<3, 2>(1, 0).to_png(0).unwrap();
    let half = folder(&[("0/a.png", good.clone()), ("1/notes.txt", Vec::new())]);
    let one = half.path().join("1").display().to_string();
    assert_says(Small::from_png_folder(half.path()), &[&one, "has no PNG files"]);
    let mixed = folder(&[("0/a.png", good.clone()), ("stray.png", good)]);
    assert_says(Small::from_png_folder(mixed.path()), &["stray.png", "belongs to no class"]);
}
