//! The model against formulas written out: what its networks say is taken, what follows from it is
//! computed again.

mod bound;
mod linear_normal;
mod one_dimension;

use ndarray::Array2;

use super::Savae;
use crate::{
    device::Device,
    ops::TimeEmission,
    survival::{Cohort, Covariate, Durations, Events, Family, FollowUp, Treatment},
};

/// Twelve patients with covariates of every family, missing cells and two treatments.
fn cohort() -> Cohort {
    let count = 12;
    let cycle =
        |values: &[f64]| -> Vec<f64> { values.iter().copied().cycle().take(count).collect() };
    let covariate =
        |name: &str, family, values: &[f64]| Covariate::new(name, family, cycle(values)).unwrap();
    let covariates = vec![
        covariate("normal", Family::Normal, &[1.5, -0.3, 7.0, f64::NAN, 2.0]),
        covariate("level", Family::Categorical, &[2.0, 0.0, 1.0, 3.0, f64::NAN, 1.0, 0.0]),
        covariate("count", Family::Poisson, &[3.0, 0.0, f64::NAN, 7.0, 1.0]),
        covariate("truth", Family::Bernoulli, &[1.0, 0.0, f64::NAN, 0.0]),
        covariate("positive", Family::LogNormal, &[0.2, 5.0, 1.0, 40.0, f64::NAN, 3.0, 9.0]),
    ];
    let times = cycle(&[5.0, 1.2, 30.0, 0.0, 11.0, 3.0, 8.0]);
    let observed = (0..count).map(|i| i % 3 != 1);
    let follow_up = FollowUp::new(Durations::months(times), Events::observed(observed)).unwrap();
    let treatments = vec![
        Treatment::new("a", (0..count).map(|i| i % 2 == 0)),
        Treatment::new("b", (0..count).map(|i| i % 4 > 1)),
    ];
    Cohort::new(follow_up, covariates).unwrap().with_treatments(treatments).unwrap()
}

/// A model whose networks are not near their start: every parameter is moved by a wave.
fn model<const Z: usize>(emission: TimeEmission) -> Savae<Z> {
    let params = Savae::<Z>::params().hidden(6).emission(emission).device(Device::cpu());
    let mut savae = params.build(&cohort()).unwrap();
    let mut snapshot = savae.core.engine.snapshot().unwrap();
    for (i, value) in snapshot.iter_mut().flatten().enumerate() {
        *value += 0.4 * ((i * 7) as f32).sin();
    }
    savae.core.engine.restore(&snapshot).unwrap();
    savae
}

fn rows<const Z: usize>(savae: &Savae<Z>) -> Array2<f32> {
    savae.core.rows(&cohort()).unwrap()
}

fn close(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance, "{what}: got {got}, want {want} ± {tolerance}");
}
