//! The bound from its formula, family by family, in the units of the data.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::distribution::{Continuous, Discrete, LogNormal, Normal, Poisson};

use super::*;
use crate::savae::model::Outcomes;

const EMISSIONS: [TimeEmission; 5] = [
    TimeEmission::Weibull,
    TimeEmission::LogNormal,
    TimeEmission::LogLogistic,
    TimeEmission::Exponential,
    TimeEmission::WeibullMixture { components: 2 },
];

/// log p(x|z) of a patient: the textbook density of every covariate that is there.
fn log_prob_of_covariates(savae: &Savae<2>, patient: usize, parameters: &[f32]) -> f64 {
    let columns = &savae.core.configuration.columns;
    let cohort = cohort();
    let column = |name: &str| columns.covariates.iter().find(|c| c.name == name).unwrap();
    let value = |name: &str| cohort.covariate(name).unwrap().values()[patient];
    let wide = |i: usize| f64::from(parameters[i]);
    // Means of both normals in their order, their raw log standard deviations, the log rate, the log
    // odds, four logits.
    let floor = 0.1f64.ln();
    let std = |raw: f64| (floor + (raw - floor).exp().ln_1p()).exp();
    let mut sum = 0.0;
    let (x, c) = (value("normal"), column("normal"));
    if !x.is_nan() {
        sum += Normal::new(c.mean + c.std * wide(0), c.std * std(wide(2))).unwrap().ln_pdf(x);
    }
    let (x, c) = (value("positive"), column("positive"));
    if !x.is_nan() {
        sum += LogNormal::new(c.mean + c.std * wide(1), c.std * std(wide(3))).unwrap().ln_pdf(x);
    }
    let x = value("count");
    if !x.is_nan() {
        sum += Poisson::new(wide(4).exp()).unwrap().ln_pmf(x as u64);
    }
    let x = value("truth");
    if !x.is_nan() {
        let one = 1.0 / (1.0 + (-wide(5)).exp());
        sum += if x == 1.0 { one.ln() } else { (1.0 - one).ln() };
    }
    let x = value("level");
    if !x.is_nan() {
        let total: f64 = (6..10).map(|i| wide(i).exp()).sum();
        sum += (wide(6 + x as usize).exp() / total).ln();
    }
    sum
}

#[test]
fn the_bound_is_its_formula_in_the_units_of_the_data() {
    for emission in EMISSIONS {
        let savae = model::<2>(emission);
        let (engine, rows, cohort) = (&savae.core.engine, rows(&savae), cohort());
        let rng = &mut ChaCha8Rng::seed_from_u64(9);
        let bound = engine.bound(rows.view(), Outcomes::Known, rng).unwrap();
        let (mean, std) = engine.encode(rows.view(), Outcomes::Known).unwrap();
        let again = &mut ChaCha8Rng::seed_from_u64(9);
        let z: Array2<f32> = {
            let noise: Array2<f32> =
                Array2::from_shape_simple_fn(mean.dim(), || StandardNormal.sample(again));
            &mean + &(&std * &noise)
        };
        let parameters = engine.covariate_parameters(z.view()).unwrap();
        let treatments = cohort.treatment_matrix().mapv(|given| given as f32);
        let times = savae.core.conditional_times(&z, &treatments).unwrap();
        let logits = engine.treatment_logits(rows.view()).unwrap();
        for (patient, terms) in bound.iter().enumerate() {
            let covariates =
                log_prob_of_covariates(&savae, patient, &parameters.row(patient).to_vec());
            // The time 0 counts as half the smallest positive time, 0.6.
            let time = cohort.follow_up().times()[patient].max(0.6);
            let distribution = times.distribution(patient);
            let time = match cohort.follow_up().observed()[patient] {
                true => distribution.density(time).ln(),
                false => distribution.survival(time).ln(),
            };
            let given = treatments.row(patient);
            let of_treatment = |(logit, given): (&f32, &f32)| {
                let p = 1.0 / (1.0 + (-f64::from(*logit)).exp());
                if *given == 1.0 { p.ln() } else { (1.0 - p).ln() }
            };
            let treatments: f64 = logits.row(patient).iter().zip(given).map(of_treatment).sum();
            let divergence = |(mean, std): (&f32, &f32)| {
                let (mean, std) = (f64::from(*mean), f64::from(*std));
                0.5 * (std * std + mean * mean - 1.0) - std.ln()
            };
            let kl: f64 = mean.row(patient).iter().zip(std.row(patient)).map(divergence).sum();
            let want = covariates + treatments + time - kl;
            // Some twenty terms in single precision, some of them near 20.
            close(terms.elbo(), want, 2e-4, &format!("{emission:?}, patient {patient}"));
            close(terms.treatments, treatments, 1e-5, "log p(t|x)");
            close(terms.kl, kl, 1e-5, "KL");
        }
    }
}

#[test]
fn a_hidden_outcome_changes_nothing_of_what_the_encoder_says() {
    let savae = model::<2>(TimeEmission::Weibull);
    let mut rows = rows(&savae);
    let hidden = |rows: &Array2<f32>| savae.core.engine.encode(rows.view(), Outcomes::Hidden);
    let before = hidden(&rows).unwrap();
    let outcome = savae.core.configuration.columns.blocks().outcome;
    rows.slice_mut(ndarray::s![.., outcome]).fill(3.7);
    assert_eq!(before, hidden(&rows).unwrap());
    assert_ne!(before, savae.core.engine.encode(rows.view(), Outcomes::Known).unwrap());
}

#[test]
fn cells_that_are_missing_drop_out_whatever_the_others_are() {
    let savae = model::<2>(TimeEmission::Weibull);
    let (engine, rows) = (&savae.core.engine, rows(&savae));
    let z = Array2::from_shape_fn((12 * 5, 2), |(i, j)| ((3 * i + j) as f32).cos());
    let all = engine.covariate_log_prob(rows.view(), z.view()).unwrap();
    // Patient 3 has no `normal`: the same patient in a cohort in which somebody else's is known.
    let nobody = savae.core.configuration.columns.blocks();
    let mut other = rows.clone();
    for cell in nobody.cells {
        let seen = other[[3, cell + nobody.observed.len()]];
        other[[3, cell]] = seen * other[[3, cell]] + (1.0 - seen) * 99.0;
    }
    assert_eq!(all, engine.covariate_log_prob(other.view(), z.view()).unwrap());
}
