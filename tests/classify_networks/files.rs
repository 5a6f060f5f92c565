//! Files: everything comes back, the training goes on, nothing else is accepted.

use elbo::{
    Classifier, Error, Fit,
    classify::{Committee, DeepNetwork, LeNet, NetworkClassifier, NetworkKind},
    data::Images,
};

use super::noise;

fn fit(epochs: usize) -> Fit {
    Fit::new().epochs(epochs).batch(16).validation(0.25)
}

/// Seven epochs at once, and three, a file, and four more: the same to the last bit.
fn goes_on<N: NetworkKind>(
    build: impl Fn() -> NetworkClassifier<N, 12, 12>,
    images: &Images<12, 12>,
) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.safetensors");
    let mut whole = build();
    let history = whole.fit(images, fit(7)).unwrap();
    let mut parts = build();
    parts.fit(images, fit(3)).unwrap();
    parts.save(&path).unwrap();
    let mut parts = NetworkClassifier::<N, 12, 12>::load(&path).unwrap();
    assert_eq!(format!("{parts:?}"), format!("{whole:?}"));
    assert_eq!(parts.classes(), whole.classes());
    let continued = parts.fit(images, fit(4)).unwrap();
    assert_eq!(continued.train, history.train);
    assert_eq!(continued.validation, history.validation);
    assert_eq!(parts.probabilities(images).unwrap(), whole.probabilities(images).unwrap());
}

#[test]
fn files_bring_everything_back_and_the_training_goes_on() {
    let images = noise(60);
    let digits = images.label("digit").unwrap().to_vec();
    let writers = digits.iter().map(|digit| 100 - digit / 2).collect();
    let images = images.with_label("writer", writers).unwrap();
    goes_on(|| LeNet::params().predictors(["writer"]).build(&images, "digit").unwrap(), &images);
    goes_on(|| DeepNetwork::params().hidden([16, 8]).build(&images, "digit").unwrap(), &images);
    goes_on(|| Committee::params().members(3).build(&images, "writer").unwrap(), &images);
}

#[test]
fn a_file_of_another_size_or_kind_is_an_error_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.safetensors");
    LeNet::params().build(&noise(8), "digit").unwrap().save(&path).unwrap();
    let error = LeNet::<28, 28>::load(&path).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Shape { .. }) && text.contains("LeNet::<12, 12>"), "{text}");
    assert!(matches!(DeepNetwork::<12, 12>::load(&path), Err(Error::File { .. })));
    assert!(matches!(Committee::<12, 12>::load(&path), Err(Error::File { .. })));
    let missing = folder.path().join("missing.safetensors");
    assert!(matches!(LeNet::<12, 12>::load(missing), Err(Error::File { .. })));
}
