use std::collections::BTreeSet;

use super::support::{assert_says, noise};
use crate::data::Images;

/// The ids of the images, after checking that each still has its own pixels.
fn ids(part: &Images<3, 2>, whole: &Images<3, 2>) -> Vec<u32> {
    let ids = part.label("id").unwrap().to_vec();
    for (row, &id) in ids.iter().enumerate() {
        assert_eq!(part.image(row), whole.image(id as usize));
    }
    ids
}

fn sorted(mut ids: Vec<u32>) -> Vec<u32> {
    ids.sort_unstable();
    ids
}

#[test]
fn select_and_take_keep_pixels_and_labels_together() {
    let images = noise::<3, 2>(9, 0);
    assert_eq!(ids(&images.select(&[4, 0, 4]).unwrap(), &images), [4, 0, 4]);
    assert_eq!(ids(&images.take(3), &images), [0, 1, 2]);
    assert_eq!(images.take(100), images);
    assert!(images.select(&[]).unwrap().is_empty());
    assert_says(images.select(&[0, 9]), &["9", "9 images"]);
}

#[test]
fn filter_finds_all_of_a_value() {
    let images = noise::<3, 2>(9, 0);
    assert_eq!(ids(&images.filter("writer", 3).unwrap(), &images), [1, 5]);
    assert!(images.filter("writer", 9).unwrap().is_empty());
    assert_says(images.filter("reader", 1), &["reader", "writer"]);
}

#[test]
fn split_partitions_exactly_and_repeats_with_the_seed() {
    let images = noise::<3, 2>(50, 0);
    let (a, b) = images.split(0.7, 5).unwrap();
    assert_eq!((a.len(), b.len()), (35, 15));
    let together = [ids(&a, &images), ids(&b, &images)].concat();
    assert_ne!(together, sorted(together.clone()), "a split is shuffled");
    assert_eq!(sorted(together), (0..50).collect::<Vec<_>>());
    assert_eq!(images.split(0.7, 5).unwrap(), (a.clone(), b));
    assert_ne!(images.split(0.7, 6).unwrap().0, a);
}

#[test]
fn both_parts_of_a_split_have_something() {
    let images = noise::<3, 2>(3, 0);
    let sizes = |share| images.split(share, 0).map(|(a, b)| (a.len(), b.len())).unwrap();
    assert_eq!([sizes(0.01), sizes(0.99)], [(1, 2), (2, 1)]);
    for share in [0.0, 1.0, -0.5, f64::NAN, f64::INFINITY] {
        assert_says(images.split(share, 0), &["share", "between 0 and 1"]);
    }
    assert_says(images.take(1).split(0.5, 0), &["at least two images", "there are 1"]);
}

#[test]
fn split_by_shares_no_value() {
    let images = noise::<3, 2>(41, 0);
    let values = |part: &Images<3, 2>| {
        part.label("writer").unwrap().iter().copied().collect::<BTreeSet<_>>()
    };
    for seed in 0..10 {
        let (a, b) = images.split_by("writer", 0.5, seed).unwrap();
        assert_eq!((values(&a).len(), values(&b).len()), (2, 2));
        assert!(values(&a).is_disjoint(&values(&b)));
        let (of_a, of_b) = (ids(&a, &images), ids(&b, &images));
        assert!(of_a.is_sorted() && of_b.is_sorted(), "the parts keep their order");
        assert_eq!(sorted([of_a, of_b].concat()), (0..41).collect::<Vec<_>>());
        assert_eq!(images.split_by("writer", 0.5, seed).unwrap(), (a, b));
    }
    let parts = |seed| values(&images.split_by("writer", 0.5, seed).unwrap().0);
    assert!((1..10).any(|seed| parts(seed) != parts(0)), "the seed decides");
    assert_says(images.split_by("digit", 0.5, 0), &["digit"]);
    assert_says(images.split_by("writer", 1.0, 0), &["share"]);
    let one = images.filter("writer", 0).unwrap();
    assert_says(one.split_by("writer", 0.5, 0), &["at least two distinct values"]);
}

#[test]
fn batches_give_each_image_once() {
    let images = noise::<3, 2>(10, 0);
    let batches: Vec<_> = images.batches(4, 3).collect();
    assert_eq!(batches.iter().map(Images::len).collect::<Vec<_>>(), [4, 4, 2]);
    let order: Vec<u32> = batches.iter().flat_map(|batch| ids(batch, &images)).collect();
    assert_ne!(order, sorted(order.clone()));
    assert_eq!(sorted(order), (0..10).collect::<Vec<_>>());
    assert!(images.batches(4, 3).eq(batches.iter().cloned()));
    assert!(!images.batches(4, 4).eq(batches));
    assert_eq!(images.batches(0, 0).count(), 10);
    assert_eq!(images.take(0).batches(4, 0).count(), 0);
}

#[test]
fn binarised_images_have_the_gray_levels_as_frequencies() {
    let images = noise::<3, 2>(1, 0).select(&[0; 4000]).unwrap();
    let black_and_white = images.binarised(1);
    assert!(black_and_white.pixels().iter().all(|&value| value == 0.0 || value == 1.0));
    assert_eq!(black_and_white, images.binarised(1));
    assert_ne!(black_and_white, images.binarised(2));
    assert_eq!(black_and_white.binarised(3), black_and_white);
    for (column, &want) in black_and_white.pixels().columns().into_iter().zip(images.image(0)) {
        let got = column.sum() / 4000.0;
        // Four standard errors of a share; the seed is fixed.
        let tolerance = 4.0 * (want * (1.0 - want) / 4000.0).sqrt();
        assert!((got - want).abs() <= tolerance, "got {got}, want {want}");
    }
}

#[test]
fn inverting_twice_gives_the_images_back() {
    let images = noise::<3, 2>(4, 0);
    let inverted = images.inverted();
    assert_eq!(inverted.image(2)[[1, 1]], 1.0 - images.image(2)[[1, 1]]);
    // Rounding of 1 - x in single precision.
    let close = |(&a, &b): (&f32, &f32)| (a - b).abs() <= f32::EPSILON;
    assert!(inverted.inverted().pixels().iter().zip(images.pixels()).all(close));
    assert_eq!(inverted.label("id").unwrap(), images.label("id").unwrap());
}

#[test]
fn concat_undoes_a_cut() {
    let images = noise::<3, 2>(7, 0);
    let rest = images.select(&[4, 5, 6]).unwrap();
    assert_eq!(images.take(4).concat(&rest).unwrap(), images);
    assert_eq!(images.take(0).concat(&images).unwrap(), images);
    assert_eq!(images.concat(&images.take(0)).unwrap().image(6), images.image(6));
    let more = rest.clone().with_label("age", vec![1, 2, 3]).unwrap();
    assert_says(images.concat(&more), &["age"]);
    assert_says(more.concat(&images), &["age"]);
}
