//! Data simulated from a SAVAE give its survival functions back.

use elbo::{Fit, savae::Prediction};

use crate::{patients, small};

#[test]
fn a_model_fitted_to_simulated_patients_predicts_as_the_one_that_simulated_them() {
    // The truth: networks that learnt from the trial.
    let cohort = patients(1_000);
    let fit = Fit::new().epochs(120).batch(64).learning_rate(3e-3).validation(0.0);
    let (mut truth, _) = small::<2>().fit(&cohort, fit).unwrap();
    let train = truth.synthetic(6_000, 1).unwrap();
    let test = truth.synthetic(400, 2).unwrap();
    let fit = Fit::new().epochs(60).batch(64).learning_rate(3e-3).patience(20);
    let (mut fitted, _) = small::<2>().seed(9).fit(&train, fit).unwrap();
    for model in [&mut truth, &mut fitted] {
        model.set_prediction(Prediction::new().draws(500));
    }
    let times = [6.0, 12.0, 24.0, 48.0, 72.0];
    let (want, got) = (truth.predict_all(&test).unwrap(), fitted.predict_all(&test).unwrap());
    let (mut error, mut spread, mut count) = (0.0, 0.0, 0.0);
    for ((given, want), (_, got)) in want.iter().zip(&got) {
        let (want, got) = (want.survival(&times).unwrap(), got.survival(&times).unwrap());
        let difference = (&want - &got).mapv(f64::abs).mean().unwrap();
        // The standard error of a survival probability among the thousand or so of the 6,000
        // patients who look like one is near 0.015.
        assert!(difference < 0.04, "{given:?}: {difference}");
        for (column, got) in want.columns().into_iter().zip(got.columns()) {
            let mean = column.mean().unwrap();
            error += column.iter().zip(got).map(|(w, g)| (w - g).powi(2)).sum::<f64>();
            spread += column.iter().map(|w| (w - mean).powi(2)).sum::<f64>();
            count += 1.0;
        }
    }
    // The differences between patients are recovered, not only the mean curve.
    assert!(count > 0.0 && error < 0.25 * spread, "{error} of {spread}");
}
