//! M2 against the same LeNet-5 alone on MNIST with few labels.
//!
//!     cargo run --release --example few_labels -- LABELLED SEED STEPS LEARNING_RATE LATENT WEIGHTING…
//!
//! LATENT is the number of latent dimensions, 5, 10, 20 or 50. A weighting is `alone`, `c` and a number for J/N + α E log q(y|x), or `b` and a number for
//! α J/N + E log q(y|x). Prints the accuracy on the 10,000 test images ten times during each training,
//! and at its end how many digits that the model generates an independent LeNet-5 judges to be what
//! was asked for.

use std::{collections::BTreeMap, env, time::Instant};

use elbo::{Fit, M2, Result, data, ndarray::Array2, semi_supervised::Weighting};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

type Model<const Z: usize> = M2<784, 10, Z>;
type Digits = data::Images<28, 28>;

const BATCH: usize = 64;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.get(4).map(String::as_str) {
        Some("5") => compare::<5>(&arguments),
        Some("10") => compare::<10>(&arguments),
        Some("50") => compare::<50>(&arguments),
        _ => compare::<20>(&arguments),
    }
}

fn compare<const Z: usize>(arguments: &[String]) -> Result<()> {
    let number = |at: usize, usual: f64| -> f64 {
        arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let (labelled, seed, steps) = (number(0, 100.0), number(1, 0.0), number(2, 2000.0));
    let learning_rate = number(3, 1e-3);
    let mnist = data::mnist()?;
    let (few, others) = split(&mnist.train, labelled as usize, seed as u64)?;
    let judge = match arguments.iter().any(|argument| argument == "judge") {
        true => Some(judge(&mnist.train)?),
        false => None,
    };
    if let Some(judge) = &judge {
        println!("the judge is right on {:.4}", judge.accuracy(&mnist.test, "digit")?);
    }
    for name in arguments.iter().skip(5).filter(|name| *name != "judge") {
        let alone = name == "alone";
        let alpha = || name[1..].parse().unwrap_or(1.0);
        let weighting = match name.as_bytes() {
            [b'c', ..] => Weighting::Classification(alpha()),
            [b'b', ..] => Weighting::Bound(alpha()),
            _ => Weighting::Bound(0.0),
        };
        let mut model = Model::<Z>::params().weighting(weighting).seed(seed as u64).build()?;
        if !alone && !others.is_empty() {
            model.unlabelled(&others)?;
        }
        let started = Instant::now();
        let epochs = (steps / (few.len() as f64 / BATCH as f64).ceil() / 10.0).ceil() as usize;
        let mut accuracies = Vec::new();
        for _ in 0..10 {
            let fit = Fit::new().epochs(epochs).batch(BATCH).validation(0.0);
            model.fit(&few, "digit", fit.learning_rate(learning_rate).seed(seed as u64))?;
            accuracies.push(format!("{:.4}", model.accuracy(&mnist.test, "digit")?));
        }
        let seconds = started.elapsed().as_secs_f64();
        let generated = match judge.as_ref().filter(|_| !alone) {
            Some(judge) => format!(", generated {:.4}", judged(&model, judge)?),
            None => String::new(),
        };
        println!(
            "{labelled} {seed} z{Z} {name}: {} ({seconds:.0} s){generated}",
            accuracies.join(" ")
        );
    }
    Ok(())
}

/// As many images of each digit as of the others, `count` in all, and the other images.
fn split(images: &Digits, count: usize, seed: u64) -> Result<(Digits, Digits)> {
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let (labels, mut taken) = (images.label("digit")?, BTreeMap::new());
    let (few, others): (Vec<_>, Vec<_>) = order.into_iter().partition(|&row| {
        let of_digit = taken.entry(labels[row]).or_insert(0);
        *of_digit += 1;
        *of_digit <= count / 10
    });
    Ok((images.select(&few)?, images.select(&others)?))
}

/// A LeNet-5 that learned from all labels.
fn judge(images: &Digits) -> Result<Model<1>> {
    let params = Model::params().hidden([1]).weighting(Weighting::Bound(0.0)).seed(1000);
    Ok(params.fit(images, "digit", Fit::new().epochs(3).batch(BATCH).validation(0.0))?.0)
}

/// The share of 2,000 generated images, 200 of each digit, that the judge reads as asked for.
fn judged<const Z: usize>(model: &Model<Z>, judge: &Model<1>) -> Result<f64> {
    let images: Array2<f32> = model.generate_all(200)?.mean.values;
    let read = judge.predict(&images)?;
    let right = read.iter().enumerate().filter(|(row, digit)| **digit as usize == row % 10);
    Ok(right.count() as f64 / read.len() as f64)
}
