//! Training: it learns, goes on exactly, survives a file.

use std::path::PathBuf;

use elbo::{
    Device, Fit, Savae,
    savae::{Prediction, TimeEmission},
    survival::SurvivalModel,
};

use crate::{patients, small};

fn path(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

/// Everything that training can use: dropout, hidden outcomes, several draws, weight decay.
fn noisy() -> Savae<3> {
    let params = small::<3>().dropout(0.2).hidden_outcomes(0.4).draws(2).time_weight(1.5);
    params.build(&patients(150)).unwrap()
}

fn fit(epochs: usize) -> Fit {
    Fit::new().epochs(epochs).batch(32).weight_decay(0.01).seed(3)
}

/// What distinguishes two models.
fn answers(savae: &Savae<3>) -> (ndarray::Array2<f64>, ndarray::Array2<f32>, f64) {
    let cohort = patients(150);
    let survival = savae.survival(&cohort, &[12.0, 48.0]).unwrap();
    let encoded = savae.encode(&cohort).unwrap().mean;
    (survival, encoded, savae.bound(&cohort, 2).unwrap().mean().elbo())
}

use elbo::ndarray;

#[test]
fn the_bound_rises_and_separates_patients() {
    let cohort = patients(600);
    let (savae, history) = small::<3>().fit(&cohort, Fit::new().epochs(40).batch(32)).unwrap();
    let (first, last) = (history.validation[0].elbo, history.validation[39].elbo);
    assert!(last > first + 0.5, "{first} {last}");
    // Predictions follow the truth: higher for those who live longer.
    let truth = elbo::data::cohort(5).truth;
    let all: Vec<usize> = (0..600).collect();
    let truth =
        truth.survival_under([false, false], &[48.0]).unwrap().select(ndarray::Axis(0), &all);
    let predicted = savae.predict_under(&cohort, &[false, false]).unwrap();
    let predicted = predicted.survival(&[48.0]).unwrap();
    let correlation = correlation(predicted.as_slice().unwrap(), truth.as_slice().unwrap());
    // Sixteen covariates tell about half of what z decides.
    assert!(correlation > 0.45, "{correlation}");
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |of: &dyn Fn(usize) -> f64| (0..a.len()).map(of).sum::<f64>();
    let covariance = sum(&|i| (a[i] - ma) * (b[i] - mb));
    covariance / (sum(&|i| (a[i] - ma).powi(2)) * sum(&|i| (b[i] - mb).powi(2))).sqrt()
}

#[test]
fn a_training_that_goes_on_equals_one_without_a_break() {
    let cohort = patients(150);
    let mut whole = noisy();
    whole.fit(&cohort, fit(5)).unwrap();
    let mut parts = noisy();
    parts.fit(&cohort, fit(2)).unwrap();
    let (_folder, file) = path("savae.safetensors");
    parts.save(&file).unwrap();
    let mut parts = Savae::<3>::load_on(&file, &Device::cpu()).unwrap();
    let history = parts.fit(&cohort, fit(3)).unwrap();
    assert_eq!(answers(&whole), answers(&parts));
    assert_eq!(history.train, whole.history().unwrap().train);
}

#[test]
fn the_same_seeds_give_the_same_model_and_others_another() {
    let cohort = patients(150);
    let train = |seed| {
        let mut savae = noisy();
        savae.fit(&cohort, fit(2).seed(seed)).unwrap();
        answers(&savae)
    };
    assert_eq!(train(1), train(1));
    assert_ne!(train(1), train(2));
}

#[test]
fn a_saved_model_answers_as_before_with_every_emission() {
    let cohort = patients(150);
    for emission in [TimeEmission::LogNormal, TimeEmission::WeibullMixture { components: 2 }] {
        let (mut savae, _) = small::<3>().emission(emission).fit(&cohort, fit(1)).unwrap();
        savae.set_prediction(Prediction::new().draws(30).seed(8));
        let (_folder, file) = path("folder/savae.safetensors");
        savae.save(&file).unwrap();
        let loaded = Savae::<3>::load_on(&file, &Device::cpu()).unwrap();
        assert_eq!(answers(&savae), answers(&loaded));
        let wrong = Savae::<2>::load(&file).unwrap_err().to_string();
        assert!(wrong.contains("load it as Savae::<3>"), "{wrong}");
        let wrong = elbo::Vae::<4, 2>::load(&file).unwrap_err().to_string();
        assert!(wrong.contains("savae"), "{wrong}");
    }
}

#[test]
fn early_stopping_returns_to_the_best_bound() {
    let cohort = patients(150);
    let stop = fit(60).patience(4).validation(0.3).learning_rate(0.02);
    let (savae, history) = small::<3>().fit(&cohort, stop).unwrap();
    let best = history.best_epoch.unwrap();
    assert!(history.validation.iter().all(|terms| terms.elbo <= history.validation[best - 1].elbo));
    assert!(savae.history().is_some());
}

#[test]
fn a_watched_training_draws_and_learns_the_same() {
    let cohort = patients(150);
    let (mut plain, mut watched) = (noisy(), noisy());
    plain.fit(&cohort, fit(2)).unwrap();
    let some = cohort.select(&[0, 1, 2]).unwrap();
    watched
        .watch(|savae| elbo::survival::predicted_curves(savae, &some, &[0, 1, 2]))
        .fit(&cohort, fit(2))
        .unwrap();
    assert_eq!(answers(&plain), answers(&watched));
}
