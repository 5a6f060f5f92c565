use std::collections::{BTreeMap, BTreeSet};

use super::support::{assert_says, noise};
use crate::data::{Images, Partition, handwriting};

fn ids(images: &Images<2, 2>) -> Vec<u32> {
    images.label("id").unwrap().to_vec()
}

/// 3 writers × 4 digits × 5 images.
fn grid() -> Images<2, 2> {
    let images = noise::<2, 2>(60, 0);
    let writers = (0..60).map(|i| i / 20).collect();
    let digits = (0..60).map(|i| i / 5 % 4).collect();
    images.with_label("writer", writers).unwrap().with_label("digit", digits).unwrap()
}

#[test]
fn no_image_is_lost_or_in_both_parts_and_the_seed_decides() {
    for partition in
        [Partition::at_random(0.7), Partition::by_digits(0.6), Partition::by_individuals(0.5)]
    {
        let (first, second) = partition.split(&grid(), 3).unwrap();
        let all: BTreeSet<u32> = [ids(&first), ids(&second)].concat().into_iter().collect();
        assert_eq!((all.len(), first.len() + second.len()), (60, 60), "{partition}");
        let again = partition.split(&grid(), 3).unwrap();
        assert!((&first, &second) == (&again.0, &again.1), "{partition}");
        assert!(
            (4..9).any(|seed| partition.split(&grid(), seed).unwrap().0 != first),
            "{partition}"
        );
    }
}

#[test]
fn by_digits_each_pair_of_writer_and_digit_is_divided() {
    let (first, second) = Partition::by_digits(0.6).split(&grid(), 0).unwrap();
    for (part, want) in [(&first, 3), (&second, 2)] {
        let mut counts = BTreeMap::new();
        let pairs = part.label("writer").unwrap().iter().zip(part.label("digit").unwrap());
        pairs.for_each(|pair| *counts.entry(pair).or_insert(0) += 1);
        assert_eq!(counts.len(), 12);
        assert!(counts.values().all(|&count| count == want), "{counts:?}");
        assert!(ids(part).is_sorted(), "the order of the images is kept");
    }
}

#[test]
fn by_digits_the_images_are_drawn_evenly() {
    // Each of the 60 images is among the three of its five in 60 % of 500 partitions.
    let mut counts = [0; 60];
    for seed in 0..500 {
        let (first, _) = Partition::by_digits(0.6).split(&grid(), seed).unwrap();
        ids(&first).iter().for_each(|&id| counts[id as usize] += 1);
    }
    // Five standard errors: 500 · 0.6 ± 5 · √(500 · 0.6 · 0.4).
    assert!(counts.iter().all(|count| (245..=355).contains(count)), "{counts:?}");
}

#[test]
fn by_individuals_is_split_by_writer() {
    let images = handwriting().writers(10).repeats(1).images::<28>();
    let parts = Partition::by_individuals(0.7).split(&images, 5).unwrap();
    assert!(parts == images.split_by("writer", 0.7, 5).unwrap());
    assert_eq!((parts.0.len(), parts.1.len()), (70, 30));
}

#[test]
fn single_images_are_learnt_from() {
    let images = noise::<2, 2>(5, 0).with_label("digit", vec![0, 1, 1, 2, 3]).unwrap();
    let (first, second) = Partition::within(["digit"], 0.5).split(&images, 0).unwrap();
    assert_eq!((first.len(), second.len()), (4, 1));
    assert_eq!(second.label("digit").unwrap(), [1]);
    let single = images.with_label("digit", vec![0, 1, 2, 3, 4]).unwrap();
    let outcome = Partition::within(["digit"], 0.5).split(&single, 0);
    assert_says(outcome, &["at least two images", "[\"digit\"]"]);
}

#[test]
fn shares_and_labels_that_cannot_be_are_errors() {
    for share in [0.0, 1.0, -0.1, f64::NAN] {
        assert_says(
            Partition::by_digits(share).split(&grid(), 0),
            &["share is", "between 0 and 1"],
        );
    }
    assert_says(Partition::between("author", 0.5).split(&grid(), 0), &["\"author\"", "\"writer\""]);
    assert_says(Partition::within(["author"], 0.5).split(&grid(), 0), &["\"author\""]);
    assert_eq!(Partition::by_individuals(0.7).to_string(), "all images of 70 % of the writers");
    assert_eq!(Partition::by_digits(0.7).to_string(), "70 % of the images of each writer, digit");
}

#[test]
fn values_are_chosen_among_the_frequent_ones() {
    let values = (0..60).map(|i| if i < 20 { i / 10 } else { 2 + i % 8 }).collect();
    let images = grid().with_label("group", values).unwrap();
    let (chosen, others) = images.choose_values("group", 2, 10, 7).unwrap();
    assert_eq!(ids(&chosen), (0..20).collect::<Vec<u32>>());
    assert_eq!(ids(&others), (20..60).collect::<Vec<u32>>());
    assert!(images.choose_values("group", 10, 1, 0).unwrap().1.is_empty());
    assert_says(images.choose_values("group", 3, 10, 0), &["is 3", "2 values", "10 images"]);
}
