//! What unlabelled images of other people are worth: M2 against its own LeNet-5 without them, on the
//! same repeated partitions, for a growing number of labelled images.
//!
//!     cargo run --release --example unlabelled_images -- SOURCE TARGET SEED PARTITIONS STEPS α UNLABELLED COUNT…
//!
//! SOURCE is `mnist` (97 writers of the real one, `ELBO_DATA` says where it is) or `drawn` (generated
//! in the design of HWD+). TARGET is `digit`, with the partition by individuals, or `writer`, by
//! digits. Both models take STEPS steps with 64 labelled images; M2 takes UNLABELLED images of other
//! people along with them. COUNT is a number of labelled images, `0` for all there are.

use std::{collections::BTreeMap, env, time::Instant};

use elbo::{
    Error, Fit, M2, Result,
    classify::evaluate,
    data::{self, Images, Partition},
    semi_supervised::Weighting,
};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

type Digits = Images<28, 28>;

const WRITERS: usize = 97;
const BATCH: usize = 64;

/// How the models learn.
struct Setting {
    target: String,
    seed: u64,
    partitions: usize,
    steps: usize,
    alpha: f64,
    unlabelled_batch: usize,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let text = |at: usize, usual: &str| arguments.get(at).map_or(usual, String::as_str).to_owned();
    let number = |at: usize, usual: f64| text(at, "").parse::<f64>().unwrap_or(usual);
    let setting = Setting {
        target: text(1, "digit"),
        seed: number(2, 0.0) as u64,
        partitions: number(3, 5.0) as usize,
        steps: number(4, 2000.0) as usize,
        alpha: number(5, 50.0),
        unlabelled_batch: number(6, 64.0) as usize,
    };
    let (known, others) = people(&text(0, "drawn"))?;
    println!("{known:?}\nunlabelled: {} images by others", others.len());
    for count in arguments.iter().skip(7).filter_map(|count| count.parse().ok()) {
        match setting.target.as_str() {
            "writer" => compare::<WRITERS>(&setting, count, &known, &others)?,
            _ => compare::<10>(&setting, count, &known, &others)?,
        }
    }
    Ok(())
}

/// The images of the people in question, and of others.
fn people(source: &str) -> Result<(Digits, Digits)> {
    match source {
        "mnist" => data::mnist_with_writers()?.train.choose_values("writer", WRITERS, 110, 0),
        "drawn" => {
            let all = data::handwriting().like_hwd_plus().writers(4 * WRITERS).images::<28>();
            all.choose_values("writer", WRITERS, 1, 0)
        }
        _ => Err(Error::Setting {
            setting: "SOURCE",
            value: source.to_owned(),
            requirement: "it is `mnist` or `drawn`".to_owned(),
        }),
    }
}

fn compare<const K: usize>(
    setting: &Setting,
    count: usize,
    known: &Digits,
    others: &Digits,
) -> Result<()> {
    let started = Instant::now();
    let target = setting.target.as_str();
    let partition = match target {
        "writer" => Partition::by_digits(10.0 / 14.0),
        _ => Partition::by_individuals(0.7),
    };
    let fit = |few: &Digits, seed: u64| {
        let epochs = setting.steps.div_ceil(few.len().div_ceil(BATCH));
        Fit::new().epochs(epochs).batch(BATCH).validation(0.0).seed(seed)
    };
    let evaluation = evaluate(target)
        .partition(partition)
        .repeats(setting.partitions)
        .seed(setting.seed)
        .method("LeNet-5", |train, seed| {
            let few = some(train, target, count, seed)?;
            let params = M2::<784, K, 5>::params().weighting(Weighting::Bound(0.0)).seed(seed);
            Ok(params.fit(&few, target, fit(&few, seed))?.0)
        })
        .method("M2", |train, seed| {
            let few = some(train, target, count, seed)?;
            let weighting = Weighting::Classification(setting.alpha);
            let params = M2::<784, K, 5>::params().weighting(weighting).seed(seed);
            let mut m2 = params.unlabelled_batch(setting.unlabelled_batch).build()?;
            m2.unlabelled(others)?;
            m2.fit(&few, target, fit(&few, seed))?;
            Ok(m2)
        })
        .run(known)?;
    let [lenet, m2] = ["LeNet-5", "M2"].map(|name| evaluation.of(name));
    let test = evaluation.paired("M2", "LeNet-5")?;
    println!(
        "{target} from {count} labels: LeNet-5 {:.4}, M2 {:.4}, difference {:+.4}, p {:.4}, corrected \
         {:.4} ({:.0} s) {:.4?} {:.4?}",
        lenet?.mean(),
        m2?.mean(),
        test.mean_difference,
        test.plain.p_value,
        test.corrected.p_value,
        started.elapsed().as_secs_f64(),
        evaluation.of("LeNet-5")?.accuracies,
        evaluation.of("M2")?.accuracies,
    );
    Ok(())
}

/// `count` images, as many of each class as can be; all for 0.
fn some(train: &Digits, target: &str, count: usize, seed: u64) -> Result<Digits> {
    if count == 0 || count >= train.len() {
        return Ok(train.clone());
    }
    let labels = train.label(target)?;
    let mut order: Vec<usize> = (0..train.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    // First the first of each class, then the second of each, and so on.
    let mut seen = BTreeMap::new();
    let mut ranked: Vec<(usize, usize)> = Vec::with_capacity(train.len());
    for row in order {
        let rank = seen.entry(labels[row]).or_insert(0);
        ranked.push((*rank, row));
        *rank += 1;
    }
    ranked.sort_by_key(|&(rank, _)| rank);
    let rows: Vec<usize> = ranked.into_iter().take(count).map(|(_, row)| row).collect();
    train.select(&rows)
}
