//! Labels: given by name or one by one, known or not, of any values; and what is wrong with them.

use elbo::{Error, Fit, M2, Sdgm, data, semi_supervised::ClassifierNetwork};

use super::bounds::{params, points};

fn fit() -> Fit {
    Fit::new().epochs(3).batch(10).validation(0.0)
}

#[test]
fn rows_without_a_label_are_the_unlabelled_rows_bit_for_bit() {
    let (rows, labels) = points(60, 1);
    let some: Vec<Option<u32>> =
        labels.iter().enumerate().map(|(row, &label)| (row < 24).then_some(label)).collect();
    let (mixed, of_mixed) = params().fit(&rows, &some, fit()).unwrap();
    let mut apart = params().build().unwrap();
    apart.unlabelled(&rows[24..]).unwrap();
    let of_apart = apart.fit(&rows[..24], &labels[..24], fit()).unwrap();
    assert_eq!(of_mixed.train, of_apart.train);
    assert_eq!(mixed.probabilities(&rows).unwrap(), apart.probabilities(&rows).unwrap());
    assert!(of_apart.train[0].semi_supervised.unwrap().unlabelled.is_some());
    let (_, supervised) = params().fit(&rows[..24], &labels[..24], fit()).unwrap();
    assert!(supervised.train[0].semi_supervised.unwrap().unlabelled.is_none());
}

#[test]
fn classes_keep_their_values() {
    let (rows, labels) = points(30, 1);
    let writers: Vec<u32> = labels.iter().map(|label| [7, 390, 2154][*label as usize]).collect();
    let (model, history) = params().fit(&rows, &writers, fit()).unwrap();
    assert_eq!(model.classes(), [7, 390, 2154]);
    assert!(model.predict(&rows).unwrap().iter().all(|value| writers.contains(value)));
    let (plain, same) = params().fit(&rows, &labels, fit()).unwrap();
    assert_eq!(history.train, same.train);
    assert_eq!(
        model.generate(390, 2).unwrap().mean.values,
        plain.generate(1, 2).unwrap().mean.values
    );
    let error = model.generate(391, 1).unwrap_err().to_string();
    assert!(error.contains("391"), "{error}");
}

#[test]
fn what_is_wrong_with_labels_is_said() {
    let (rows, labels) = points(30, 1);
    let setting = |result: Result<_, Error>| match result {
        Err(Error::Setting { setting, .. }) => setting,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("no error"),
    };
    let of = |labels: &[u32]| params().fit(&rows, labels, fit());
    assert_eq!(setting(of(&[5; 30])), "number of classes");
    assert!(matches!(of(&labels[..29]), Err(Error::Shape { .. })));
    assert_eq!(setting(params().fit(&rows, &[None::<u32>; 30], fit())), "labels");
    assert!(matches!(params().fit(&rows, "digit", fit()), Err(Error::UnknownLabel { .. })));
    assert_eq!(setting(params().fit(&rows, &labels, fit().beta(0.5))), "the objective");
    let lenet = params().classifier(ClassifierNetwork::LeNet5).build();
    assert!(matches!(lenet, Err(Error::Setting { setting: "classifier", .. })));
    let outside = M2::<2, 3, 1>::params().fit(&[[0.5f32, 1.5]], &[0u32], fit());
    assert!(matches!(outside, Err(Error::Value { row: 0, column: 1, .. })));
    assert!(matches!(
        Sdgm::<2, 1, 1>::params().build(),
        Err(Error::Setting { setting: "labels", .. })
    ));
}

#[test]
fn an_sdgm_learns_from_rows_that_lack_some_of_its_labels() {
    let images = data::handwriting().writers(3).repeats(2).images::<28>();
    let params = Sdgm::<784, 3, 2>::params()
        .label("digit", 10)
        .label("writer", 3)
        .hidden([16])
        .classifier(ClassifierNetwork::Dense(vec![16]));
    let mut sdgm = params.build().unwrap();
    let strangers = data::handwriting().writers(2).repeats(1).seed(9).images::<28>();
    sdgm.partly_labelled(&strangers, &["digit"]).unwrap();
    let history = sdgm.fit(&images, fit()).unwrap();
    assert!(history.train[2].elbo > history.train[0].elbo);
    assert!(history.train[0].semi_supervised.unwrap().unlabelled.is_some());
    for (label, classes) in [("digit", 10), ("writer", 3)] {
        let probabilities = sdgm.probabilities(&strangers, label).unwrap();
        assert_eq!(probabilities.dim(), (20, classes));
        assert!(probabilities.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-5));
        assert_eq!(sdgm.classes(label).unwrap().len(), classes);
    }
    assert!(matches!(sdgm.partly_labelled(&strangers, &["age"]), Err(Error::UnknownLabel { .. })));
    // The sum over both labels: the bound of log p(x) is above each bound of log p(x, y) with q's
    // own classes only on average, but finite and below 0 for a Bernoulli.
    let bound = sdgm.unlabelled_bound(&strangers, 1).unwrap().mean().elbo;
    assert!(bound < 0.0 && bound.is_finite());
    assert!(sdgm.generate(&[3], 1).is_err(), "a value for each label");
}
