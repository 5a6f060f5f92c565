//! What β, its annealing and MEGA do to a training.

use elbo::{
    Emission, Error, Estimator, Fit, LatentModel, Vae,
    display::RichDisplay,
    mega::{Mega, MegaForm, MegaPenalty},
    ndarray::Array2,
    train::Annealing,
};

use crate::definition::mixture;

fn rows() -> Array2<f32> {
    mixture().draw(512, 1).unwrap().observed.mapv(|value| value as f32)
}

fn vae(emission: Emission) -> Vae<3, 2> {
    Vae::params().hidden([16]).emission(emission).seed(3).build().unwrap()
}

const NORMAL: Emission = Emission::Normal { minimum_std: 0.05 };

fn fit() -> Fit {
    Fit::new().epochs(30).batch(64).learning_rate(3e-3).validation(0.0)
}

/// A trained model's parameters, through what they decode.
fn decoded(fit: Fit) -> Array2<f32> {
    let mut vae = vae(NORMAL);
    vae.fit(&rows(), fit).unwrap();
    vae.decode(&Array2::from_shape_fn((9, 2), |(i, j)| i as f32 * 0.2 - j as f32))
        .unwrap()
        .mean
        .values
}

#[test]
fn without_options_the_objective_is_the_bound_bit_for_bit() {
    let short = || fit().epochs(3);
    assert_eq!(decoded(short().beta(1.0)), decoded(short()));
    // With a weight of zero the penalty changes nothing but the random numbers.
    assert_ne!(decoded(short().beta(0.9)), decoded(short()));
    assert_eq!(decoded(short().beta(0.5)), decoded(short().beta(0.5)));
    let penalty = MegaPenalty::new(1.0).draws(100);
    assert_eq!(decoded(short().mega(penalty)), decoded(short().mega(penalty)));
    assert_ne!(decoded(short().mega(penalty)), decoded(short()));
}

#[test]
fn a_larger_beta_costs_reconstruction_and_saves_divergence() {
    let terms = |beta: f64| {
        let mut vae = vae(NORMAL);
        vae.fit(&rows(), fit().beta(beta)).unwrap();
        vae.elbo(&rows(), Estimator::AnalyticKl, 20).unwrap()
    };
    let (low, one, high) = (terms(0.1), terms(1.0), terms(4.0));
    assert!(low.kl > one.kl && one.kl > high.kl, "{low:?} {one:?} {high:?}");
    assert!(low.reconstruction > one.reconstruction && one.reconstruction > high.reconstruction);
    // β = 1 is the bound: no other objective raises it as high.
    assert!(one.elbo > low.elbo && one.elbo > high.elbo - 0.02);
}

#[test]
fn annealing_begins_without_a_price_on_divergence() {
    let kl = |fit: Fit| vae(NORMAL).fit(&rows(), fit.epochs(8)).unwrap().train[3].kl;
    let (plain, annealed) = (kl(fit()), kl(fit().anneal(8)));
    assert!(annealed > plain, "{annealed} and {plain}");
    let cyclical = kl(fit().anneal(Annealing::Cyclical { period: 8 }));
    assert!(cyclical > plain, "{cyclical} and {plain}");
}

/// The penalty does what it is for, with every emission and in both forms.
#[test]
fn a_penalty_closes_the_gap_that_it_penalises() {
    let x = rows();
    // Zeros and ones: only these have the second moment of a Bernoulli.
    let binary = x.mapv(|value| f32::from(u8::from(value > 0.7)));
    for (emission, rows) in
        [(NORMAL, &x), (Emission::NormalSharedStd, &x), (Emission::Bernoulli, &binary)]
    {
        let gap = |fit: Fit| {
            let mut vae = vae(emission);
            let history = vae.fit(rows, fit.epochs(15)).unwrap();
            let gap = Mega::params(4000).of(&vae, rows).unwrap();
            (gap.first().value, gap.second().value, history)
        };
        let (_, plain, history) = gap(fit());
        assert!(history.train.iter().all(|terms| terms.mega.is_none()));
        let penalty = MegaPenalty::new(20.0).draws(500);
        let (_, second, history) = gap(fit().mega(penalty));
        // The gap to binary data is small from the start, and only some times the noise of a step.
        assert!(second < 0.7 * plain, "{emission:?}: {second} with, {plain} without");
        let last = history.train.last().unwrap().mega.unwrap();
        assert!(last < history.train[0].mega.unwrap());
        // What the training saw last is what the metric sees, but for the noise of 500 draws.
        assert!((last - second).abs() < 0.5 * plain, "{last} and {second}");
        let published = penalty.form(MegaForm::FirstAndRootOfSecond);
        let (first, second, _) = gap(fit().mega(published));
        assert!(second < 0.7 * plain && first < 0.2, "{emission:?}: {first} and {second}");
        let bundle = history.mime_bundle().unwrap();
        assert!(bundle.text().contains("MEGA, train"), "{}", bundle.text());
        let names = history.to_frame().unwrap().get_column_names_owned();
        assert!(names.iter().any(|name| name.as_str() == "train_MEGA"));
    }
}

#[test]
fn early_stopping_judges_the_bound() {
    let mut vae = vae(NORMAL);
    let penalised =
        Fit::new().epochs(4).batch(64).patience(3).mega(MegaPenalty::new(1.0).draws(50));
    let history = vae.fit(&rows(), penalised).unwrap();
    assert_eq!(history.validation.len(), history.train.len());
    assert!(history.validation.iter().all(|terms| terms.mega.is_none() && terms.elbo.is_finite()));
    assert!(!history.mime_bundle().unwrap().text().contains("MEGA, validation"));
}

#[test]
fn wrong_settings_are_named() {
    let setting = |fit: Fit| match vae(NORMAL).fit(&rows(), fit) {
        Err(Error::Setting { setting, .. }) => setting,
        other => panic!("{other:?}"),
    };
    assert_eq!(setting(fit().beta(f64::INFINITY)), "beta");
    assert_eq!(setting(fit().anneal(0)), "anneal");
    assert_eq!(setting(fit().mega(MegaPenalty::new(-1.0))), "mega");
    assert_eq!(setting(fit().mega(MegaPenalty::new(1.0).draws(0))), "draws");
}
