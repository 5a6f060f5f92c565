//! Tables, what is inferred of them, and what is said about those that cannot be used.

use std::io::Write;

use crate::support::real_data;
use elbo::{
    Error,
    display::RichDisplay,
    polars::prelude::{DataFrame, df},
    survival::{
        Cohort, Cox, Durations, Family, KaplanMeier, MissingCells, SurvivalModel, TimeUnit,
        WeibullAft,
    },
};

fn frame() -> DataFrame {
    df!(
        "months" => [5.0, 12.0, 7.5, 0.0, 3.0, 9.0],
        "died" => [1i32, 0, 1, 1, 0, 1],
        "drug" => [true, false, true, false, true, false],
        "age" => [Some(61.5), Some(48.5), None, Some(55.0), Some(70.25), Some(66.0)],
        "stage" => ["II", "I", "III", "II", "I", "III"],
        "sex" => ["f", "m", "m", "f", "f", "m"],
        "nodes" => [0i64, 3, 1, 7, 2, 12],
        "hospital" => ["A", "B", "A", "C", "B", "C"],
    )
    .unwrap()
}

fn read(frame: &DataFrame) -> Result<Cohort, Error> {
    Cohort::params("months", "died")
        .unit(TimeUnit::Months)
        .treatments(["drug"])
        .groupings(["hospital"])
        .frame(frame)
}

#[test]
fn a_frame_is_read_with_the_family_of_every_column() {
    let cohort = read(&frame()).unwrap();
    let family = |name| cohort.covariate(name).unwrap().family();
    assert_eq!(family("age"), Family::Normal);
    assert_eq!(family("stage"), Family::Categorical);
    assert_eq!(family("sex"), Family::Bernoulli);
    assert_eq!(family("nodes"), Family::Poisson);
    let names: Vec<&str> = cohort.covariates().iter().map(|column| column.name()).collect();
    assert_eq!(names, ["age", "stage", "sex", "nodes"]);
    assert_eq!(cohort.values().dim(), (6, 4));
    assert!(!cohort.observed_cells()[[2, 0]]);
    assert_eq!(cohort.treatment_matrix().column(0).to_vec(), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
    let text = cohort.mime_bundle().unwrap().text().to_owned();
    assert!(text.starts_with("6 patients, 4 events, 33.3 % censored"), "{text}");
    assert!(text.contains("1 time is 0") && text.contains("months"), "{text}");
    let curves = KaplanMeier::fit_by(&cohort, "hospital").unwrap();
    assert_eq!(curves.curves.len(), 3);
    // As a model, each patient has the curve of the own hospital.
    let survival = curves.survival(&cohort, &[8.0]).unwrap();
    assert_eq!(survival.column(0).to_vec(), [0.0, 1.0, 0.0, 0.5, 1.0, 0.5]);
}

/// Saves `text` and reads it.
fn read_csv(text: &str) -> Result<Cohort, Error> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Cohort::params("time", "event").csv(file.path())
}

#[test]
fn a_file_is_read_as_a_frame_is() {
    let cohort = read_csv("time,event,age,sex\n1,1,61.5,f\n2,0,NA,m\n3.5,1,40,\n").unwrap();
    assert_eq!(cohort.follow_up().times(), [1.0, 2.0, 3.5]);
    assert_eq!(cohort.covariate("age").unwrap().missing_count(), 1);
    assert_eq!(cohort.covariate("sex").unwrap().levels(), ["f", "m"]);
    assert!(cohort.covariate("sex").unwrap().values()[2].is_nan());
    let damaged = read_csv("time,event,age\n1,1,61\n2,0\n").unwrap_err();
    assert!(damaged.to_string().contains("line: 3"), "{damaged}");
    let missing = Cohort::params("time", "event").csv("no/such/file.csv").unwrap_err();
    assert!(missing.to_string().contains("no/such/file.csv"), "{missing}");
}

/// What reading says when these cells replace those of the file.
fn complaint(text: &str) -> String {
    read_csv(text).unwrap_err().to_string()
}

#[test]
fn errors_name_the_column_and_the_row() {
    let cases = [
        ("time,event,x\n1,1,5\n-2,0,6\n", r#"column "time", row 1 is -2"#),
        ("time,event,x\n1,1,5\nNA,0,6\n", r#"column "time", row 1 is missing"#),
        ("time,event,x\n1,1,5\nsoon,0,6\n", r#"column "time", row 1 is the text "soon""#),
        ("time,event,x\n1,1,5\n2,2,6\n", r#"column "event", row 1 is 2"#),
        ("time,event,x\n1,1,5\n2,,6\n", r#"column "event", row 1 is missing"#),
        ("time,event,x\n1,1,5\n2,0,5\n", r#"column "x" is constant: every value is 5"#),
        ("time,event,x\n1,1,\n2,0,\n", r#"column "x" has no values"#),
        ("time,event,x\n1,1,5\n2,0,6\n3,0,high\n", r#"column "x", row 2 is "high""#),
        ("time,event,x\n1,0,5\n2,0,6\n", "none of the 2 rows has an event"),
        ("tme,event,x\n1,0,5\n", r#"column "time" does not exist; the columns are ["tme""#),
    ];
    for (text, want) in cases {
        let got = complaint(text);
        assert!(got.starts_with(want), "{got}");
    }
}

#[test]
fn families_can_be_set_and_are_checked() {
    let params = || Cohort::params("months", "died").treatments(["drug"]);
    let set = params().family("nodes", Family::Categorical).frame(&frame()).unwrap();
    assert_eq!(set.covariate("nodes").unwrap().levels(), ["0", "1", "2", "3", "7", "12"]);
    let wrong = [
        ("age", Family::Poisson, r#"column "age", row 0 is 61.5; counts are whole"#),
        ("nodes", Family::LogNormal, r#"column "nodes", row 0 is 0; log-normal"#),
        ("stage", Family::Bernoulli, r#"column "stage" has 3 different values"#),
        ("sex", Family::Normal, r#"column "sex", row 0 is "f"; a number is expected"#),
        ("weight", Family::Normal, r#"column "weight" does not exist"#),
    ];
    for (column, family, want) in wrong {
        let got = params().family(column, family).frame(&frame()).unwrap_err().to_string();
        assert!(got.starts_with(want), "{got}");
    }
}

#[test]
fn parts_hold_the_patients_that_were_asked_for() {
    let cohort = read(&frame()).unwrap();
    let some = cohort.select(&[4, 1]).unwrap();
    assert_eq!(some.follow_up().times(), [3.0, 12.0]);
    assert_eq!(some.covariate("age").unwrap().values(), [70.25, 48.5]);
    assert_eq!(cohort.complete_cases().unwrap().len(), 5);
    assert!(cohort.select(&[6]).is_err() && cohort.select(&[]).is_err());
    let folds = cohort.folds(3, 1).unwrap();
    assert_eq!(folds, cohort.folds(3, 1).unwrap());
    let mut judged: Vec<usize> = folds.iter().flat_map(|(_, judge)| judge.clone()).collect();
    judged.sort_unstable();
    assert_eq!(judged, [0, 1, 2, 3, 4, 5]);
    for (fit, judge) in &folds {
        assert!(fit.iter().all(|i| !judge.contains(i)) && fit.len() + judge.len() == 6);
    }
    let (train, test) = cohort.split(0.5, 2).unwrap();
    assert_eq!((train.len(), test.len()), (3, 3));
    let treated = cohort.under(&[true]).unwrap();
    assert!(treated.treatments()[0].given().iter().all(|&given| given));
}

#[test]
fn missing_cells_are_refused_or_get_the_mean() {
    let cohort = Cohort::params("months", "died")
        .treatments(["drug"])
        .ignore(["stage", "sex", "nodes", "hospital"])
        .frame(&frame())
        .unwrap();
    let refused = Cox::fit(&cohort).unwrap_err().to_string();
    assert!(refused.starts_with(r#"column "age", row 2 is missing"#), "{refused}");
    let cox = Cox::params().missing(MissingCells::Mean).ridge(1.0).fit(&cohort).unwrap();
    let mean = (61.5 + 48.5 + 55.0 + 70.25 + 66.0) / 5.0;
    let mut filled = frame();
    filled
        .with_column(elbo::polars::prelude::Column::new(
            "age".into(),
            [61.5, 48.5, mean, 55.0, 70.25, 66.0],
        ))
        .unwrap();
    let filled = Cohort::params("months", "died")
        .treatments(["drug"])
        .ignore(["stage", "sex", "nodes", "hospital"])
        .frame(&filled)
        .unwrap();
    assert_eq!(cox.coefficients(), Cox::params().ridge(1.0).fit(&filled).unwrap().coefficients());
}

#[test]
fn levels_become_columns_and_must_be_known() {
    let params = || Cohort::params("months", "died").ignore(["age", "hospital"]);
    let cohort = params().frame(&frame()).unwrap();
    let cox = Cox::params().ridge(1.0).fit(&cohort).unwrap();
    assert_eq!(cox.names(), ["drug", "stage=II", "stage=III", "sex=m", "nodes"]);
    let mut other = frame();
    let stages = ["II", "I", "IV", "II", "I", "IV"];
    other.with_column(elbo::polars::prelude::Column::new("stage".into(), stages)).unwrap();
    let other = params().frame(&other).unwrap();
    let error = cox.log_hazard(&other).unwrap_err().to_string();
    assert!(error.contains(r#"column "stage" has the levels ["I", "II", "IV"]"#), "{error}");
}

#[test]
fn times_of_zero_are_moved_where_there_must_be_none_and_that_is_said() {
    let params = Cohort::params("months", "died").ignore(["stage", "sex", "age", "hospital"]);
    let cohort = params.frame(&frame()).unwrap();
    let model = WeibullAft::params().ridge(1.0).fit(&cohort).unwrap();
    let warning = model.warnings()[0].to_string();
    assert_eq!(warning, "times of 0 (1 in all) were moved to 1.5: a Weibull time is positive");
    let shown = model.mime_bundle().unwrap().text().to_owned();
    assert!(shown.contains("Warning: times of 0"), "{shown}");
}

#[test]
fn regressions_refuse_what_cannot_be_fitted() {
    let cohort = read(&frame()).unwrap();
    let none = Cohort::new(cohort.follow_up().clone(), vec![]).unwrap();
    assert!(matches!(Cox::fit(&none), Err(Error::Setting { setting: "covariates", .. })));
    let wrong = Durations::days([9.0; 6]);
    assert!(cohort.follow_up().clone().entered(wrong).is_err());
    assert!(Cox::params().ridge(-1.0).fit(&cohort).is_err());
    assert!(Cox::params().strata(["age"]).fit(&cohort).is_err());
    let twice = df!(
        "time" => [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "event" => [1i32, 1, 0, 1, 1, 1],
        "a" => [1.5, 0.25, 3.0, 2.0, 7.0, 1.0],
        "b" => [3.0, 0.5, 6.0, 4.0, 14.0, 2.0],
    );
    let twice = Cohort::params("time", "event").frame(&twice.unwrap()).unwrap();
    let error = Cox::fit(&twice).unwrap_err().to_string();
    assert!(error.starts_with(r#"the information about column "b" is singular"#), "{error}");
    let error = WeibullAft::fit(&twice).unwrap_err().to_string();
    assert!(error.contains(r#""b""#), "{error}");
}

// The number of missing cells is that of the description of the data.
#[test]
fn real_files_are_read_as_they_are() {
    let Some(folder) = real_data("reading real cohorts") else { return };
    let read = |name: &str| {
        let path = folder.join("survival").join(name);
        Cohort::params("time", "event").csv(path).unwrap()
    };
    let pbc = read("pbc.csv");
    let missing: usize = pbc.covariates().iter().map(|column| column.missing_count()).sum();
    assert_eq!((pbc.len(), missing), (418, 927));
    let family = |name| pbc.covariate(name).unwrap().family();
    assert_eq!(family("bili"), Family::LogNormal);
    assert_eq!(family("albumin"), Family::Normal);
    assert_eq!(family("stage"), Family::Categorical);
    assert_eq!(family("sex"), Family::Bernoulli);
    assert!(read("flchain.csv").follow_up().zero_times() > 0);
    let cox = Cox::params().missing(MissingCells::Mean).fit(&pbc).unwrap();
    assert!(cox.concordance() > 0.8, "{}", cox.concordance());
}

#[test]
fn models_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<Cohort>();
    check::<Cox>();
    check::<KaplanMeier>();
    check::<WeibullAft>();
}
