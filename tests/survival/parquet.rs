//! Cohorts from Parquet files, which pyarrow 26.0 wrote from the same rows as the CSV file beside them
//! (`tables/tables.py`).

use std::{fs, path::PathBuf};

use elbo::survival::{Cohort, Family};

fn path(name: &str) -> PathBuf {
    PathBuf::from("tests/survival/tables").join(name)
}

fn params() -> elbo::survival::CohortParams {
    Cohort::params("months", "died").treatments(["given"]).ignore(["seen"])
}

#[test]
fn a_file_says_what_the_same_rows_in_csv_say() {
    let want = params().csv(path("patients.csv")).unwrap();
    assert_eq!(want.covariate("stage").unwrap().family(), Family::Categorical);
    assert_eq!(want.covariate("albumin").unwrap().missing_count(), 2);
    for packed in ["none", "snappy", "zstd", "lz4", "gzip"] {
        let got = params().parquet(path(&format!("patients.{packed}.parquet"))).unwrap();
        // Missing cells are NaN, which no cell equals.
        assert_eq!(format!("{got:?}"), format!("{want:?}"), "{packed}");
    }
}

#[test]
fn columns_that_are_neither_numbers_nor_text_are_named() {
    let error = Cohort::params("seen", "died")
        .parquet(path("patients.snappy.parquet"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("\"seen\"") && error.contains("2024-01-31"), "{error}");
}

#[test]
fn damaged_files_are_named() {
    let whole = fs::read(path("patients.snappy.parquet")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("cut.parquet", &whole[..whole.len() / 2]),
        ("empty.parquet", &[][..]),
        ("text.parquet", &b"months,died\n1,1\n"[..]),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        let error = params().parquet(&file).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("Parquet"), "{error}");
    }
    assert!(params().parquet(path("none.parquet")).unwrap_err().to_string().contains("none"));
}
