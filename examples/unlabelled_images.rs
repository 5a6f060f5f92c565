//! What images by other people are worth, which nobody has labelled: M2 with them against LeNet-5
//! alone, over the number of labelled images, on repeated partitions.
//!
//!     cargo run --release --example unlabelled_images -- DATA TARGET REPEATS STEPS LATENT ALPHA COUNT…
//!
//! DATA is `mnist` (97 of its writers with at least 110 images; needs `ELBO_DATA`) or `drawn` (97
//! invented writers in the design of HWD+); the unlabelled images are by the other writers, in
//! `drawn` by 200 people of their own. A `2` at the end of it takes other writers throughout: to
//! choose settings on. TARGET is `digit`, partitioned by individuals (70 % of the writers), or
//! `writer`, partitioned by digits (ten fourteenths of the images of each). Both methods take STEPS
//! steps of 64 labelled images. LATENT is 5 or 20, ALPHA the weight of the labels in eq. (20), and
//! each COUNT the number of images of the first part, as many of each class as of the others, that
//! keep their labels; `0` keeps all.
//!
//! The corrected p value takes the first part for what was learnt from, not COUNT images of it.

use std::{collections::BTreeMap, env, time::Instant};

use elbo::{
    Error, Fit, M2, Result,
    classify::{Evaluation, LeNet, evaluate},
    data::{Images, Partition, handwriting, mnist_with_writers},
    display::RichDisplay,
    semi_supervised::Weighting,
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

type Digits = Images<28, 28>;

const WRITERS: usize = 97;
const BATCH: usize = 64;
/// Unlabelled images of a step. Each is decoded once a class, so that many classes allow for few.
const UNLABELLED: [(&str, usize); 2] = [("digit", 64), ("writer", 8)];

/// What is compared, on which images.
struct Comparison {
    known: Digits,
    others: Digits,
    target: &'static str,
    repeats: usize,
    steps: usize,
    alpha: f64,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let text = |at: usize| arguments.get(at).map_or("", String::as_str);
    let number = |at: usize, usual: f64| text(at).parse().unwrap_or(usual);
    let (known, others) = images(text(0))?;
    let target = if text(1) == "writer" { "writer" } else { "digit" };
    println!(
        "{}: {} images by {WRITERS} writers, {} by others",
        text(0),
        known.len(),
        others.len()
    );
    let (repeats, steps) = (number(2, 5.0) as usize, number(3, 2000.0) as usize);
    let comparison = Comparison { known, others, target, repeats, steps, alpha: number(5, 50.0) };
    for at in 6..arguments.len() {
        let count = number(at, 300.0) as usize;
        let started = Instant::now();
        let evaluation = match (target, text(4)) {
            ("digit", "20") => comparison.run::<10, 20>(count)?,
            ("digit", _) => comparison.run::<10, 5>(count)?,
            (_, "20") => comparison.run::<WRITERS, 20>(count)?,
            _ => comparison.run::<WRITERS, 5>(count)?,
        };
        let seconds = started.elapsed().as_secs_f64();
        let settings = arguments[..6].join(" ");
        println!("\n{settings}: {count} labelled, {seconds:.0} s");
        println!("{}", evaluation.mime_bundle()?.text());
        for method in &evaluation.methods {
            println!("{}: {:.4?}", method.name, method.accuracies);
        }
    }
    Ok(())
}

/// Images by the writers to learn from and to test, and by other people.
fn images(name: &str) -> Result<(Digits, Digits)> {
    let of_others = name.ends_with('2');
    if name.starts_with("mnist") {
        let (known, others) =
            mnist_with_writers()?.train.choose_values("writer", WRITERS, 110, 0)?;
        return if of_others {
            others.choose_values("writer", WRITERS, 110, 0)
        } else {
            Ok((known, others))
        };
    }
    let people =
        |seed: u64| handwriting().like_hwd_plus().seed(if of_others { seed + 2 } else { seed });
    Ok((people(0).images(), people(1).writers(200).images()))
}

impl Comparison {
    fn run<const K: usize, const Z: usize>(&self, count: usize) -> Result<Evaluation> {
        let Self { target, steps, .. } = *self;
        let partition = match target {
            "digit" => Partition::by_individuals(0.7),
            _ => Partition::by_digits(10.0 / 14.0),
        };
        let fit = |few: &Digits| {
            let epochs = steps.div_ceil(few.len().div_ceil(BATCH));
            Fit::new().epochs(epochs).batch(BATCH).validation(0.0)
        };
        evaluate(target)
            .partition(partition)
            .repeats(self.repeats)
            .method("LeNet-5", |train, seed| {
                let few = few(train, target, count, seed)?;
                Ok(LeNet::params().seed(seed).fit(&few, target, fit(&few).seed(seed))?.0)
            })
            .method("M2", |train, seed| {
                let few = few(train, target, count, seed)?;
                let unlabelled = UNLABELLED.iter().find(|(name, _)| *name == target);
                let params = M2::<784, K, Z>::params()
                    .weighting(Weighting::Classification(self.alpha))
                    .unlabelled_batch(unlabelled.map_or(BATCH, |(_, rows)| *rows))
                    .seed(seed);
                let mut model = params.build()?;
                model.unlabelled(&self.others)?;
                model.fit(&few, target, fit(&few).seed(seed))?;
                Ok::<_, Error>(model)
            })
            .run(&self.known)
    }
}

/// About `count` of the images, as many of each value of the label as of the others; all for 0.
fn few(images: &Digits, label: &str, count: usize, seed: u64) -> Result<Digits> {
    if count == 0 {
        return Ok(images.clone());
    }
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let (values, mut taken) = (images.label(label)?, BTreeMap::new());
    values.iter().for_each(|&value| _ = taken.insert(value, 0));
    let each = count.div_ceil(taken.len());
    order.retain(|&row| {
        let of_value = taken.entry(values[row]).or_insert(0);
        *of_value += 1;
        *of_value <= each
    });
    images.select(&order)
}
