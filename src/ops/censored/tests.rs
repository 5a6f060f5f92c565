use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, NoneTape},
};
use statrs::distribution::{ContinuousCDF, Normal};

use super::{family::LOG_SCALE_FLOOR, *};
use crate::ops::{
    Matrix,
    storage::{values, values_mut},
    testing::{Case, check, matrix},
};

const EMISSIONS: [TimeEmission; 5] = [
    TimeEmission::Weibull,
    TimeEmission::LogNormal,
    TimeEmission::LogLogistic,
    TimeEmission::Exponential,
    TimeEmission::WeibullMixture { components: 3 },
];

fn layout(emission: TimeEmission) -> TimeLayout {
    TimeLayout { emission, exponential_log_scale: 0.2 }
}

/// Standardised log-times, and every other one censored.
fn outcomes(rows: usize) -> Matrix<Cpu> {
    let mut outcome = matrix(rows, 2, 3);
    for (row, pair) in values_mut(&mut outcome).chunks_exact_mut(2).enumerate() {
        pair[0] *= 2.0;
        pair[1] = (row % 2) as f32;
    }
    outcome
}

/// Density of u and survival, of one component.
fn density_and_survival(family: LocationScale, u: f64, location: f64, scale: f64) -> (f64, f64) {
    let w = (u - location) / scale;
    let (density, survival) = match family {
        LocationScale::SmallestExtreme => (w.exp() * (-w.exp()).exp(), (-w.exp()).exp()),
        LocationScale::Normal => {
            let density = (-0.5 * w * w).exp() / (2.0 * std::f64::consts::PI).sqrt();
            (density, Normal::standard().sf(w))
        }
        LocationScale::Logistic => {
            let survival = 1.0 / (1.0 + w.exp());
            (survival * (1.0 - survival), survival)
        }
    };
    (density / scale, survival)
}

fn definition(layout: TimeLayout, outcome: &[f32], parameters: &[f64]) -> Vec<f64> {
    let (width, components) = (layout.parameters(), layout.components());
    let row = |row: usize| {
        let (u, event) = (f64::from(outcome[2 * row]), outcome[2 * row + 1] == 1.0);
        let p = &parameters[row * width..][..width];
        let floor = f64::from(LOG_SCALE_FLOOR);
        let shares: Vec<f64> = match components {
            1 => vec![1.0],
            _ => p[2 * components..].iter().map(|logit| logit.exp()).collect(),
        };
        let total: f64 = shares.iter().sum();
        let of = |i: usize| {
            let log_scale = match layout.has_scales() {
                true => floor + (p[components + i] - floor).exp().ln_1p(),
                false => f64::from(layout.exponential_log_scale),
            };
            let (f, s) = density_and_survival(layout.family(), u, p[i], log_scale.exp());
            shares[i] / total * if event { f } else { s }
        };
        (0..components).map(of).sum::<f64>().ln()
    };
    (0..parameters.len() / width).map(row).collect()
}

#[test]
fn every_emission_agrees_with_its_definition_and_finite_differences() {
    for emission in EMISSIONS {
        for rows in [6, 900] {
            let (layout, outcome) = (layout(emission), outcomes(rows));
            let plain = values(&outcome).to_vec();
            check(Case {
                inputs: vec![matrix(rows, layout.parameters(), 4)],
                definition: &|inputs| definition(layout, &plain, &inputs[0]),
                fused: &|tape, t| fused(tape, layout, &outcome, &t[0]),
                composed: &|tape, t| composed(tape, layout, &outcome, &t[0]),
            });
        }
    }
}

#[test]
fn times_far_in_a_tail_stay_numbers() {
    for emission in EMISSIONS {
        let layout = layout(emission);
        for u in [-200.0, 200.0] {
            let mut outcome = outcomes(4);
            values_mut(&mut outcome).chunks_exact_mut(2).for_each(|pair| pair[0] = u);
            let mut parameters = matrix(4, layout.parameters(), 5);
            // The narrowest scales.
            values_mut(&mut parameters).iter_mut().for_each(|value| *value -= 9.0);
            let log_prob = fused(&mut NoneTape, layout, &outcome, &parameters).unwrap();
            let other = composed(&mut NoneTape, layout, &outcome, &parameters).unwrap();
            assert_eq!(*log_prob.shape(), (4,));
            for (fused, composed) in log_prob.as_vec().into_iter().zip(other.as_vec()) {
                assert!(fused.is_finite() && fused <= 0.0 + 10.0, "{emission:?}: {fused}");
                // Seven digits, of numbers up to 1e17.
                let tolerance = 1e-4 * fused.abs() + 1e-4;
                assert!((fused - composed).abs() <= tolerance, "{emission:?}: {fused} {composed}");
            }
        }
    }
}
