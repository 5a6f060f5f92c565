//! k nearest neighbours on MNIST, 10,000 images among 60,000, to set beside scikit-learn's
//! brute-force search. Needs `ELBO_DATA`.
//!
//!     cargo bench --bench classify
//!
//! Prints one JSON object a case, the best of a few runs: ours, then theirs. With `ELBO_PYTHON`, the
//! path of a Python that has scikit-learn, theirs are run at once, and the accuracies compared;
//! without it they are those recorded with the reference values of the tests.

use std::{path::PathBuf, process::Command, time::Instant};

use elbo::{Classifier, classify::NearestNeighbours, data};
use serde_json::{Value, json};

/// What the peer says: now, or when the reference values were made.
fn peers() -> (Value, &'static str) {
    let folder = PathBuf::from("tests/classify/peers");
    let now = std::env::var_os("ELBO_PYTHON").and_then(|python| {
        let output = Command::new(python).arg(folder.join("neighbours.py")).output().ok()?;
        serde_json::from_slice(&output.stdout).ok()
    });
    match now {
        Some(answers) => (answers, "scikit-learn"),
        None => {
            let text = std::fs::read_to_string(folder.join("neighbours.json")).unwrap_or_default();
            (serde_json::from_str(&text).unwrap_or_default(), "scikit-learn, recorded")
        }
    }
}

fn main() {
    if std::env::var_os("ELBO_DATA").is_none_or(|name| name.is_empty()) {
        println!("skipped: the benchmark of classifiers needs ELBO_DATA");
        return;
    }
    let mnist = data::mnist().expect("ELBO_DATA has MNIST");
    let mut ours = Vec::new();
    for k in [1, 5] {
        let fit = NearestNeighbours::params(k).fit(&mnist.train, "digit");
        let classifier = fit.expect("there are more images than neighbours");
        let mut best = f64::INFINITY;
        let mut accuracy = f64::NAN;
        for _ in 0..3 {
            let started = Instant::now();
            accuracy = classifier.accuracy(&mnist.test).expect("both have the same size");
            best = best.min(started.elapsed().as_secs_f64() * 1e3);
        }
        println!(
            "{}",
            json!({"case": format!("{k}-nn"), "peer": "elbo", "ms": best, "accuracy": accuracy})
        );
        ours.push((k, accuracy));
    }
    let (answers, peer) = peers();
    for (k, accuracy) in ours {
        let [ms, theirs] = ["ms", "accuracy"].map(|field| &answers[field][k.to_string()]);
        println!(
            "{}",
            json!({"case": format!("{k}-nn"), "peer": peer, "ms": ms, "accuracy": theirs})
        );
        if k == 1 {
            let same = theirs.as_f64().is_some_and(|theirs| (theirs - accuracy).abs() < 1e-9);
            assert!(same, "one neighbour leaves no tie to decide: accuracies are equal");
        }
    }
}
