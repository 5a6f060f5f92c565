//! A training goes on exactly where it ended: in the same process, and through a file.

use std::{fs, path::Path, sync::mpsc};

use elbo::{
    Emission, Fit, Vae, data,
    mega::MegaPenalty,
    train::{StopReason, Then},
};

#[path = "../support/training.rs"]
mod training;
use training::timeless;

type Model = Vae<784, 3>;

fn digits() -> data::Images<28, 28> {
    data::handwriting().writers(5).repeats(2).images::<28>()
}

fn model(emission: Emission) -> Model {
    Vae::params().hidden([20, 10]).emission(emission).seed(7).build().unwrap()
}

/// 100 images, 10 of which validate: three batches, the last one smaller.
fn fit(epochs: usize) -> Fit {
    Fit::new().epochs(epochs).batch(40).seed(5)
}

fn through_file(vae: &Model, folder: &Path) -> Model {
    let path = folder.join("model.safetensors");
    vae.save(&path).unwrap();
    Vae::load(&path).unwrap()
}

fn contents(vae: &Model, folder: &Path) -> Vec<(String, Vec<u8>)> {
    training::contents(|path| vae.save(path), folder)
}

#[test]
fn epochs_in_two_calls_are_the_epochs_of_one_call_bit_for_bit() {
    let (digits, folder) = (digits(), tempfile::tempdir().unwrap());
    for emission in
        [Emission::Bernoulli, Emission::Normal { minimum_std: 0.05 }, Emission::NormalSharedStd]
    {
        let mut whole = model(emission);
        let want = timeless(whole.fit(&digits, fit(5)).unwrap());
        assert_eq!((want.train.len(), want.steps), (5, 15));

        let mut kept = model(emission);
        kept.fit(&digits, fit(2)).unwrap();
        let mut loaded = through_file(&kept, folder.path());
        for vae in [&mut kept, &mut loaded] {
            assert_eq!(timeless(vae.fit(&digits, fit(3)).unwrap()), want, "{emission:?}");
            assert_eq!(timeless(vae.history().unwrap().clone()), want);
            assert_eq!(contents(vae, folder.path()), contents(&whole, folder.path()));
        }
    }
}

#[test]
fn annealing_and_penalties_go_on_with_the_epochs() {
    let (digits, folder) = (digits(), tempfile::tempdir().unwrap());
    let varied = |epochs| fit(epochs).beta(2.0).anneal(4).mega(MegaPenalty::new(0.1).draws(16));
    let mut whole = model(Emission::Bernoulli);
    let want = timeless(whole.fit(&digits, varied(5)).unwrap());
    assert!(want.train.iter().all(|terms| terms.mega.is_some()));
    let mut parts = model(Emission::Bernoulli);
    parts.fit(&digits, varied(2)).unwrap();
    let mut parts = through_file(&parts, folder.path());
    assert_eq!(timeless(parts.fit(&digits, varied(3)).unwrap()), want);
    assert_eq!(contents(&parts, folder.path()), contents(&whole, folder.path()));
}

#[test]
fn patience_returns_to_the_best_parameters_and_the_training_goes_on_from_the_last() {
    let (digits, folder) = (digits(), tempfile::tempdir().unwrap());
    let patient = |epochs| fit(epochs).learning_rate(0.02).validation(0.3).patience(1000);
    let mut whole = model(Emission::Bernoulli);
    let want = timeless(whole.fit(&digits, patient(80)).unwrap());
    assert!(want.best_epoch.unwrap() < 80, "the last epoch is not the best: {want:?}");

    let mut parts = model(Emission::Bernoulli);
    let first = parts.fit(&digits, patient(60)).unwrap();
    assert!(first.best_epoch.unwrap() < 60, "the model went back");
    let mut parts = through_file(&parts, folder.path());
    assert_eq!(timeless(parts.fit(&digits, patient(20)).unwrap()), want);
    assert_eq!(contents(&parts, folder.path()), contents(&whole, folder.path()));
}

#[test]
fn other_rows_another_seed_or_another_share_begin_a_new_training() {
    let digits = digits();
    let mut vae = model(Emission::Bernoulli);
    vae.fit(&digits, fit(2)).unwrap();
    let reduced = digits.take(99);
    for (rows, fit) in
        [(&digits, fit(1).seed(6)), (&digits, fit(1).validation(0.2)), (&reduced, fit(1))]
    {
        let history = vae.fit(rows, fit).unwrap();
        assert_eq!(history.train.len(), 1, "epochs are counted anew");
    }
    // And the model that learned goes on, with a new optimiser: not the training of a fresh one.
    let mut fresh = model(Emission::Bernoulli);
    let untrained = fresh.fit(&digits, fit(1)).unwrap().train[0].elbo;
    assert!(vae.fit(&digits, fit(1)).unwrap().train[0].elbo > untrained + 10.0);
}

#[test]
fn a_setting_outside_its_range_does_not_end_the_training() {
    let digits = digits();
    let mut vae = model(Emission::Bernoulli);
    vae.fit(&digits, fit(2)).unwrap();
    vae.fit(&digits, fit(0)).unwrap_err();
    assert_eq!(vae.fit(&digits, fit(1)).unwrap().train.len(), 3);
}

#[test]
fn callbacks_count_the_epochs_of_all_calls_and_can_change_the_settings_between_them() {
    let digits = digits();
    let mut vae = model(Emission::Bernoulli);
    let (sender, receiver) = mpsc::channel();
    for (epochs, batch) in [(2, 40), (3, 30)] {
        let sender = sender.clone();
        let fit = fit(epochs).batch(batch).learning_rate(1e-4).callback(move |report| {
            sender.send(report.epoch).unwrap();
            if report.epoch == 4 { Then::Stop } else { Then::Continue }
        });
        vae.fit(&digits, fit).unwrap();
    }
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
    let history = vae.history().unwrap();
    assert_eq!((history.stopped, history.steps), (StopReason::Callback, 2 * 3 + 2 * 3));
}

#[test]
fn files_without_the_state_of_a_training_are_read() {
    let (digits, folder) = (digits(), tempfile::tempdir().unwrap());
    let path = folder.path().join("old.safetensors");
    let mut vae = model(Emission::Bernoulli);
    vae.fit(&digits, fit(1)).unwrap();
    vae.save(&path).unwrap();
    // What version 1 wrote before trainings were kept: the parameters and two metadata entries.
    let bytes = fs::read(&path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let mut metadata = header.metadata().clone().unwrap();
    metadata.remove("elbo.training").unwrap();
    let parameters: Vec<_> =
        file.tensors().into_iter().filter(|(name, _)| !name.starts_with("training.")).collect();
    assert!(parameters.len() < file.len());
    fs::write(&path, safetensors::serialize(parameters, Some(metadata)).unwrap()).unwrap();
    let mut old = Model::load(&path).unwrap();
    assert_eq!(old.decode(&[[0.1, 0.2, 0.3]]).unwrap(), vae.decode(&[[0.1, 0.2, 0.3]]).unwrap());
    assert!(old.history().is_none());
    assert_eq!(old.fit(&digits, fit(1)).unwrap().train.len(), 1);
}
