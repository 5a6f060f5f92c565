//! Ctrl-C during a training. A process of its own: the signal reaches every training in it.

#![cfg(unix)]

use elbo::{
    Estimator, Fit, Vae, data,
    train::{StopReason, Then},
};
use signal_hook::{consts::SIGINT, low_level::raise};

#[test]
fn ctrl_c_stops_after_the_step_and_keeps_what_was_learned() {
    let digits = data::handwriting().writers(4).repeats(2).images::<28>();
    let mut vae = Vae::<784, 2>::params().hidden([16]).build().unwrap();
    let before = vae.elbo(&digits, Estimator::AnalyticKl, 1).unwrap();
    let fit = Fit::new().epochs(1000).callback(|report| {
        if report.epoch == 2 {
            raise(SIGINT).unwrap();
        }
        Then::Continue
    });
    let history = vae.fit(&digits, fit).unwrap();
    assert_eq!((history.stopped, history.train.len()), (StopReason::Interrupted, 2));
    let after = vae.elbo(&digits, Estimator::AnalyticKl, 1).unwrap();
    assert!(after.elbo > before.elbo, "{before:?} {after:?}");

    // The next training does not remember the interrupt.
    let history = vae.fit(&digits, Fit::new().epochs(1)).unwrap();
    assert_eq!(history.stopped, StopReason::Finished);
}
