//! Where everything is linear and normal, evidence and gap have closed forms.

use ndarray::{Array1, array};

use super::*;
use crate::ops::Activation;

/// p(x|z) = N(Wz + μ, diag σ²) of three standardised covariates, p(y|t, z) without z.
const LOADINGS: [[f64; 2]; 3] = [[0.8, -0.3], [0.2, 0.6], [-0.5, 0.4]];
const MEANS: [f64; 3] = [0.3, -0.1, 0.0];
/// Raw log standard deviations.
const RAW: [f64; 3] = [-0.4, 0.1, -0.8];

fn linear() -> (Savae<2>, Cohort) {
    let x = array![
        [0.5, 1.0, -0.3],
        [-1.2, 0.4, 0.9],
        [2.0, f64::NAN, 0.1],
        [0.3, -0.8, f64::NAN],
        [-0.6, 0.2, 1.7]
    ];
    let follow_up = FollowUp::new(
        Durations::months([3.0, 8.0, 1.0, 20.0, 6.0]),
        Events::observed([true, false, true, true, false]),
    )
    .unwrap();
    let cohort = Cohort::from_matrix(follow_up, &["a", "b", "c"], x.view()).unwrap();
    let params = Savae::<2>::params().hidden(2).activation(Activation::Identity);
    let mut savae = params.device(Device::cpu()).build(&cohort).unwrap();
    let names: Vec<String> =
        savae.core.engine.tensors().unwrap().into_iter().map(|(name, _, _)| name).collect();
    let mut snapshot = savae.core.engine.snapshot().unwrap();
    for (name, values) in names.iter().zip(&mut snapshot) {
        match name.as_str() {
            // The hidden layer passes z on.
            "covariates.hidden.weight" => *values = vec![1.0, 0.0, 0.0, 1.0],
            "covariates.hidden.bias" => values.fill(0.0),
            "covariates.output0.weight" => {
                values.fill(0.0);
                let loadings = LOADINGS.iter().flatten();
                values.iter_mut().zip(loadings).for_each(|(to, from)| *to = *from as f32);
            }
            "covariates.output0.bias" => {
                let all = MEANS.iter().chain(&RAW);
                values.iter_mut().zip(all).for_each(|(to, from)| *to = *from as f32);
            }
            "time.output0.weight" => values.fill(0.0),
            _ => {}
        }
    }
    savae.core.engine.restore(&snapshot).unwrap();
    (savae, cohort)
}

/// The log-density of the observed standardised cells, N(μ, WWᵀ + diag σ²), and the posterior's mean
/// and covariance.
fn closed_form(x: &[f64]) -> (f64, Array1<f64>, Array2<f64>) {
    let floor = 0.1f64.ln();
    let std = |raw: f64| (floor + (raw - floor).exp().ln_1p()).exp();
    let seen: Vec<usize> = (0..3).filter(|&i| !x[i].is_nan()).collect();
    // Posterior precision P = I + Σ w wᵀ/σ², mean P⁻¹ Σ w (x − μ)/σ².
    let (mut p, mut b) = (Array2::<f64>::eye(2), Array1::<f64>::zeros(2));
    let (mut quadratic, mut log_det) = (0.0, 0.0);
    for &i in &seen {
        let (w, precision) = (LOADINGS[i], std(RAW[i]).powi(-2));
        for j in 0..2 {
            for k in 0..2 {
                p[[j, k]] += w[j] * w[k] * precision;
            }
            b[j] += w[j] * (x[i] - MEANS[i]) * precision;
        }
        quadratic += (x[i] - MEANS[i]).powi(2) * precision;
        log_det += 2.0 * std(RAW[i]).ln();
    }
    let determinant = p[[0, 0]] * p[[1, 1]] - p[[0, 1]] * p[[1, 0]];
    let covariance = array![[p[[1, 1]], -p[[0, 1]]], [-p[[1, 0]], p[[0, 0]]]] / determinant;
    let mean = covariance.dot(&b);
    let ln_two_pi = (2.0 * std::f64::consts::PI).ln();
    // Sylvester and Woodbury.
    let log_prob = -0.5
        * (seen.len() as f64 * ln_two_pi + log_det + determinant.ln() + quadratic - b.dot(&mean));
    (log_prob, mean, covariance)
}

/// KL of N(m, diag s²) from the posterior.
fn divergence(m: [f64; 2], s: [f64; 2], mean: &Array1<f64>, covariance: &Array2<f64>) -> f64 {
    let determinant = covariance[[0, 0]] * covariance[[1, 1]] - covariance[[0, 1]].powi(2);
    let precision = array![
        [covariance[[1, 1]], -covariance[[0, 1]]],
        [-covariance[[1, 0]], covariance[[0, 0]]]
    ] / determinant;
    let d = array![m[0] - mean[0], m[1] - mean[1]];
    let trace = precision[[0, 0]] * s[0] * s[0] + precision[[1, 1]] * s[1] * s[1];
    0.5 * (trace + d.dot(&precision.dot(&d)) - 2.0 + determinant.ln()
        - 2.0 * (s[0].ln() + s[1].ln()))
}

#[test]
fn evidence_and_gap_are_the_closed_forms() {
    let (savae, cohort) = linear();
    let columns = &savae.core.configuration.columns;
    let evidence = savae.evidence(&cohort, 40_000).unwrap();
    let bound = savae.bound(&cohort, 1).unwrap();
    let q = savae.encode(&cohort).unwrap();
    for patient in 0..cohort.len() {
        let x: Vec<f64> = columns
            .covariates
            .iter()
            .map(|c| (cohort.covariate(&c.name).unwrap().values()[patient] - c.mean) / c.std)
            .collect();
        let (log_prob, mean, covariance) = closed_form(&x);
        let beside = bound.patients[patient].time + bound.patients[patient].constant;
        // Four standard errors of the estimate, and single precision.
        let error = evidence.log_prob_error[patient];
        assert!(error < 0.1);
        close(evidence.log_prob[patient], log_prob + beside, 4.0 * error + 1e-4, "log p(x, y)");
        let wide = |values: &Array2<f32>| [0, 1].map(|j| f64::from(values[[patient, j]]));
        let gap = divergence(wide(&q.mean), wide(&q.std), &mean, &covariance);
        let tolerance = 4.0 * evidence.gap_error[patient] + 1e-4;
        close(evidence.gap()[patient], gap, tolerance, "KL(q‖p(z|x, y))");
    }
}

#[test]
fn more_draws_bring_the_evidence_from_the_bound_to_the_closed_form() {
    let (savae, cohort) = linear();
    let estimates: Vec<f64> = [1, 10, 100, 10_000]
        .map(|draws| savae.evidence(&cohort, draws).unwrap().log_prob.mean().unwrap())
        .into();
    let bound = savae.evidence(&cohort, 10_000).unwrap();
    let (elbo, error) = (bound.elbo.mean().unwrap(), bound.elbo_error.mean().unwrap());
    assert!(elbo + 2.0 * error < estimates[3], "{elbo} {estimates:?}");
    assert!(estimates[2] < estimates[3] + 0.1 && estimates[1] < estimates[3] + 0.5);
}
