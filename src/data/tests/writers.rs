use std::fs;
use std::path::Path;

use super::real_data::real_data;
use super::support::{assert_says, gzip, idx_images, idx_labels, noise};
use crate::data::writers::{find, with_writers};
use crate::data::{Images, Partition};

const HEADING: &str = "index\tdigit\twriter\tpartition\n";

/// Three images of the digits 5, 0 and 4.
fn images() -> Images<28, 28> {
    noise::<28, 28>(3, 0).with_label("digit", vec![5, 0, 4]).unwrap()
}

fn read(table: &[u8]) -> crate::Result<Images<28, 28>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train-writers.tsv.gz");
    fs::write(&path, table).unwrap();
    with_writers(images(), &path)
}

fn table(lines: &str) -> Vec<u8> {
    format!("{HEADING}{lines}").into_bytes()
}

#[test]
fn writers_and_partitions_become_labels() {
    let whole = table("0\t5\t2154\t4\n1\t0\t17\t0\n2\t4\t2154\t4\n");
    for bytes in [gzip(&whole), whole] {
        let images = read(&bytes).unwrap();
        assert_eq!(images.label("writer").unwrap(), [2154, 17, 2154]);
        assert_eq!(images.label("partition").unwrap(), [4, 0, 4]);
    }
}

#[test]
fn a_bad_table_is_an_error_with_its_line() {
    let says = |lines: &str, parts: &[&str]| {
        assert_says(read(&table(lines)), &[&["train-writers.tsv.gz"], parts].concat());
    };
    let good = "0\t5\t2154\t4\n1\t0\t17\t0\n";
    says(&format!("{good}2\t5\t1\t0\n"), &["line 4: the digit is 5, but the label file says 4"]);
    says(&format!("{good}3\t4\t1\t0\n"), &["line 4: the index is 3", "image 2"]);
    says("0\t5\t2154\n", &["line 2", "not four whole numbers"]);
    says("0\t5\t-1\t0\n", &["line 2", "not four whole numbers"]);
    says(&format!("{good}\n"), &["line 4", "not four whole numbers"]);
    says(good, &["holds 2 writers, but there are 3 images"]);
    says(&format!("{good}2\t4\t1\t0\n3\t4\t1\t0\n"), &["holds 4 writers"]);
    assert_says(read(b"index,digit\n"), &["line 1 is \"index,digit\"", "separated by tabs"]);
    assert_says(read(b""), &["line 1 is \"\""]);
    assert_says(read(&[0xff]), &["is not text from byte 0 on"]);
}

#[test]
fn a_gzip_cut_short_is_an_error() {
    // Digits without a pattern, so that the cut loses some of them.
    let lines: String = (0..3000).map(|i| format!("{i}\t5\t{}\t0\n", i * 7919 % 3601)).collect();
    let packed = gzip(&table(&lines));
    let outcome = read(&packed[..packed.len() / 2]);
    assert_says(
        outcome,
        &["train-writers.tsv.gz", "the gzip data break off after", "fetch it again"],
    );
}

/// Writes a tiny MNIST: three images to train, two to test.
fn write_tiny(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.join(name), bytes).unwrap();
    write("train-images-idx3-ubyte", idx_images(&noise::<28, 28>(3, 0)));
    write("train-labels-idx1-ubyte", idx_labels(&[5, 0, 4]));
    write("t10k-images-idx3-ubyte", idx_images(&noise::<28, 28>(2, 1)));
    write("t10k-labels-idx1-ubyte", idx_labels(&[7, 2]));
    write("train-writers.tsv", table("0\t5\t2154\t4\n1\t0\t17\t0\n2\t4\t2154\t4\n"));
}

#[test]
fn all_six_files_are_needed() {
    let folder = tempfile::tempdir().unwrap();
    let places = [folder.path().join("absent"), folder.path().join("there")];
    write_tiny(&places[1]);
    let mut failures = Vec::new();
    assert!(find(&places, &mut failures).unwrap().is_none());
    assert!(failures[1].contains("t10k-writers.tsv(.gz) is missing"), "{failures:?}");
    let rest = gzip(&table("0\t7\t3000\t4\n1\t2\t3001\t4\n"));
    fs::write(places[1].join("t10k-writers.tsv.gz"), rest).unwrap();
    let mnist = find(&places, &mut failures).unwrap().unwrap();
    assert_eq!(mnist.test.label("writer").unwrap(), [3000, 3001]);
}

#[test]
fn the_real_writers_are_those_of_the_data_sheet() {
    let Some(folder) = real_data("the writers of MNIST") else { return };
    let mnist = find(&[folder.join("mnist")], &mut Vec::new()).unwrap().expect("a folder mnist");
    let distinct = |images: &Images<28, 28>| {
        let writers = images.label("writer").unwrap();
        writers.iter().copied().collect::<std::collections::BTreeSet<u32>>()
    };
    let (train, test) = (distinct(&mnist.train), distinct(&mnist.test));
    assert_eq!(train.len(), 539);
    assert!(train.is_disjoint(&test));
    let (known, others) = mnist.train.choose_values("writer", 97, 110, 0).unwrap();
    assert_eq!((distinct(&known).len(), distinct(&others).len()), (97, 442));
    assert_eq!(known.len() + others.len(), 60_000);
    assert!(distinct(&known).is_disjoint(&distinct(&others)));
    let (learnt, asked) = Partition::by_digits(10.0 / 14.0).split(&known, 0).unwrap();
    assert_eq!((distinct(&learnt).len(), distinct(&asked).len()), (97, 97));
    let too_many = mnist.train.choose_values("writer", 345, 110, 0);
    assert_says(too_many, &["345", "344 values of the label \"writer\" have at least 110 images"]);
}
