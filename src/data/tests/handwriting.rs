use std::path::PathBuf;

use ndarray::{ArrayView1, ArrayView2};

use super::real_data::real_data;
use crate::data::mnist::find;
use crate::data::{Images, handwriting};

fn square_distance(a: ArrayView1<f32>, b: ArrayView1<f32>) -> f32 {
    // Slices, because iterators over array views take minutes without optimisation.
    let pairs = a.to_slice().unwrap().iter().zip(b.to_slice().unwrap());
    pairs.map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The share of `test` images whose nearest neighbour in `train` shows the same digit.
fn nearest_neighbour_accuracy(train: &Images<28, 28>, test: &Images<28, 28>) -> f64 {
    let digits = train.label("digit").unwrap();
    let (known, unknown) = (train.pixels(), test.pixels());
    let nearest = |image: ArrayView1<f32>| {
        let distances = known.rows().into_iter().map(|row| square_distance(row, image));
        distances.zip(digits).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1
    };
    let images = unknown.rows().into_iter().zip(test.label("digit").unwrap());
    let hits = images.filter(|(image, digit)| nearest(*image) == *digit).count();
    hits as f64 / test.len() as f64
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product = |x: &[f64], mx: f64, y: &[f64], my: f64| {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>()
    };
    let variances = product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b);
    product(a, mean_a, b, mean_b) / variances.sqrt()
}

/// The mean of each block of `factor`×`factor` pixels, row by row.
fn shrunk(image: ArrayView2<f32>, factor: usize) -> Vec<f64> {
    let blocks = image.exact_chunks((factor, factor)).into_iter();
    blocks
        .map(|block| block.iter().map(|&x| f64::from(x)).sum::<f64>() / block.len() as f64)
        .collect()
}

#[test]
fn rows_are_ordered_by_writer_digit_and_repeat() {
    let images = handwriting().writers(2).repeats(2).digits([3, 1]).images::<28>();
    assert_eq!(images.label("writer").unwrap(), [0, 0, 0, 0, 1, 1, 1, 1]);
    assert_eq!(images.label("digit").unwrap(), [3, 3, 1, 1, 3, 3, 1, 1]);
    assert_eq!(images.label("repeat").unwrap(), [0, 1, 0, 1, 0, 1, 0, 1]);
    assert!(handwriting().writers(0).images::<28>().is_empty());
    assert_eq!(handwriting().digits([10, 200, 9]).writers(1).repeats(1).images::<28>().len(), 1);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let settings = handwriting().writers(4).repeats(2);
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| settings.images::<28>())
    };
    let one = with_threads(1);
    assert_eq!(one, with_threads(4));
    assert_eq!(one, settings.images::<28>());
    assert_ne!(one.pixels(), settings.seed(1).images::<28>().pixels());
}

#[test]
fn an_image_does_not_depend_on_what_is_drawn_beside_it() {
    let many = handwriting().writers(5).repeats(3).images::<28>();
    let few = handwriting().writers(4).repeats(2).digits([7]).images::<28>();
    for row in 0..few.len() {
        let [writer, repeat] = ["writer", "repeat"].map(|name| few.label(name).unwrap()[row]);
        let same = many.filter("writer", writer).unwrap().filter("digit", 7).unwrap();
        assert_eq!(few.image(row), same.image(repeat as usize));
    }
}

#[test]
fn ink_stays_inside_the_frame() {
    let images = handwriting().writers(200).repeats(1).images::<28>();
    for index in 0..images.len() {
        let image = images.image(index);
        assert!(image.iter().all(|value| (0.0..=1.0).contains(value)));
        let border = [image.row(0), image.row(27), image.column(0), image.column(27)];
        assert!(border.iter().all(|line| line.iter().all(|&value| value == 0.0)), "image {index}");
        let ink = image.mean().unwrap();
        assert!((0.015..0.40).contains(&ink), "image {index}: {ink} of the frame is ink");
    }
}

#[test]
fn size_and_ink_are_those_of_mnist() {
    let images = handwriting().repeats(2).images::<28>();
    let mean = images.pixels().mean().unwrap();
    // MNIST: 0.1307. A tenth more or less looks alike.
    assert!((mean / 0.1307 - 1.0).abs() < 0.1, "mean pixel {mean}");
    let heights = (0..images.len()).map(|index| {
        let rows = images.image(index);
        rows.rows().into_iter().filter(|row| row.iter().any(|&value| value > 0.1)).count()
    });
    let height = heights.sum::<usize>() as f64 / images.len() as f64;
    assert!((19.0..23.0).contains(&height), "mean height {height} pixels");
}

#[test]
fn the_drawing_is_the_same_at_every_resolution() {
    let settings = handwriting().writers(10).repeats(1);
    let (small, large) = (settings.images::<28>(), settings.images::<112>());
    for index in 0..small.len() {
        let r = correlation(&shrunk(small.image(index), 1), &shrunk(large.image(index), 4));
        assert!(r > 0.98, "image {index}: correlation {r}");
    }
}

#[test]
fn repeats_differ_less_than_writers() {
    let images = handwriting().writers(20).repeats(4).images::<28>();
    for digit in 0..10 {
        let same = images.filter("digit", digit).unwrap();
        let writers = same.label("writer").unwrap();
        let (mut within, mut between) = (Vec::new(), Vec::new());
        for a in 0..same.len() {
            for b in 0..a {
                let distance = square_distance(same.pixels().row(a), same.pixels().row(b));
                let side = if writers[a] == writers[b] { &mut within } else { &mut between };
                side.push(distance);
            }
        }
        let mean = |distances: &[f32]| distances.iter().sum::<f32>() / distances.len() as f32;
        let ratio = mean(&within) / mean(&between);
        println!("digit {digit}: repeats vary {ratio:.2} times as much as writers");
        assert!(ratio < 0.35, "digit {digit}: within / between = {ratio}");
        assert!(within.iter().all(|&distance| distance > 0.0), "repeats are not copies");
    }
}

#[test]
fn digits_can_be_told_apart_on_unseen_writers() {
    let images = handwriting().repeats(1).images::<28>();
    let (train, test) = images.split_by("writer", 0.67, 0).unwrap();
    let accuracy = nearest_neighbour_accuracy(&train, &test);
    println!("nearest neighbour on {} unseen images: {accuracy:.3}", test.len());
    assert!(accuracy > 0.85, "accuracy {accuracy}");
}

#[test]
fn they_are_read_as_the_same_digits_by_a_reader_of_mnist() {
    let Some(folder) = real_data("generated digits against MNIST") else { return };
    let places: [PathBuf; 1] = [folder.join("mnist")];
    let mnist = find(&places, &mut Vec::new()).unwrap().expect("a folder mnist");
    let ours = handwriting().writers(30).repeats(1).images::<28>();
    let accuracy = nearest_neighbour_accuracy(&mnist.test.take(3000), &ours);
    println!("nearest neighbour among MNIST's test images: {accuracy:.3}");
    // 0.81 when written; chance is 0.1. Lower means letterforms or sizes unlike people's.
    assert!(accuracy > 0.7, "accuracy {accuracy}");
}

#[test]
fn characteristics_are_labels_that_belong_to_the_writer() {
    let settings = handwriting().like_hwd_plus().repeats(1);
    let (small, large) = (settings.images::<28>(), settings.images::<32>());
    assert_eq!(small.len(), 970);
    let names: Vec<&str> = small.label_names().collect();
    let want = ["age", "gender", "height", "language", "handedness", "education", "medium"];
    assert_eq!((&names[..3], &names[3..]), (&["digit", "writer", "repeat"][..], &want[..]));
    for name in want {
        let values = small.label(name).unwrap();
        assert!(values.chunks(10).all(|of| of.iter().all(|value| *value == of[0])), "{name}");
        assert_eq!(values, large.label(name).unwrap());
        assert!(values.iter().any(|value| *value != values[0]), "{name} is the same for all");
    }
    let few = handwriting().writers(5).repeats(1).characteristics();
    assert_eq!(few.clone().images::<28>(), small.take(50));
    assert!(few.writers(0).images::<28>().label("age").unwrap().is_empty());
}

#[test]
fn writing_shaped_by_characteristics_stays_legible() {
    let images = handwriting().writers(150).repeats(1).characteristics().images::<28>();
    for index in 0..images.len() {
        let image = images.image(index);
        let border = [image.row(0), image.row(27), image.column(0), image.column(27)];
        assert!(border.iter().all(|line| line.iter().all(|&value| value == 0.0)), "image {index}");
        let ink = image.mean().unwrap();
        assert!((0.008..0.45).contains(&ink), "image {index}: {ink} of the frame is ink");
    }
    let (train, test) = images.split_by("writer", 0.67, 0).unwrap();
    let accuracy = nearest_neighbour_accuracy(&train, &test);
    println!("nearest neighbour on {} unseen images: {accuracy:.3}", test.len());
    assert!(accuracy > 0.8, "accuracy {accuracy}");
}

#[test]
fn writers_are_recognised_by_their_nearest_neighbour() {
    let images = handwriting().writers(97).repeats(4).characteristics().images::<28>();
    let mut hits = 0;
    let (mut asked, known) = (0, images.filter("repeat", 0).unwrap());
    for digit in 0..10 {
        let same = |images: &Images<28, 28>| images.filter("digit", digit).unwrap();
        let (known, test) = (same(&known), same(&images.filter("repeat", 3).unwrap()));
        let writers = known.label("writer").unwrap();
        for (row, writer) in test.pixels().rows().into_iter().zip(test.label("writer").unwrap()) {
            let rows = known.pixels();
            let distances = rows.rows().into_iter().map(|known| square_distance(known, row));
            let nearest = distances.zip(writers).min_by(|a, b| a.0.total_cmp(&b.0)).unwrap().1;
            hits += usize::from(nearest == writer);
            asked += 1;
        }
    }
    let share = hits as f64 / f64::from(asked);
    println!("{share:.3} of the writers recognised among 97 by one image of the digit");
    // Chance is 1/97.
    assert!(share > 0.3, "only {share} recognised");
}
