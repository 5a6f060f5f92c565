//! Errors name what is wrong.

use elbo::{
    Classifier, Error, Fit,
    classify::{Committee, DeepNetwork, LeNet},
    mega::MegaPenalty,
};

use super::{digits, noise};

#[test]
fn settings_outside_their_range_are_named() {
    let images = noise(8);
    let setting = |result: Result<(), Error>, name: &str| match result {
        Err(Error::Setting { setting, .. }) => assert_eq!(setting, name),
        other => panic!("{name}: {other:?}"),
    };
    let deep = DeepNetwork::<12, 12>::params;
    setting(deep().hidden([]).build(&images, "digit").map(drop), "hidden");
    setting(deep().hidden([4, 0]).build(&images, "digit").map(drop), "hidden");
    let none = Committee::<12, 12>::params().members(0).build(&images, "digit");
    setting(none.map(drop), "members");
    let circular = LeNet::<12, 12>::params().predictors(["digit"]).build(&images, "digit");
    setting(circular.map(drop), "predictors");
    let mut committee = Committee::<12, 12>::params().members(2).build(&images, "digit").unwrap();
    let penalised = Fit::new().epochs(1).mega(MegaPenalty::new(1.0));
    assert!(matches!(committee.fit(&images, penalised), Err(Error::Setting { .. })));
}

#[test]
fn labels_that_are_missing_and_values_that_were_not_learned_are_named() {
    let images = noise(20);
    let unknown = LeNet::<12, 12>::params().build(&images, "writer").map(drop);
    assert!(matches!(unknown, Err(Error::UnknownLabel { ref name, .. }) if name == "writer"));
    let unknown = LeNet::<12, 12>::params().predictors(["age"]).build(&images, "digit").map(drop);
    assert!(matches!(unknown, Err(Error::UnknownLabel { ref name, .. }) if name == "age"));

    let writers = vec![3; 20];
    let images = images.with_label("writer", writers).unwrap();
    let params = LeNet::<12, 12>::params().predictors(["writer"]);
    let (lenet, _) = params.fit(&images, "digit", Fit::new().epochs(1)).unwrap();
    let strangers = images.clone().with_label("writer", vec![4; 20]).unwrap();
    let text = lenet.probabilities(&strangers).unwrap_err().to_string();
    assert!(text.contains('4') && text.contains("\"writer\""), "{text}");
    assert!(matches!(lenet.probabilities(&noise(3)), Err(Error::UnknownLabel { .. })));
    assert!(matches!(lenet.probabilities(&digits(1, 1)), Err(Error::Shape { .. })));
}
