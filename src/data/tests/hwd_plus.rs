use std::fs;
use std::path::{Path, PathBuf};

use ndarray::{Array2, Array3, ArrayBase, Data, Dimension, ShapeBuilder};
use ndarray_npy::{WritableElement, WriteNpyExt};

use super::support::assert_says;
use crate::data::hwd_plus::{find, missing};
use crate::data::{HwdPlus, Partition};

/// Writers, digits and repeats of the small files, in the order of the real ones.
const DESIGN: (i32, i32, i32) = (3, 10, 14);
const IMAGES: usize = 3 * 10 * 14;

fn write<A: WritableElement, D: Dimension>(
    path: PathBuf,
    array: &ArrayBase<impl Data<Elem = A>, D>,
) {
    array.write_npy(fs::File::create(path).unwrap()).unwrap();
}

/// The gray level of a pixel as it is written: it differs between neighbours in every direction.
fn level(image: usize, row: usize, column: usize) -> u8 {
    ((image * 7 + row * 31 + column * 3) % 256) as u8
}

fn gray(side: usize) -> Array3<u8> {
    Array3::from_shape_fn((IMAGES, side, side), |(image, row, column)| level(image, row, column))
}

/// One row an image: digit, writer, then seven numbers of the writer's.
fn writer_info() -> Array2<i32> {
    let (_, digits, repeats) = DESIGN;
    Array2::from_shape_fn((IMAGES, 9), |(row, column)| {
        let (writer, digit) = (row as i32 / (digits * repeats), row as i32 / repeats % digits);
        match column {
            0 => digit,
            1 => writer,
            other => 10 * other as i32 + writer,
        }
    })
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path().join("Images(28x28).npy"), &gray(28));
    write(folder.path().join("Images(100x100).npy"), &gray(100));
    write(folder.path().join("WriterInfo.npy"), &writer_info());
    folder
}

#[test]
fn images_are_inverted_and_the_columns_are_labels() {
    let folder = folder();
    let images = HwdPlus::at(folder.path()).images::<28>().unwrap();
    assert_eq!(images.len(), IMAGES);
    for (image, row, column) in [(0, 0, 0), (5, 3, 27), (IMAGES - 1, 27, 1)] {
        let want = 1.0 - f32::from(level(image, row, column)) / 255.0;
        // One rounding of single precision.
        assert!((images.image(image)[[row, column]] - want).abs() <= 1e-7);
    }
    let names: Vec<&str> = images.label_names().collect();
    let want =
        ["digit", "writer", "age", "gender", "height", "language", "handedness", "education"];
    assert_eq!((&names[..8], names[8]), (&want[..], "medium"));
    assert_eq!(images.label("digit").unwrap()[13..15], [0, 1]);
    assert_eq!(images.label("writer").unwrap()[139..141], [0, 1]);
    assert_eq!(images.label("age").unwrap()[IMAGES - 1], 22);
    assert_eq!(images.label("medium").unwrap()[0], 80);
}

#[test]
fn images_left_in_the_file_are_those_that_are_read() {
    let folder = folder();
    let hwd = HwdPlus::at(folder.path());
    let (all, mapped) = (hwd.images::<100>().unwrap(), hwd.map::<100>().unwrap());
    assert_eq!(
        (mapped.len(), mapped.label("writer").unwrap()),
        (IMAGES, all.label("writer").unwrap())
    );
    let some = [400, 3, 3, 77];
    assert!(mapped.select(&some).unwrap() == all.select(&some).unwrap());
    assert!(mapped.take(7) == all.take(7));
    for (ours, theirs) in mapped.batches(100, 4).zip(all.batches(100, 4)) {
        assert!(ours == theirs);
    }
    assert_eq!(mapped.batches(100, 4).map(|batch| batch.len()).sum::<usize>(), IMAGES);
    let partition = Partition::by_digits(10.0 / 14.0);
    let (train, test) = partition.indices(&mapped, 1).unwrap();
    assert_eq!((train.len(), test.len()), (300, 120));
    assert!(mapped.select(&test).unwrap() == partition.split(&all, 1).unwrap().1);
    assert_says(mapped.select(&[IMAGES]), &["image index is 420", "there are 420 images"]);
    assert_says(mapped.label("hand"), &["\"hand\"", "handedness"]);
}

#[test]
fn the_order_of_the_columns_can_be_set() {
    let folder = folder();
    let order =
        ["digit", "writer", "medium", "age", "gender", "height", "language", "hand", "school"];
    let images = HwdPlus::at(folder.path()).columns(order).images::<28>().unwrap();
    assert_eq!(images.label("medium").unwrap()[0], 20);
    assert_eq!(images.label("school").unwrap()[0], 80);
    let hwd = HwdPlus::at(folder.path());
    assert_says(
        hwd.clone().columns(["digit", "age"]).images::<28>(),
        &["\"writer\" are among them"],
    );
    assert_says(hwd.clone().columns(["digit", "writer", "a", "a"]).images::<28>(), &["its own"]);
    assert_says(
        hwd.columns(["digit", "writer"]).images::<28>(),
        &["WriterInfo.npy", "has 9 columns, not 2", "HwdPlus::columns"],
    );
}

/// What reading says after `damage` was done to the folder.
fn after(damage: impl Fn(&Path)) -> crate::Result<crate::data::Images<28, 28>> {
    let folder = folder();
    damage(folder.path());
    HwdPlus::at(folder.path()).images::<28>()
}

fn with_table(change: impl Fn(&mut Array2<i32>)) -> crate::Result<crate::data::Images<28, 28>> {
    after(|folder| {
        let mut table = writer_info();
        change(&mut table);
        write(folder.join("WriterInfo.npy"), &table);
    })
}

#[test]
fn files_of_images_of_another_form_are_errors() {
    const FILE: &str = "Images(28x28).npy";
    let with = |array: &dyn Fn(&Path)| after(|folder| array(&folder.join(FILE)));
    assert_says(
        after(|folder| fs::remove_file(folder.join(FILE)).unwrap()),
        &[FILE, "cannot be opened"],
    );
    let floats = gray(28).mapv(f32::from);
    assert_says(with(&|path| write(path.into(), &floats)), &[FILE, "<f4", "unsigned bytes"]);
    let flat = gray(28).into_shape_with_order((IMAGES, 784)).unwrap();
    assert_says(with(&|path| write(path.into(), &flat)), &[FILE, "three dimensions"]);
    assert_says(
        with(&|path| write(path.into(), &gray(20))),
        &[FILE, "images of 20×20 pixels, not of 28×28"],
    );
    let mut fortran = Array3::zeros((IMAGES, 28, 28).f());
    fortran.assign(&gray(28));
    assert_says(
        with(&|path| write(path.into(), &fortran)),
        &[FILE, "Fortran", "ascontiguousarray"],
    );
    let few = gray(28).slice_move(ndarray::s![..400, .., ..]);
    assert_says(
        with(&|path| write(path.into(), &few)),
        &[FILE, "holds 400 images, but the table of writers has 420 rows"],
    );
    for (change, says) in [(-1, "1 missing"), (3, "3 extra")] {
        let cut = |path: &Path| {
            let mut bytes = fs::read(path).unwrap();
            bytes.resize(bytes.len().checked_add_signed(change).unwrap(), 0);
            fs::write(path, bytes).unwrap();
        };
        let outcome = with(&cut);
        let text = outcome.unwrap_err().to_string();
        println!("{text}");
        let number = says.split(' ').next().unwrap();
        assert!(text.contains(FILE) && text.contains(number), "{text}");
    }
    assert_says(with(&|path| fs::write(path, b"not an array").unwrap()), &[FILE, "header"]);
    assert_says(with(&|path| fs::write(path, b"").unwrap()), &[FILE]);
}

#[test]
fn tables_of_another_form_or_with_impossible_values_are_errors() {
    const FILE: &str = "WriterInfo.npy";
    let with = |array: &dyn Fn(&Path)| after(|folder| array(&folder.join(FILE)));
    assert_says(
        after(|folder| fs::remove_file(folder.join(FILE)).unwrap()),
        &[FILE, "cannot be opened"],
    );
    let long = writer_info().mapv(i64::from);
    assert_says(with(&|path| write(path.into(), &long)), &[FILE, "<i8", "32-bit integers"]);
    let line = writer_info().column(0).to_owned();
    assert_says(with(&|path| write(path.into(), &line)), &[FILE, "two dimensions"]);
    let cut = |path: &Path| fs::write(path, &fs::read(path).unwrap()[..5000]).unwrap();
    assert_says(with(&cut), &[FILE, "and whole"]);
    let none = Array2::<i32>::zeros((0, 9));
    assert_says(with(&|path| write(path.into(), &none)), &[FILE, "has no rows"]);
    assert_says(
        with_table(|table| table[[17, 4]] = -3),
        &[FILE, "row 17, column 4: height is -3", "not negative"],
    );
    assert_says(with_table(|table| table[[5, 0]] = 10), &[FILE, "row 5: the digit is 10"]);
    assert_says(
        with_table(|table| table[[20, 6]] += 1),
        &[FILE, "row 20: handedness of writer 0 is 61, but it was 60 in row 0"],
    );
    let few = writer_info().slice_move(ndarray::s![..419, ..]);
    assert_says(
        with(&|path| write(path.into(), &few)),
        &["holds 420 images, but the table of writers has 419 rows"],
    );
}

#[test]
fn the_first_place_with_the_files_is_taken_and_all_others_are_named() {
    let parent = tempfile::tempdir().unwrap();
    let places = ["absent", "empty", "table", "whole"].map(|name| parent.path().join(name));
    places[1..].iter().for_each(|place| fs::create_dir(place).unwrap());
    write(places[2].join("WriterInfo.npy"), &writer_info());
    let mut failures = Vec::new();
    assert_eq!(find(&places, &mut failures), None);
    let parts =
        ["HWD+", "no such folder", "WriterInfo.npy is missing", "none of Images(28x28).npy"];
    assert_says::<()>(Err(missing(failures.clone())), &parts);
    let parts = ["ELBO_DATA", "hwd-plus", "10.1007/s42979-022-01494-2", "like_hwd_plus"];
    assert_says::<()>(Err(missing(failures)), &parts);
    write(places[3].join("WriterInfo.npy"), &writer_info());
    write(places[3].join("Images(500x500).npy"), &gray(2));
    let found = find(&places, &mut Vec::new()).unwrap();
    assert_eq!(found.folder(), places[3]);
}
