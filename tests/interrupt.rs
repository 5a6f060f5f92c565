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

    // The next call does not remember the interrupt and goes on with the epoch.
    let history = vae.fit(&digits, Fit::new().epochs(1)).unwrap();
    assert_eq!((history.stopped, history.train.len()), (StopReason::Finished, 3));

    within_an_epoch();
}

/// An interrupt in the middle of an epoch changes nothing for those who go on.
fn within_an_epoch() {
    let digits = data::handwriting().writers(4).repeats(2).images::<28>();
    let build = || Vae::<784, 2>::params().hidden([64]).build().unwrap();
    let fit = |epochs| Fit::new().epochs(epochs).batch(1);
    let mut whole = build();
    whole.fit(&digits, fit(60)).unwrap();

    let mut parts = build();
    let started = std::time::Instant::now();
    let pause = std::time::Duration::from_millis(100);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(pause);
            raise(SIGINT).unwrap();
        });
        parts.fit(&digits, fit(60)).unwrap()
    });
    let history = parts.history().unwrap().clone();
    let (done, all) = (history.train.len(), 60);
    assert_eq!(history.stopped, StopReason::Interrupted, "after {:?}", started.elapsed());
    println!("interrupted in epoch {} after {} steps", done + 1, history.steps);
    let folder = tempfile::tempdir().unwrap();
    parts.save(folder.path().join("parts")).unwrap();
    let mut parts = Vae::<784, 2>::load(folder.path().join("parts")).unwrap();
    parts.fit(&digits, fit(all - done)).unwrap();
    assert_eq!(parts.history().unwrap().train, whole.history().unwrap().train);
    assert_eq!(parts.decode(&[[0.3, -0.4]]).unwrap(), whole.decode(&[[0.3, -0.4]]).unwrap());
}
