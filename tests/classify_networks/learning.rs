//! What the networks learn.

use elbo::{
    Classifier, Error, Fit,
    classify::{Committee, DeepNetwork, LeNet},
    data::handwriting,
    display::RichDisplay,
    train::{StopReason, Then},
};

use super::{digits, noise};

fn fit(epochs: usize) -> Fit {
    Fit::new().epochs(epochs).batch(32).learning_rate(2e-3).validation(0.0)
}

#[test]
fn networks_learn_digits_of_writers_they_never_saw() {
    let (train, test) = digits(40, 3).split_by("writer", 0.75, 0).unwrap();
    let (lenet, history) = LeNet::<28, 28>::params().fit(&train, "digit", fit(6)).unwrap();
    let (deep, _) =
        DeepNetwork::<28, 28>::params().hidden([128, 64]).fit(&train, "digit", fit(6)).unwrap();
    let accuracies = [lenet.accuracy(&test).unwrap(), deep.accuracy(&test).unwrap()];
    // 900 images are few; chance is 0.1.
    assert!(accuracies[0] > 0.9 && accuracies[1] > 0.7, "{accuracies:?}");
    assert!(history.train[5].elbo > history.train[0].elbo);

    let probabilities = lenet.probabilities(&test).unwrap();
    assert!(probabilities.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-12));
    let truth = test.label("digit").unwrap();
    let own = |(row, &digit): (elbo::ndarray::ArrayView1<f64>, &u32)| row[digit as usize].ln();
    let mean =
        probabilities.rows().into_iter().zip(truth).map(own).sum::<f64>() / truth.len() as f64;
    // The other way round through f32 logarithms.
    assert!((lenet.mean_log_likelihood(&test).unwrap() - mean).abs() < 1e-6);
}

#[test]
fn a_predictor_that_carries_the_label_is_used() {
    // Noise says nothing; half the digit's bits stand in each of two labels.
    let images = noise(400);
    let digits = images.label("digit").unwrap().to_vec();
    let high: Vec<u32> = digits.iter().map(|digit| 70 + digit / 2).collect();
    let low: Vec<u32> = digits.iter().map(|digit| 5 * (digit % 2)).collect();
    let images = images.with_label("high", high).unwrap().with_label("low", low).unwrap();
    let test = images.filter("low", 5).unwrap();
    let accuracy = |predictors: &[&str]| {
        let params = LeNet::<12, 12>::params().predictors(predictors.iter().copied());
        let (lenet, _) = params.fit(&images, "digit", fit(8)).unwrap();
        let params = DeepNetwork::<12, 12>::params().hidden([32]);
        let params = params.predictors(predictors.iter().copied());
        let (deep, _) = params.fit(&images, "digit", fit(8)).unwrap();
        [lenet.accuracy(&test).unwrap(), deep.accuracy(&test).unwrap()]
    };
    for (without, with) in accuracy(&[]).into_iter().zip(accuracy(&["high", "low"])) {
        assert!(with > 0.99 && without < 0.9, "without {without}, with {with}");
    }
}

#[test]
fn a_committee_is_better_than_its_members_and_the_same_every_time() {
    let (train, test) = digits(16, 2).split_by("writer", 0.75, 0).unwrap();
    let learn = || {
        let params = Committee::<28, 28>::params().members(5).seed(3);
        params.fit(&train, "digit", fit(5)).unwrap()
    };
    let (committee, history) = learn();
    let (again, history_again) = learn();
    assert_eq!(history.train, history_again.train);
    assert_eq!(committee.probabilities(&test).unwrap(), again.probabilities(&test).unwrap());
    let alone = |seed| {
        let (lenet, _) = LeNet::<28, 28>::params().seed(seed).fit(&train, "digit", fit(5)).unwrap();
        lenet.mean_log_likelihood(&test).unwrap()
    };
    let mean = (3..6).map(alone).sum::<f64>() / 3.0;
    assert!(committee.mean_log_likelihood(&test).unwrap() > mean);
}

#[test]
fn the_training_can_be_watched_stopped_early_and_ended() {
    let images = noise(64);
    let mut lenet = LeNet::<12, 12>::params().build(&images, "digit").unwrap();
    let mut drawn = 0;
    let history = lenet
        .watch(|lenet| {
            drawn += 1;
            Ok::<_, Error>(lenet.history().cloned().unwrap())
        })
        .fit(
            &images,
            Fit::new()
                .epochs(50)
                .batch(16)
                .callback(|report| if report.epoch == 2 { Then::Stop } else { Then::Continue }),
        )
        .unwrap();
    assert_eq!((history.train.len(), history.stopped), (2, StopReason::Callback));
    assert_eq!(lenet.history().unwrap().train.len(), 2);
    // Noise can be learned by heart, but not foretold.
    let fit = Fit::new().epochs(200).batch(16).learning_rate(5e-3).validation(0.25).patience(3);
    let history = lenet.fit(&images, fit).unwrap();
    assert_eq!(history.stopped, StopReason::EarlyStopping);
    let best = history.validation[history.best_epoch.unwrap() - 1].elbo;
    assert!(history.validation.iter().all(|terms| terms.elbo <= best));
}

#[test]
fn large_images_are_learned_too() {
    let images = handwriting().writers(6).repeats(2).seed(2).images::<100>();
    let (lenet, history) = LeNet::<100, 100>::params().fit(&images, "digit", fit(4)).unwrap();
    assert!(history.train[3].elbo > history.train[0].elbo + 0.5, "{:?}", history.train);
    assert!(lenet.accuracy(&images).unwrap() > 0.5);
}

#[test]
fn a_network_says_what_it_is() {
    let images = digits(3, 1);
    let params = LeNet::<28, 28>::params().predictors(["writer"]);
    let mut lenet = params.build(&images, "digit").unwrap();
    assert_eq!(lenet.name(), "LeNet-5 given writer");
    let text = |lenet: &LeNet<28, 28>| lenet.mime_bundle().unwrap().text().to_owned();
    assert!(text(&lenet).contains("none yet"), "{}", text(&lenet));
    lenet.fit(&images, fit(1)).unwrap();
    let text = text(&lenet);
    for part in ["digit, 10 classes", "writer, 3 classes", "28×28", "62,066", "log-likelihood"] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    // 61,706 parameters of LeNet-5 as in the lecture, and 120 for each of three writers.
    assert_eq!(61_706 + 3 * 120, 62_066);
}
