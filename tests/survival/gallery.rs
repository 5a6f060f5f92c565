//! Every display of survival analysis on one page, for the eye.

use std::{fs, path::PathBuf};

use elbo::{
    data,
    display::RichDisplay,
    survival::{
        Cohort, Counting, Cox, CrossValidation, KaplanMeier, LogRank, Measure, MissingCells,
        NelsonAalen, Recipe, SurvivalModel, TimeTransform, WeibullAft, Weighting, predicted_curves,
        scores::{
            Brier, Calibration, Censoring, DCalibration, FoldScore, Scores, TimeAuc, harrell,
        },
    },
};

/// Single scores, the numbers at risk, the cumulative hazard, and a cross-validation.
fn more() -> Vec<Box<dyn RichDisplay>> {
    let (train, test) = data::cohort(7).cohort.split(0.5, 1).unwrap();
    let fit = |train: &Cohort, _| Cox::params().missing(MissingCells::Mean).fit(train);
    let cox = fit(&train, 0).unwrap();
    let censoring = Censoring::of(train.follow_up());
    let times: Vec<f64> = (1..=20).map(|i| 3.0 * f64::from(i)).collect();
    let risk = cox.risk(&test).unwrap().to_vec();
    let nobody =
        Recipe::new("nobody differs", |train: &Cohort, _| KaplanMeier::fit(train.follow_up()));
    let recipes = [nobody, Recipe::new("Cox", fit)];
    let validation = CrossValidation::params().run(&test, &recipes).unwrap();
    let measure = Measure::IntegratedBrier;
    let stages = KaplanMeier::fit_by(&train, "stage").unwrap();
    vec![
        Box::new(NelsonAalen::fit(train.follow_up(), 0.95).unwrap()),
        Box::new(stages.at_risk(&[0.0, 24.0, 48.0, 72.0], Counting::JustAfter)),
        Box::new(harrell(test.follow_up(), &risk).unwrap()),
        Box::new(Brier::of(&cox, &censoring, &test, &times).unwrap()),
        Box::new(FoldScore::of(&cox, &test).unwrap().brier),
        Box::new(TimeAuc::of(&cox, &censoring, &test, &times).unwrap()),
        Box::new(Calibration::of(&cox, &test, 48.0, 5).unwrap()),
        Box::new(DCalibration::of(&cox, &test).unwrap()),
        Box::new(LogRank::stratified(&train, "gender", Weighting::Peto, &["stage"]).unwrap()),
        Box::new(validation.chart(measure)),
        Box::new(validation.compare("Cox", "nobody differs", measure).unwrap()),
        Box::new(validation.fold_table()),
        Box::new(validation),
    ]
}

#[test]
fn every_value_shows_itself() {
    for shown in more() {
        let bundle = shown.mime_bundle().unwrap();
        let rich = bundle.svg().or(bundle.html()).unwrap();
        assert!(!bundle.text().contains("NaN") && !rich.contains("NaN"), "{}", bundle.text());
        assert!(bundle.text().lines().count() > 2, "{}", bundle.text());
    }
}

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
    let more = more();
    let more = more.iter().map(|shown| &**shown);
    let forms = shown.into_iter().chain(more).map(|shown| {
        let bundle = shown.mime_bundle().unwrap();
        let rich = bundle.svg().or(bundle.html()).unwrap();
        format!("<div>{rich}</div>\n<pre>{}</pre>\n", bundle.text().replace('<', "&lt;"))
    });
    let page = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("survival.html");
    fs::write(&page, format!("<meta charset=\"utf-8\">{}", forms.collect::<String>())).unwrap();
    println!("{}", page.display());
}
