use ndarray::{Array2, ArrayView2};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::search::Haystack;
use super::*;
use crate::data::{Images, handwriting};

/// All distances, one after the other, in double precision.
fn naive(rows: ArrayView2<f32>, query: &[f32], k: usize) -> Vec<(f64, usize)> {
    let distance = |row: &[f32]| -> f64 {
        row.iter().zip(query).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2)).sum()
    };
    let rows = rows.rows().into_iter().map(|row| distance(row.to_slice().unwrap()));
    let mut all: Vec<(f64, usize)> = rows.enumerate().map(|(row, square)| (square, row)).collect();
    all.sort_by(|a, b| a.partial_cmp(b).unwrap());
    all.truncate(k);
    all
}

fn uniform(rows: usize, width: usize, seed: u64) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_simple_fn((rows, width), || rng.random())
}

#[track_caller]
fn agrees(rows: &Array2<f32>, queries: &Array2<f32>, k: usize) {
    let haystack = Haystack::new(rows.as_slice().unwrap(), rows.ncols());
    let found = haystack.nearest(queries.as_slice().unwrap(), k);
    assert_eq!(found.len(), queries.nrows());
    for (query, found) in queries.rows().into_iter().zip(found) {
        let want = naive(rows.view(), query.to_slice().unwrap(), k);
        let got: Vec<usize> = found.iter().map(|neighbour| neighbour.row).collect();
        assert_eq!(got, want.iter().map(|(_, row)| *row).collect::<Vec<_>>());
        for (neighbour, (square, _)) in found.iter().zip(want) {
            assert_eq!(neighbour.distance, square.sqrt());
        }
    }
}

#[test]
fn the_neighbours_are_those_of_a_plain_search() {
    // Fewer and more rows than a block, also of one value each.
    for (rows, queries, width, k) in
        [(1, 1, 1, 1), (3, 5, 2, 3), (1023, 3, 7, 5), (1024, 257, 20, 1), (2500, 40, 64, 17)]
    {
        agrees(&uniform(rows, width, 1), &uniform(queries, width, 2), k);
    }
    let images = handwriting().writers(20).repeats(6).images::<28>();
    let (train, test) = images.split(0.9, 0).unwrap();
    agrees(&train.pixels().to_owned(), &test.pixels().to_owned(), 5);
}

#[test]
fn rounding_of_the_products_does_not_decide() {
    // Far from the origin and near to each other: single precision cannot tell the distances apart.
    let noise = uniform(3000, 30, 3);
    let rows = noise.mapv(|value| 1000.0 + (value * 64.0).round() / 1024.0);
    let queries = uniform(20, 30, 4).mapv(|value| 1000.0 + (value * 64.0).round() / 1024.0);
    agrees(&rows, &queries, 4);
}

#[test]
fn of_equally_near_rows_the_first_counts() {
    let mut rows = uniform(40, 6, 5);
    for row in 0..40 {
        let copy = rows.row(row % 4).to_owned();
        rows.row_mut(row).assign(&copy);
    }
    agrees(&rows, &rows, 3);
    // As many copies as would fill any list of candidates.
    agrees(&Array2::from_elem((5000, 4), 0.3), &Array2::from_elem((3, 4), 0.1), 2);
}

fn points(values: &[f32], digits: &[u32]) -> Images<1, 1> {
    let pixels = Array2::from_shape_vec((values.len(), 1), values.to_vec()).unwrap();
    Images::from_array(pixels).unwrap().with_label("digit", digits.to_vec()).unwrap()
}

#[test]
fn votes_are_shares_and_ties_go_to_the_nearest() {
    // Sixteenths are exact.
    let train = points(&[0.0, 0.125, 0.25, 0.5, 0.625, 1.0], &[7, 7, 3, 3, 9, 9]);
    let test = points(&[0.0625, 0.3125, 0.875], &[7, 3, 9]);
    let two = NearestNeighbours::params(2).fit(&train, "digit").unwrap();
    assert_eq!(two.classes().values(), [3, 7, 9]);
    // After 0.25, the second image has 0.125 and 0.5 at the same distance: the earlier one counts.
    let want = ndarray::array![[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]];
    assert_eq!(two.probabilities(&test).unwrap(), want);
    assert_eq!(two.predict(&test).unwrap(), [7, 3, 9]);
    assert_eq!(two.accuracy(&test).unwrap(), 1.0);
    // Of two votes the nearest decides, and not the lowest class.
    assert_eq!(two.predict(&points(&[0.1875], &[7])).unwrap(), [7]);
    let other = NearestNeighbours::params(2).fit(&points(&[0.0, 1.0], &[9, 2]), "digit").unwrap();
    assert_eq!(other.predict(&points(&[0.4, 0.6], &[9, 2])).unwrap(), [9, 2]);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let images = handwriting().writers(6).repeats(3).images::<28>();
    let (train, test) = images.split(0.5, 0).unwrap();
    let classifier = NearestNeighbours::params(3).fit(&train, "writer").unwrap();
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| classifier.neighbours(&test).unwrap())
    };
    assert_eq!(with_threads(1), with_threads(3));
}

#[test]
fn images_and_settings_that_do_not_fit_are_errors() {
    let images = handwriting().writers(1).repeats(1).images::<28>();
    for k in [0, 11] {
        let error = NearestNeighbours::params(k).fit(&images, "digit").unwrap_err().to_string();
        assert!(error.contains("there are 10 images"), "{error}");
    }
    let error = NearestNeighbours::params(1).fit(&images, "age").unwrap_err();
    assert!(matches!(error, Error::UnknownLabel { .. }));
    let fitted = NearestNeighbours::params(1).fit(&images, "digit").unwrap();
    let others = handwriting().writers(1).repeats(1).images::<32>();
    let error = fitted.predict(&others).unwrap_err();
    assert!(matches!(error, Error::Shape { ref got, .. } if got == &[32, 32]));
    assert!(fitted.predict(&images.take(0)).unwrap().is_empty());
    assert!(fitted.accuracy(&images.take(0)).is_err());
}
