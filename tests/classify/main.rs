//! Classifiers on real images, against what scikit-learn says of the same files.
//!
//! `peers/neighbours.json` is what `peers/neighbours.py` prints. The training images in the folder
//! that `ELBO_DATA` names differ from the original ones by a gray level here and there; on the
//! original files the accuracy of one neighbour is usually given as 0.9691.

#[path = "../support/real_data.rs"]
mod real_data;

use elbo::{
    Classifier,
    classify::{ConfusionMatrix, NearestNeighbours},
    data,
};
use real_data::real_data;
use serde_json::Value;

fn peers() -> Value {
    serde_json::from_str(include_str!("peers/neighbours.json")).unwrap()
}

#[test]
fn neighbours_on_mnist_are_those_of_scikit_learn() {
    let Some(_) = real_data("nearest neighbours on MNIST") else { return };
    let (mnist, peers) = (data::mnist().unwrap(), peers());
    let rows = peers["rows"].as_array().unwrap();
    let classifier = NearestNeighbours::params(5).fit(&mnist.train, "digit").unwrap();
    let found = classifier.neighbours(&mnist.test.take(rows.len())).unwrap();
    for ((found, rows), distances) in
        found.iter().zip(rows).zip(peers["distances"].as_array().unwrap())
    {
        for (place, neighbour) in found.iter().enumerate() {
            assert_eq!(neighbour.row as u64, rows[place].as_u64().unwrap());
            let want = distances[place].as_f64().unwrap();
            // Half of the last printed digit, and single precision inside the peer.
            assert!((neighbour.distance - want).abs() <= 1e-5, "{neighbour:?}, want {want}");
        }
    }
}

#[test]
fn accuracy_on_all_of_mnist_is_that_of_scikit_learn() {
    let Some(_) = real_data("the accuracy of the nearest neighbour on MNIST") else { return };
    let (mnist, peers) = (data::mnist().unwrap(), peers());
    let classifier = NearestNeighbours::params(1).fit(&mnist.train, "digit").unwrap();
    let matrix = ConfusionMatrix::on(&classifier, &mnist.test).unwrap();
    let want = peers["accuracy"]["1"].as_f64().unwrap();
    println!("accuracy {}, scikit-learn {want}", matrix.accuracy());
    // The same number of images out of 10,000.
    assert!((matrix.accuracy() - want).abs() < 1e-9);
    assert_eq!(matrix.counts().sum(), 10_000);
    assert_eq!(classifier.name(), "1-NN");
}
