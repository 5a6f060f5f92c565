//! A training goes on exactly where it ended, in the same process and through a file; and files.

use elbo::{
    Error, Fit, M2, Sdgm, data,
    semi_supervised::{ClassifierNetwork, Weighting},
};

#[path = "../support/training.rs"]
mod training;
use training::{contents, timeless};

type Model = M2<784, 10, 3>;
type Two = Sdgm<784, 3, 2>;

fn images() -> (data::Images<28, 28>, data::Images<28, 28>) {
    data::handwriting().writers(5).repeats(2).images::<28>().split(0.4, 1).unwrap()
}

fn m2() -> Model {
    let params = Model::params().hidden([20, 10]).weighting(Weighting::Bound(0.1)).seed(7);
    let mut model = params.unlabelled_batch(9).build().unwrap();
    model.unlabelled(&images().1).unwrap();
    model
}

fn sdgm() -> Two {
    let params = Two::params().label("digit", 10).label("writer", 5).hidden([12]).seed(7);
    let params = params.classifier(ClassifierNetwork::Dense(vec![12])).unlabelled_batch(9);
    let mut model = params.build().unwrap();
    model.partly_labelled(&images().1, &["writer"]).unwrap();
    model
}

/// 40 images, 8 of which validate: three batches, the last one smaller.
fn fit(epochs: usize) -> Fit {
    Fit::new().epochs(epochs).batch(12).validation(0.2).seed(5)
}

#[test]
fn epochs_in_two_calls_are_the_epochs_of_one_call_bit_for_bit() {
    let ((labelled, others), folder) = (images(), tempfile::tempdir().unwrap());
    let path = folder.path().join("model.safetensors");
    let of = |model: &Model| contents(|path| model.save(path), folder.path());

    let mut whole = m2();
    let want = timeless(whole.fit(&labelled, "digit", fit(5)).unwrap());
    assert_eq!((want.train.len(), want.validation.len(), want.steps), (5, 5, 15));
    let mut kept = m2();
    kept.fit(&labelled, "digit", fit(2)).unwrap();
    kept.save(&path).unwrap();
    let mut loaded = Model::load(&path).unwrap();
    loaded.unlabelled(&others).unwrap();
    for model in [&mut kept, &mut loaded] {
        assert_eq!(timeless(model.fit(&labelled, "digit", fit(3)).unwrap()), want);
        assert_eq!(of(model), of(&whole));
    }

    let of = |model: &Two| contents(|path| model.save(path), folder.path());
    let mut whole = sdgm();
    let want = timeless(whole.fit(&labelled, fit(4)).unwrap());
    let mut kept = sdgm();
    kept.fit(&labelled, fit(1)).unwrap();
    kept.save(&path).unwrap();
    let mut loaded = Two::load(&path).unwrap();
    loaded.partly_labelled(&others, &["writer"]).unwrap();
    assert_eq!(timeless(loaded.fit(&labelled, fit(3)).unwrap()), want);
    assert_eq!(of(&loaded), of(&whole));
}

#[test]
fn other_unlabelled_rows_begin_a_new_training() {
    let (labelled, others) = images();
    let mut model = m2();
    model.fit(&labelled, "digit", fit(2)).unwrap();
    model.unlabelled(&others.take(30)).unwrap();
    assert_eq!(model.fit(&labelled, "digit", fit(1)).unwrap().train.len(), 1);
    assert_eq!(model.fit(&labelled, "digit", fit(1)).unwrap().train.len(), 2);
}

#[test]
fn patience_returns_to_the_best_parameters() {
    let (labelled, _) = images();
    let mut model = m2();
    let patient = fit(60).learning_rate(0.02).patience(3);
    let history = model.fit(&labelled, "digit", patient).unwrap();
    let best = history.best_epoch.unwrap();
    assert!(best < history.train.len(), "{history:?}");
    let value = |epoch: usize| history.validation[epoch - 1].elbo;
    assert!((1..=history.train.len()).all(|epoch| value(epoch) <= value(best)));
}

#[test]
fn a_file_holds_one_model_of_one_type_and_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let (labelled, _) = images();
    let mut model = m2();
    model.fit(&labelled, "digit", fit(1)).unwrap();
    model.save(&path).unwrap();
    let loaded = Model::load(&path).unwrap();
    assert_eq!(format!("{loaded:?}"), format!("{model:?}"));
    assert_eq!(loaded.probabilities(&labelled).unwrap(), model.probabilities(&labelled).unwrap());
    let error = M2::<784, 10, 4>::load(&path).unwrap_err();
    assert!(matches!(error, Error::Shape { .. }));
    assert!(error.to_string().contains("M2::<784, 10, 3>"), "{error}");
    assert!(matches!(Two::load(&path), Err(Error::File { .. })));
    let bytes = std::fs::read(&path).unwrap();
    for length in [0, 8, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).unwrap();
        assert!(matches!(Model::load(&path), Err(Error::File { .. })), "{length} bytes");
    }
}
