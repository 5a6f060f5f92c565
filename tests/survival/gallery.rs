//! Every display of survival analysis on one page, for the eye.

use std::{fs, path::PathBuf};

use elbo::{
    data,
    display::RichDisplay,
    survival::{
        Cox, KaplanMeier, LogRank, MissingCells, SurvivalModel, TimeTransform, WeibullAft,
        Weighting, predicted_curves,
        scores::{Brier, Calibration, Censoring, Scores},
    },
};

#[test]
#[ignore = "writes a page to look at"]
fn gallery() {
    let trial = data::cohort(7);
    let (train, test) = trial.split(0.7, 1).unwrap();
    let (train, judged) = (&train.cohort, &test.cohort);
    let cox = Cox::params().missing(MissingCells::Mean).fit(train).unwrap();
    let aft = WeibullAft::params().missing(MissingCells::Mean).fit(train).unwrap();
    let nobody = KaplanMeier::fit(train.follow_up()).unwrap();
    let models: [&dyn SurvivalModel; 4] = [&nobody, &cox, &aft, &test.truth];
    let censoring = Censoring::of(train.follow_up());
    let times: Vec<f64> = (1..=30).map(|i| 2.0 * f64::from(i)).collect();
    let briers = models.map(|model| Brier::of(model, &censoring, judged, &times).unwrap());
    let names: Vec<String> = models.iter().map(|model| model.name()).collect();
    let brier = Brier::chart(names.iter().map(String::as_str).zip(&briers));
    let scores = models.map(|model| Scores::of(model, train, judged).unwrap());
    let shown: [&dyn RichDisplay; 13] = [
        &trial.cohort,
        &KaplanMeier::fit(trial.cohort.follow_up()).unwrap(),
        &KaplanMeier::fit_by(&trial.cohort, "stage").unwrap(),
        &LogRank::of(&trial.cohort, "stage", Weighting::LogRank).unwrap(),
        &cox,
        &cox.forest(),
        &cox.proportionality(train, TimeTransform::Rank).unwrap(),
        &aft,
        &predicted_curves(&cox, judged, &[0, 5, 9, 12]).unwrap(),
        &brier,
        &Calibration::of(&cox, judged, 48.0, 5).unwrap().chart("Cox"),
        &scores[1],
        &Scores::table(&scores),
    ];
    let forms = shown.iter().map(|shown| {
        let bundle = shown.mime_bundle().unwrap();
        let rich = bundle.svg().or(bundle.html()).unwrap();
        format!("<div>{rich}</div>\n<pre>{}</pre>\n", bundle.text().replace('<', "&lt;"))
    });
    let page = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("survival.html");
    fs::write(&page, format!("<meta charset=\"utf-8\">{}", forms.collect::<String>())).unwrap();
    println!("{}", page.display());
}
