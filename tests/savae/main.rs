//! SAVAE from outside: training, predictions, recommendations, errors.

mod distribution;
mod errors;
mod generation;
mod policies;
mod recommendation;
mod recovery;
mod simulated;
#[path = "../support/real_data.rs"]
mod support;
mod training;
mod trial;

use elbo::{Device, Savae, data, savae::SavaeParams, survival::Cohort};

/// Patients of the simulated trial.
fn patients(count: usize) -> Cohort {
    data::cohort(5).cohort.select(&(0..count).collect::<Vec<_>>()).unwrap()
}

fn small<const Z: usize>() -> SavaeParams<Z> {
    Savae::<Z>::params().hidden(12).device(Device::cpu())
}

fn close(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance, "{what}: got {got}, want {want} ± {tolerance}");
}
