//! A patient's distribution: survival, density, mean and quantiles belong together.

use elbo::{
    Fit,
    savae::{Prediction, SurvivalDistribution, TimeEmission},
    survival::SurvivalModel,
};

use crate::{close, patients, small};

fn distributions(emission: TimeEmission) -> Vec<SurvivalDistribution> {
    let cohort = patients(200);
    let fit = Fit::new().epochs(3).batch(32);
    let (mut savae, _) = small::<2>().emission(emission).fit(&cohort, fit).unwrap();
    savae.set_prediction(Prediction::new().draws(50));
    let some = savae.predict(&cohort.select(&[0, 7, 42]).unwrap()).unwrap();
    (0..3).map(|patient| some.patient(patient).unwrap()).collect()
}

const EMISSIONS: [TimeEmission; 5] = [
    TimeEmission::Weibull,
    TimeEmission::LogNormal,
    TimeEmission::LogLogistic,
    TimeEmission::Exponential,
    TimeEmission::WeibullMixture { components: 3 },
];

/// ∫ f over (0, end), with t = end·v³ because densities may be infinite at 0, by Simpson's rule.
fn integral(end: f64, of: impl Fn(f64) -> f64) -> f64 {
    let steps = 20_000;
    let value = |i: usize| {
        let v = i as f64 / steps as f64;
        if i == 0 { 0.0 } else { of(end * v.powi(3)) * 3.0 * end * v * v }
    };
    let weight = |i: usize| match i {
        0 => 1.0,
        i if i == steps => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    };
    (0..=steps).map(|i| weight(i) * value(i)).sum::<f64>() / (3.0 * steps as f64)
}

#[test]
fn survival_is_one_less_the_integral_of_the_density() {
    for emission in EMISSIONS {
        for patient in distributions(emission) {
            for time in [0.5, 6.0, 48.0, 400.0] {
                let share = integral(time, |t| patient.density(t));
                // Simpson's rule on smooth functions; erfc to 1e-9 where it is log-normal.
                close(
                    patient.survival(time),
                    1.0 - share,
                    1e-7,
                    &format!("{emission:?} at {time}"),
                );
                let hazard = patient.density(time) / patient.survival(time);
                assert_eq!(patient.hazard(time), hazard);
            }
            assert_eq!((patient.survival(0.0), patient.density(-1.0)), (1.0, 0.0));
        }
    }
}

#[test]
fn the_restricted_mean_is_the_area_below_the_curve() {
    for emission in EMISSIONS {
        for patient in distributions(emission) {
            for horizon in [1.0, 60.0] {
                let area = integral(horizon, |t| patient.survival(t));
                let what = format!("{emission:?} up to {horizon}");
                close(patient.restricted_mean(horizon), area, 1e-6 * horizon, &what);
            }
        }
    }
}

#[test]
fn quantiles_are_where_the_curve_comes_to_their_share() {
    for emission in EMISSIONS {
        for patient in distributions(emission) {
            for share in [0.01, 0.25, 0.5, 0.9, 0.999] {
                let time = patient.quantile(share);
                close(1.0 - patient.survival(time), share, 1e-9, &format!("{emission:?} {share}"));
            }
            assert_eq!(patient.median(), patient.quantile(0.5));
            assert_eq!((patient.quantile(0.0), patient.quantile(1.0)), (0.0, f64::INFINITY));
        }
    }
}

#[test]
fn the_mean_is_the_area_below_the_whole_curve() {
    // Log-logistic times may have no mean.
    for emission in [TimeEmission::Weibull, TimeEmission::Exponential] {
        for patient in distributions(emission) {
            let end = patient.quantile(1.0 - 1e-12);
            let area = integral(end, |t| patient.survival(t));
            close(patient.mean() / area, 1.0, 1e-6, &format!("{emission:?}"));
        }
    }
}

#[test]
fn all_patients_at_once_are_as_one_after_the_other() {
    let cohort = patients(300);
    let fit = Fit::new().epochs(2);
    let (mut savae, _) = small::<3>().fit(&cohort, fit).unwrap();
    // Many draws, so that patients are taken in several blocks.
    savae.set_prediction(Prediction::new().draws(1_000));
    let all = savae.predict(&cohort).unwrap();
    let times = [0.0, 3.0, 48.0];
    let together = all.survival(&times).unwrap();
    let (medians, own) = (all.median(), savae.survival_at_own_times(&cohort).unwrap());
    for patient in [0, 1, 150, 262, 299] {
        let one = all.patient(patient).unwrap();
        for (j, &time) in times.iter().enumerate() {
            // The order of a sum of a thousand doubles.
            close(together[[patient, j]], one.survival(time), 1e-12, "survival");
        }
        assert_eq!(medians[patient], one.median());
        close(own[patient], one.survival(cohort.follow_up().times()[patient]), 1e-12, "own time");
        let alone = savae.predict(&cohort.select(&[patient]).unwrap()).unwrap();
        let alone = alone.survival(&times).unwrap();
        for j in 0..3 {
            // Matrix products of other sizes sum in other orders, in single precision.
            close(alone[[0, j]], together[[patient, j]], 1e-5, "a cohort of one");
        }
    }
}
