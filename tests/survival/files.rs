//! The real cohorts, prepared as the peers prepare them, and what the peers say.

use std::{fs, path::PathBuf};

use elbo::{
    ndarray::{Array2, Axis},
    survival::{Cohort, Durations, Events, FollowUp, Grouping},
};
use serde_json::Value;

use crate::support::real_data;

/// The cohorts that the peers were asked about.
pub const NAMES: [&str; 8] = [
    "whas",
    "pbc",
    "nwtco",
    "std",
    "flchain",
    "sim_treatment_train",
    "sim_treatment_valid",
    "sim_treatment_test",
];

/// A cohort with the answers of the peers.
pub struct File {
    pub name: &'static str,
    /// Complete cases with a positive time; all covariates as numbers with mean 0 and standard
    /// deviation 1.
    pub cohort: Cohort,
    /// Of `survival.py`.
    pub peers: Value,
    /// Of `more.py`.
    pub more: Value,
}

/// All cohorts, or none without `ELBO_DATA`.
pub fn files(test: &str) -> Vec<File> {
    let Some(folder) = real_data(test) else { return Vec::new() };
    NAMES.map(|name| file(&folder.join("survival"), name)).into()
}

/// What the peers say in a file of theirs.
pub fn answers(name: &str, ending: &str) -> Value {
    // Cargo runs tests in the folder of their package.
    let folder = PathBuf::from("tests/survival/peers");
    let text = fs::read_to_string(folder.join(format!("{name}{ending}"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn file(folder: &std::path::Path, name: &'static str) -> File {
    let (peers, more) = (answers(name, ".json"), answers(name, ".more.json"));
    let cohort = prepared(folder, name, more["group"].as_str().unwrap());
    File { name, cohort, peers, more }
}

/// Reads with no help of the library, so that a mistake of its reader cannot cancel.
fn prepared(folder: &std::path::Path, name: &str, group: &str) -> Cohort {
    let text = fs::read_to_string(folder.join(format!("{name}.csv"))).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let place = |wanted: &str| names.iter().position(|name| *name == wanted).unwrap();
    let (time, event) = (place("time"), place("event"));
    let rows = lines.filter_map(|line| {
        let cells: Result<Vec<f64>, _> = line.split(',').map(str::parse).collect();
        cells.ok().filter(|cells| cells[time] > 0.0)
    });
    let rows: Vec<Vec<f64>> = rows.collect();
    let outcome = ["time", "event", "true_log_hazard"];
    let kept: Vec<usize> = (0..names.len()).filter(|&j| !outcome.contains(&names[j])).collect();
    let x = Array2::from_shape_fn((rows.len(), kept.len()), |(i, j)| rows[i][kept[j]]);
    let x = (&x - &x.mean_axis(Axis(0)).unwrap()) / &x.std_axis(Axis(0), 0.0);
    let follow_up = FollowUp::new(
        Durations::days(rows.iter().map(|row| row[time])),
        Events::coded(rows.iter().map(|row| row[event])).unwrap(),
    );
    let kept: Vec<&str> = kept.iter().map(|&j| names[j]).collect();
    let groups = rows.iter().map(|row| Some(format!("{:04}", row[place(group)]))).collect();
    Cohort::from_matrix(follow_up.unwrap(), &kept, x.view())
        .unwrap()
        .with_grouping(Grouping::new("group", groups))
        .unwrap()
}

/// The numbers of a list.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// Written so that NaN fails.
#[track_caller]
pub fn assert_close(what: &str, got: f64, want: f64, tolerance: f64) {
    let close = (got - want).abs() <= tolerance * (1.0 + want.abs());
    assert!(close, "{what}: got {got}, want {want}, tolerance {tolerance}");
}

#[track_caller]
pub fn assert_all_close<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f64>,
    want: &[f64],
    tolerance: f64,
) {
    let got: Vec<f64> = got.into_iter().copied().collect();
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        assert_close(&format!("{what} [{i}]"), *got, *want, tolerance);
    }
}
