//! With one latent dimension every average over p(z|x) is an integral that a grid gives exactly.

use super::*;
use crate::savae::{Prediction, Proposal};

/// Steps of the grid over z from −8 to 8.
const STEPS: usize = 4_000;

/// E S(t) over p(z|x), by the trapezoidal rule, for every patient and time, and the mean weight of
/// p(x|z)² relative to the squared mean: what the effective share of draws from p(z) comes to.
fn by_grid(savae: &Savae<1>, times: &[f64]) -> (Array2<f64>, Vec<f64>) {
    let (engine, rows) = (&savae.core.engine, rows(savae));
    let at = |i: usize| -8.0 + 16.0 * i as f64 / STEPS as f64;
    let z = Array2::from_shape_fn((STEPS + 1, 1), |(i, _)| at(i) as f32);
    let prior: Vec<f64> = (0..=STEPS)
        .map(|i| {
            (-0.5 * at(i).powi(2)).exp() * 16.0
                / (STEPS as f64 * (2.0 * std::f64::consts::PI).sqrt())
        })
        .collect();
    let patients = rows.nrows();
    let mut survival = Array2::zeros((patients, times.len()));
    let mut shares = Vec::new();
    for patient in 0..patients {
        let row = rows.slice(ndarray::s![patient..patient + 1, ..]);
        let log_prob = engine.covariate_log_prob(row, z.view()).unwrap();
        let density: Vec<f64> = log_prob.iter().map(|log| f64::from(*log).exp()).collect();
        let integral =
            |of: &dyn Fn(usize) -> f64| -> f64 { (0..=STEPS).map(|i| prior[i] * of(i)).sum() };
        let total = integral(&|i| density[i]);
        shares.push(total * total / integral(&|i| density[i].powi(2)));
        let block = savae.core.configuration.columns.blocks().treatments;
        let given = row.slice(ndarray::s![.., block]);
        let given = Array2::from_shape_fn((STEPS + 1, 2), |(_, j)| given[[0, j]]);
        let conditional = savae.core.conditional_times(&z, &given).unwrap().survival(times);
        for j in 0..times.len() {
            survival[[patient, j]] = integral(&|i| density[i] * conditional[[i, j]]) / total;
        }
    }
    (survival, shares)
}

#[test]
fn predictions_of_both_proposals_are_the_integrals() {
    for emission in [TimeEmission::Weibull, TimeEmission::WeibullMixture { components: 2 }] {
        let savae = model::<1>(emission);
        let times = [0.5, 4.0, 12.0, 40.0];
        let (want, _) = by_grid(&savae, &times);
        for proposal in [Proposal::Prior, Proposal::Encoder] {
            let settings = Prediction::new().proposal(proposal).draws(20_000);
            let predictions = savae.predict_with(&cohort(), &settings).unwrap();
            let (got, effective) =
                (predictions.survival(&times).unwrap(), predictions.effective_draws());
            for ((patient, time), got) in got.indexed_iter() {
                // A mean of values in [0, 1] over so many effective draws: four standard errors.
                let tolerance = 4.0 * 0.5 / effective[patient].sqrt();
                assert!(tolerance < 0.1, "{proposal:?}: {} draws count", effective[patient]);
                let what = format!("{emission:?} {proposal:?} patient {patient}");
                close(*got, want[[patient, time]], tolerance, &what);
            }
        }
    }
}

#[test]
fn the_effective_share_of_draws_from_the_prior_is_its_integral() {
    let savae = model::<1>(TimeEmission::Weibull);
    let (_, want) = by_grid(&savae, &[1.0]);
    let draws = 50_000;
    let settings = Prediction::new().proposal(Proposal::Prior).draws(draws);
    let effective = savae.predict_with(&cohort(), &settings).unwrap().effective_draws();
    for (got, want) in effective.iter().zip(&want) {
        let share = got / draws as f64;
        // A ratio of means of bounded numbers: a few percent with so many draws.
        close(share, *want, 0.05 * want + 0.005, "effective share");
    }
}

#[test]
fn all_pairs_in_one_product_are_row_by_row_sums() {
    let savae = model::<1>(TimeEmission::Weibull);
    let (engine, rows) = (&savae.core.engine, rows(&savae));
    let z = Array2::from_shape_fn((9, 1), |(i, _)| i as f32 / 3.0 - 1.2);
    let parameters = engine.covariate_parameters(z.view()).unwrap();
    let pairs = super::super::prediction::log_prob_of_pairs(
        &savae.core.configuration,
        rows.view(),
        parameters.view(),
    );
    let repeated = Array2::from_shape_fn((rows.nrows() * 9, 1), |(i, _)| z[[i % 9, 0]]);
    let own = engine.covariate_log_prob(rows.view(), repeated.view()).unwrap();
    for (got, want) in pairs.iter().zip(&own) {
        // Squares of standardised values against a precision of up to 100, in single precision.
        close(f64::from(*got), f64::from(*want), 1e-3, "log p(x|z)");
    }
}
