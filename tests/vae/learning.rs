//! Training on the embedded digits.

use elbo::{
    Emission, Error, Estimator, Fit, Vae, data,
    display::RichDisplay,
    ndarray::Array2,
    train::{StopReason, Then},
};

fn digits() -> data::Images<28, 28> {
    data::handwriting().writers(6).repeats(3).images::<28>()
}

fn small() -> Vae<784, 2> {
    Vae::params().hidden([24]).build().unwrap()
}

#[test]
fn training_raises_the_bound_and_the_evidence_lies_above_it() {
    let (digits, mut vae) = (digits(), small());
    let before = vae.elbo(&digits, Estimator::AnalyticKl, 5).unwrap();
    let history = vae.fit(&digits, Fit::new().epochs(30).batch(16)).unwrap();
    let after = vae.elbo(&digits, Estimator::AnalyticKl, 5).unwrap();
    assert!(after.elbo > before.elbo + 100.0, "{before:?} {after:?}");
    assert_eq!(
        (after.elbo, history.stopped),
        (after.reconstruction - after.kl, StopReason::Finished)
    );
    assert!(vae.evidence(&digits, 50).unwrap().mean() > after.elbo);
    assert!(history.validation.len() == 30 && history.best_epoch.is_some());
}

#[test]
fn seeded_trainings_repeat_bit_for_bit() {
    let digits = digits();
    for emission in
        [Emission::Bernoulli, Emission::Normal { minimum_std: 0.05 }, Emission::NormalSharedStd]
    {
        let run = || {
            let params = Vae::<784, 3>::params().hidden([20, 10]).emission(emission).seed(7);
            let (vae, mut history) = params.fit(&digits, Fit::new().epochs(3).seed(5)).unwrap();
            history.seconds = 0.0;
            (history, vae.sample(4).unwrap())
        };
        assert_eq!(run(), run(), "{emission:?}");
    }
}

#[test]
fn early_stopping_returns_to_the_best_parameters() {
    let (digits, mut vae) = (digits(), small());
    let fit = Fit::new().epochs(400).batch(16).learning_rate(0.01).validation(0.3).patience(3);
    let history = vae.fit(&digits, fit).unwrap();
    assert_eq!(history.stopped, StopReason::EarlyStopping);
    let best = history.best_epoch.unwrap();
    assert_eq!(history.validation.len(), best + 3);
    let highest = history.validation.iter().map(|terms| terms.elbo).fold(f64::MIN, f64::max);
    assert_eq!(history.validation[best - 1].elbo, highest);

    // The parameters are those of the best epoch: training to it and no further gives the same.
    let mut again = small();
    let fit = Fit::new().epochs(best).batch(16).learning_rate(0.01).validation(0.3);
    again.fit(&digits, fit).unwrap();
    let bound = |vae: &Vae<784, 2>| vae.elbo(&digits, Estimator::AnalyticKl, 1).unwrap();
    assert_eq!(bound(&again), bound(&vae));
}

#[test]
fn a_callback_sees_every_epoch_and_can_stop() {
    let mut seen = Vec::new();
    let (sender, receiver) = std::sync::mpsc::channel();
    let fit = Fit::new().epochs(10).callback(move |report| {
        sender.send(report.epoch).unwrap();
        if report.epoch == 3 { Then::Stop } else { Then::Continue }
    });
    let history = small().fit(&digits(), fit).unwrap();
    seen.extend(receiver.try_iter());
    assert_eq!((seen, history.stopped), (vec![1, 2, 3], StopReason::Callback));
}

#[test]
fn a_loss_that_leaves_the_numbers_stops_and_keeps_good_parameters() {
    let mut vae =
        Vae::<784, 2>::params().hidden([24]).emission(Emission::NormalSharedStd).build().unwrap();
    let error = vae.fit(&digits(), Fit::new().learning_rate(1e18).epochs(50)).unwrap_err();
    assert!(matches!(error, Error::NonFinite { epoch: 1.., step: 1.., .. }), "{error}");
    assert!(error.to_string().contains("epoch") && error.to_string().contains("step"));
    assert!(vae.elbo(&digits(), Estimator::AnalyticKl, 1).unwrap().elbo.is_finite());
    vae.fit(&digits(), Fit::new().epochs(1)).unwrap();
}

#[test]
fn cells_that_the_emission_cannot_have_are_named() {
    let mut rows = Array2::<f32>::zeros((5, 784));
    rows[[3, 17]] = 1.5;
    let error = small().fit(&rows, Fit::new()).unwrap_err();
    assert!(matches!(error, Error::Value { row: 3, column: 17, value: 1.5, .. }), "{error}");
    let mut normal =
        Vae::<784, 2>::params().emission(Emission::NormalSharedStd).hidden([4]).build().unwrap();
    normal.encode(&rows).unwrap();
    rows[[4, 0]] = f32::NAN;
    assert!(matches!(normal.fit(&rows, Fit::new()), Err(Error::Value { row: 4, column: 0, .. })));
}

#[test]
fn settings_outside_their_range_are_named() {
    let params = Vae::<784, 2>::params;
    let wrong = [
        (params().hidden([]).build(), "hidden"),
        (params().hidden([10, 0]).build(), "hidden"),
        (params().emission(Emission::Normal { minimum_std: 0.0 }).build(), "minimum_std"),
    ];
    for (result, name) in wrong {
        assert!(matches!(result, Err(Error::Setting { setting, .. }) if setting == name));
    }
    assert!(matches!(small().evidence(&digits(), 0), Err(Error::Setting { setting: "draws", .. })));
    assert!(matches!(small().decoded_plane(3), Err(Error::Setting { .. })));
    let nothing = digits().take(0);
    assert!(matches!(small().elbo(&nothing, Estimator::AnalyticKl, 1), Err(Error::Shape { .. })));
}

#[test]
fn every_answer_of_a_model_of_images_is_shown_as_a_picture() {
    let (digits, mut vae) = (digits(), small());
    let history = vae.fit(&digits, Fit::new().epochs(1)).unwrap();
    let bundles = [
        history.mime_bundle(),
        vae.latent_map(&digits, "digit").unwrap().mime_bundle(),
        vae.decoded_plane(5).unwrap().mime_bundle(),
    ];
    for bundle in bundles {
        assert!(bundle.unwrap().svg().is_some_and(|svg| svg.starts_with("<svg")));
    }
    let sample = vae.sample(6).unwrap();
    let pictures = [
        sample.mime_bundle(),
        sample.draw(1).mime_bundle(),
        vae.reconstruct(&digits.take(8)).unwrap().mime_bundle(),
    ];
    for bundle in pictures {
        let bundle = bundle.unwrap();
        assert!(bundle.png().is_some_and(|png| png.starts_with(b"\x89PNG")));
        assert!(!bundle.text().is_empty());
    }
    let error = vae.latent_map(&digits, "colour").unwrap_err().to_string();
    assert!(error.contains("colour") && error.contains("digit"), "{error}");
}

#[test]
fn ancestral_draws_have_the_moments_of_their_distribution() {
    let vae = small();
    let decoded = vae.decode(&vec![[0.5, -0.5]; 4000]).unwrap();
    let draws = decoded.draw(3).values;
    for pixel in [0, 391, 783] {
        let p = f64::from(decoded.mean.values[[0, pixel]]);
        let got = draws.column(pixel).iter().map(|x| f64::from(*x)).sum::<f64>() / 4000.0;
        // Four standard errors of a mean of 4,000 Bernoulli draws.
        assert!((got - p).abs() < 4.0 * (p * (1.0 - p) / 4000.0).sqrt(), "{got} {p}");
    }
    assert!(draws.iter().all(|x| *x == 0.0 || *x == 1.0));
}

#[test]
fn models_train_side_by_side_on_several_threads() {
    let digits = data::handwriting().writers(3).repeats(1).images::<28>();
    let train = || {
        let mut vae = Vae::<784, 2>::params().hidden([8]).build().unwrap();
        vae.fit(&digits, Fit::new().epochs(30).batch(4)).unwrap().train
    };
    let alone = train();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(train)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), alone, "what others do changes nothing");
        }
    });
}
