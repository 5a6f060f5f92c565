//! Figures on real data. The quick one always runs; those of the note take minutes and are asked for
//! with `cargo test --release --test classify_networks -- --ignored --nocapture NAME`.

use std::time::Instant;

use elbo::{
    Classifier, Fit, Result,
    classify::{Committee, DeepNetwork, LeNet, NearestNeighbours, evaluate},
    data::{Images, Partition, handwriting, mnist, mnist_with_writers},
    display::RichDisplay,
};

use crate::real_data::real_data;

/// A number from the environment, to make the long tests shorter or longer.
fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn a_lenet_reads_mnist_after_a_few_images() {
    if real_data("LeNet-5 on MNIST").is_none() {
        return;
    }
    let mnist = mnist().unwrap();
    let params = LeNet::<28, 28>::params();
    let fit = Fit::new().epochs(2).batch(64).learning_rate(2e-3).validation(0.0);
    let (lenet, _) = params.fit(&mnist.train.take(20_000), "digit", fit).unwrap();
    // Two passes over a third of the images; all of them and twelve passes give 0.989.
    let accuracy = lenet.accuracy(&mnist.test).unwrap();
    assert!(accuracy > 0.95, "{accuracy}");
}

#[test]
#[ignore = "minutes: LeNet-5 on all of MNIST"]
fn mnist_accuracy_epoch_by_epoch() {
    let mnist = mnist().unwrap();
    let seed = setting("SEED", 0) as u64;
    let params = LeNet::<28, 28>::params().seed(seed);
    let mut lenet = params.build(&mnist.train, "digit").unwrap();
    let mut best = 0.0f64;
    for epoch in 1..=setting("EPOCHS", 12) {
        let fit = Fit::new().epochs(1).batch(128).validation(0.0).seed(seed);
        let history = lenet.fit(&mnist.train, fit).unwrap();
        let accuracy = lenet.accuracy(&mnist.test).unwrap();
        best = best.max(accuracy);
        println!("epoch {epoch}: {accuracy:.4}, {:.1} s in all", history.seconds);
    }
    assert!(best > 0.985, "{best}");
}

/// 97 writers of MNIST with at least 110 images each.
fn writers() -> Images<28, 28> {
    mnist_with_writers().unwrap().train.choose_values("writer", 97, 110, 0).unwrap().0
}

fn fit(epochs: usize) -> Fit {
    Fit::new().epochs(epochs).batch(64).validation(0.0)
}

/// The networks of the lecture's table on one label, and given the other if it is known.
fn table(label: &'static str, given: Option<&'static str>, partition: Partition) {
    let (epochs, repeats) = (setting("EPOCHS", 30), setting("REPEATS", 2));
    let members = setting("MEMBERS", 5);
    let images = writers();
    println!("{images:?}, {epochs} epochs, {members} members");
    let mut trials = evaluate(label)
        .partition(partition)
        .repeats(repeats)
        .method("3-NN", |train, _| NearestNeighbours::params(3).fit(train, label))
        .method("LeNet-5", |train, seed| {
            Ok(LeNet::params().seed(seed).fit(train, label, fit(epochs))?.0)
        })
        .method("committee", |train, seed| {
            Ok(Committee::params().members(members).seed(seed).fit(train, label, fit(epochs))?.0)
        })
        .method("deep network", |train, seed| {
            Ok(DeepNetwork::params().seed(seed).fit(train, label, fit(epochs))?.0)
        });
    if let Some(given) = given {
        trials = trials.method("LeNet-5 given the other", move |train, seed| {
            let params = LeNet::params().seed(seed).predictors([given]);
            Ok(params.fit(train, label, fit(epochs))?.0)
        });
    }
    let evaluation = trials.run(&images).unwrap();
    println!("{}", evaluation.mime_bundle().unwrap().text());
}

#[test]
#[ignore = "minutes: the digit of MNIST's writers"]
fn digits_of_new_writers() {
    table("digit", None, Partition::by_individuals(0.7));
}

#[test]
#[ignore = "minutes: the digit of MNIST's known writers"]
fn digits_of_known_writers() {
    table("digit", Some("writer"), Partition::by_digits(10.0 / 14.0));
}

#[test]
#[ignore = "minutes: the writer of MNIST's digits"]
fn writers_of_known_digits() {
    table("writer", Some("digit"), Partition::by_digits(10.0 / 14.0));
}

#[test]
#[ignore = "minutes: drawn digits at two resolutions"]
fn resolutions_of_drawn_digits() -> Result<()> {
    fn at<const SIDE: usize>(epochs: usize) -> Result<()> {
        let images = handwriting().writers(30).repeats(14).images::<SIDE>();
        let (train, test) = Partition::by_digits(10.0 / 14.0).split(&images, 0)?;
        for label in ["digit", "writer"] {
            let started = Instant::now();
            let (lenet, _) = LeNet::<SIDE, SIDE>::params().fit(&train, label, fit(epochs))?;
            let (accuracy, seconds) = (lenet.accuracy(&test)?, started.elapsed().as_secs_f64());
            println!("{label} at {SIDE}×{SIDE}: {accuracy:.4}, {seconds:.1} s");
        }
        Ok(())
    }
    let epochs = setting("EPOCHS", 10);
    at::<28>(epochs)?;
    at::<100>(epochs)
}
