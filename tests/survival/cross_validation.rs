//! Cross-validation: folds, scores by their definitions, choices, and Cox regression fold by fold as
//! the peers have it.

use elbo::{
    Result,
    display::RichDisplay,
    ndarray::Array2,
    survival::{
        Choice, Cohort, Covariate, Cox, CrossValidation, Durations, Events, Family, FollowUp,
        Grouping, KaplanMeier, Measure, Recipe, Splits, SurvivalModel, scores::FoldScore,
    },
};

use crate::{
    files::{answers, assert_all_close, assert_close},
    naive::jumble,
    support::real_data,
};

// sklearn.model_selection.KFold(4, shuffle=True, random_state=7) of 11 rows.
#[test]
fn folds_are_those_of_scikit_learn() {
    let splits = Splits::seeded(11, 4, [7]).unwrap();
    let tests: Vec<&[usize]> = splits.all().iter().map(|split| &*split.test).collect();
    assert_eq!(tests, SKLEARN);
    for split in splits.all() {
        let mut all = [split.train.clone(), split.test.clone()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..11).collect::<Vec<_>>());
        assert!(split.train.is_sorted());
    }
}

const SKLEARN: [&[usize]; 4] = [&[0, 5, 8], &[1, 2, 10], &[3, 6, 7], &[4, 9]];

#[test]
fn groups_stay_together_and_folds_are_of_similar_size() {
    let group: Vec<usize> = jumble(500, 71).iter().map(|u| (u * u * 60.0) as usize).collect();
    let splits = Splits::together(&group, 5, [0, 1]).unwrap();
    assert_eq!(splits.all().len(), 10);
    for split in splits.all() {
        let apart = |i: &usize| split.train.iter().all(|j| group[*i] != group[*j]);
        assert!(split.test.iter().all(apart));
        // No fold is larger than a fifth and the largest group together.
        assert!((1..=165).contains(&split.test.len()), "{}", split.test.len());
    }
    let everybody: Vec<usize> = (0..23).collect();
    let alone = Splits::together(&everybody, 5, [3]).unwrap();
    assert_eq!(alone, Splits::seeded(23, 5, [3]).unwrap());
    assert!(Splits::seeded(4, 5, [0]).is_err() && Splits::seeded(10, 1, [0]).is_err());
    assert!(Splits::seeded(10, 2, []).is_err() && Splits::seeded(10, 2, [1 << 40]).is_err());
    let given = Splits::given(&[vec![0, 1, 0, 2], vec![1, 1, 0, 0]]).unwrap();
    assert_eq!((given.all().len(), &*given.all()[0].test), (5, &[0, 2][..]));
    assert!(Splits::given(&[vec![0, 2, 0]]).is_err() && Splits::given(&[vec![0, 0]]).is_err());
}

fn cohort(n: usize) -> Cohort {
    let risk = jumble(n, 81);
    let times: Vec<f64> = jumble(n, 82)
        .iter()
        .zip(&risk)
        .map(|(u, r)| (-(1.0 - u).ln() / (0.2 + 2.0 * r) * 4.0).ceil() / 4.0)
        .collect();
    let observed = jumble(n, 83).into_iter().map(|u| u < 0.7);
    let follow_up = FollowUp::new(Durations::years(times), Events::observed(observed)).unwrap();
    let covariate = |name, values| Covariate::new(name, Family::Normal, values).unwrap();
    Cohort::new(follow_up, vec![covariate("x", risk), covariate("noise", jumble(n, 84))]).unwrap()
}

#[test]
fn rows_that_repeat_stay_together() {
    let plain = cohort(60);
    let rows: Vec<usize> = (0..60).chain(0..20).collect();
    let repeated = plain.select(&rows).unwrap();
    let mut want: Vec<usize> = (0..60).collect();
    want.extend(0..20);
    assert_eq!(repeated.repeats(), want);
    let params = CrossValidation::params().repeats_together();
    for split in params.splits_of(&repeated).unwrap().all() {
        assert!((0..20).all(|i| split.test.contains(&i) == split.test.contains(&(60 + i))));
    }
    let names = (0..80).map(|i| (i % 7 != 0).then(|| format!("{}", i % 9))).collect();
    let grouped = repeated.with_grouping(Grouping::new("centre", names)).unwrap();
    let splits = CrossValidation::params().group("centre").splits_of(&grouped).unwrap();
    // Whoever is in no known group is one alone.
    assert!(splits.all().iter().any(|s| s.test.contains(&0) != s.test.contains(&63)));
    assert!(CrossValidation::params().group("ward").splits_of(&grouped).is_err());
}

// S with ties of predictions, of times, and of both.
struct Rounded;

impl SurvivalModel for Rounded {
    fn name(&self) -> String {
        "rounded".to_owned()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        let x = cohort.covariate("x")?.values();
        Ok(Array2::from_shape_fn((x.len(), times.len()), |(i, j)| {
            (-(times[j] * (0.2 + (x[i] * 5.0).floor() / 2.5))).exp()
        }))
    }
}

// pycox's definitions, pair by pair and patient by patient.
#[test]
fn scores_of_a_fold_follow_their_definitions() {
    let cohort = cohort(150);
    let (times, observed) = (cohort.follow_up().times(), cohort.follow_up().observed());
    let n = times.len();
    let s = Rounded.survival(&cohort, times).unwrap();
    let (mut strict, mut strict_pairs, mut adjusted, mut adjusted_pairs) = (0.0, 0.0, 0.0, 0.0);
    for i in 0..n {
        for j in (0..n).filter(|&j| j != i) {
            let (own, other) = (s[[i, i]], s[[j, i]]);
            let half = if own == other { 0.5 } else { 0.0 };
            let below = f64::from(u8::from(own < other));
            let same = times[i] == times[j];
            if observed[i] && (times[i] < times[j] || (same && !observed[j])) {
                strict_pairs += 1.0;
                strict += below;
            }
            if (observed[i] && times[i] < times[j]) || (same && (observed[i] || observed[j])) {
                adjusted_pairs += 1.0;
                adjusted += match (same, observed[i], observed[j]) {
                    (true, true, true) => 0.5 + half,
                    (true, false, true) => f64::from(u8::from(own > other)) + half,
                    _ => below + half,
                };
            }
        }
    }
    let score = FoldScore::of(&Rounded, &cohort).unwrap();
    assert_close("strict", score.antolini.strict_index(), strict / strict_pairs, 1e-12);
    assert_close("adjusted", score.adjusted.index(), adjusted / adjusted_pairs, 1e-12);
    let censoring = KaplanMeier::fit(&cohort.follow_up().reversed()).unwrap();
    let predicted = Rounded.survival(&cohort, &score.brier.times).unwrap();
    for (j, (&time, &got)) in score.brier.times.iter().zip(&score.brier.scores).enumerate() {
        let (mut sum, mut weights) = (0.0, 0.0);
        for i in 0..n {
            let (weight, loss) = if times[i] > time {
                (1.0 / censoring.survival_at(time), (1.0 - predicted[[i, j]]).powi(2))
            } else if observed[i] {
                (1.0 / censoring.curve().before(times[i]), predicted[[i, j]].powi(2))
            } else {
                continue;
            };
            sum += weight * loss;
            weights += weight;
        }
        assert_close("Brier", got, sum / weights, 1e-12);
    }
    assert_eq!(score.brier.times.len(), 100);
    assert_eq!(score.brier.times[99], cohort.follow_up().last_time());
}

fn recipes<'a>() -> [Recipe<'a>; 2] {
    [
        Recipe::new("nobody differs", |train, _| KaplanMeier::fit(train.follow_up())),
        Recipe::new("Cox", |train, _| Cox::fit(train)),
    ]
}

#[test]
fn folds_side_by_side_give_the_scores_of_folds_in_order() {
    let cohort = cohort(200);
    let params = CrossValidation::params().folds(4).seeds([0, 5]);
    let result = params.run(&cohort, &recipes()).unwrap();
    let again = params.clone().parallel(false).run(&cohort, &recipes()).unwrap();
    assert_eq!(result.models.len(), 2);
    for (a, b) in result.models.iter().zip(&again.models) {
        assert_eq!(a.folds.len(), 8);
        for measure in Measure::ALL {
            assert_eq!(a.values(measure), b.values(measure), "{}", a.name);
        }
        let places: Vec<(u64, usize)> = a.folds.iter().map(|f| (f.repeat, f.fold)).collect();
        assert_eq!(places, [0, 5].map(|r| [0, 1, 2, 3].map(|f| (r, f))).concat());
    }
    // One fold by hand.
    let splits = params.splits_of(&cohort).unwrap();
    let split = &splits.all()[6];
    let cox = Cox::fit(&cohort.select(&split.train).unwrap()).unwrap();
    let score = FoldScore::of(&cox, &cohort.select(&split.test).unwrap()).unwrap();
    let fold = &result.model("Cox").unwrap().folds[6];
    assert_eq!(fold.integrated_brier, score.integrated_brier);
    assert_eq!((fold.train, fold.test), (split.train.len(), split.test.len()));
    let text = result.mime_bundle().unwrap().text().to_owned();
    assert!(text.contains("nobody differs") && text.contains("200 patients"), "{text}");
    assert_eq!(result.fold_table().rows.len(), 16);
}

#[test]
fn comparisons_are_paired() {
    let cohort = cohort(200);
    let result = CrossValidation::params().seeds([0, 1]).run(&cohort, &recipes()).unwrap();
    let measure = Measure::IntegratedBrier;
    let (ours, theirs) = (result.model("Cox").unwrap(), result.model("nobody differs").unwrap());
    let differences: Vec<f64> =
        ours.values(measure).iter().zip(theirs.values(measure)).map(|(a, b)| a - b).collect();
    let mean = differences.iter().sum::<f64>() / 10.0;
    let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 9.0;
    let comparison = result.compare("Cox", "nobody differs", measure).unwrap();
    assert_close("difference", comparison.difference, mean, 1e-12);
    assert_close("relative", comparison.relative, mean / theirs.mean(measure), 1e-12);
    // 40 patients are judged and 160 fitted to in every fold.
    let error = (variance * (0.1 + 0.25)).sqrt();
    assert_close("error", comparison.standard_error, error, 1e-12);
    assert_eq!(comparison.wins, differences.iter().filter(|d| **d < 0.0).count());
    assert!(comparison.p_value > 0.0 && comparison.p_value < 1.0);
    let same = result.compare("Cox", "Cox", measure).unwrap();
    assert_eq!((same.difference, same.p_value, same.wins), (0.0, 1.0, 0));
    assert!(result.compare("Cox", "SAVAE", measure).is_err());
    let table = result.comparisons("Cox", measure).unwrap();
    assert_eq!(table.rows.len(), 1);
}

// Noise has no ridge of its own to choose: the candidate that knows the covariate must win.
#[test]
fn a_choice_is_made_inside_the_patients_to_fit_to() {
    let cohort = cohort(240);
    let chosen = Recipe::chosen("chosen", recipes(), Choice::default());
    let all = [chosen, Recipe::new("Cox", |train, _| Cox::fit(train))];
    let result = CrossValidation::params().run(&cohort, &all).unwrap();
    for (a, b) in result.models[0].folds.iter().zip(&result.models[1].folds) {
        assert_eq!(a.model, "chosen (Cox)");
        assert_eq!(a.integrated_brier, b.integrated_brier);
    }
}

#[test]
fn recipes_need_names_and_their_errors_come_through() {
    let cohort = cohort(60);
    let run = |recipes: &[Recipe]| CrossValidation::params().run(&cohort, recipes);
    assert!(run(&[]).unwrap_err().to_string().contains("recipes"));
    let twice = [Recipe::new("Cox", |t, _| Cox::fit(t)), Recipe::new("Cox", |t, _| Cox::fit(t))];
    assert!(run(&twice).unwrap_err().to_string().contains("Cox"));
    let wrong = [Recipe::new("strata", |t, _| Cox::params().strata(["ward"]).fit(t))];
    assert!(run(&wrong).unwrap_err().to_string().contains("ward"));
    let other = Splits::seeded(59, 5, [0]).unwrap();
    assert!(CrossValidation::params().splits(other).run(&cohort, &recipes()).is_err());
}

#[test]
fn seeds_differ_from_fold_to_fold() {
    let seen = std::sync::Mutex::new(Vec::new());
    let recipe = Recipe::new("seeds", |train: &Cohort, seed| {
        seen.lock().unwrap().push(seed);
        KaplanMeier::fit(train.follow_up())
    });
    CrossValidation::params().seeds([0, 1, 2]).run(&cohort(80), &[recipe.in_order()]).unwrap();
    let mut seeds = seen.into_inner().unwrap();
    seeds.sort_unstable();
    seeds.dedup();
    assert_eq!(seeds.len(), 15);
}

/// Predicts at the first time of the patients that were fitted to what is asked for before it, as
/// pycox does with curves that begin there.
struct FromTheFirstTime {
    cox: Cox,
    first: f64,
}

impl SurvivalModel for FromTheFirstTime {
    fn name(&self) -> String {
        self.cox.name()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        let times: Vec<f64> = times.iter().map(|time| time.max(self.first)).collect();
        self.cox.survival(cohort, &times)
    }
}

/// The table as `survival_cv.py` prepares it: medians in missing cells, a column for each level but the
/// first, times of 0 moved.
fn prepared(folder: &std::path::Path, name: &str) -> Cohort {
    let classes: &[&str] = match name {
        "pbc" => &["edema", "stage"],
        "nwtco" => &["stage"],
        "std" => &["race", "marital", "iinfct", "condom"],
        "flchain" => &["sample.yr", "flc.grp"],
        _ => &[],
    };
    let text = std::fs::read_to_string(folder.join(format!("survival/{name}.csv"))).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<f64>> = lines
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect())
        .collect();
    let column = |name: &str| -> Vec<f64> {
        let place = names.iter().position(|other| *other == name).unwrap();
        rows.iter().map(|row| row[place]).collect()
    };
    let mut covariates = Vec::new();
    for name in names.iter().filter(|name| !["time", "event"].contains(name)) {
        let mut values = column(name);
        let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        known.sort_by(f64::total_cmp);
        let middle = known.len() / 2;
        let median = match known.len() % 2 {
            0 => 0.5 * (known[middle - 1] + known[middle]),
            _ => known[middle],
        };
        values.iter_mut().filter(|v| v.is_nan()).for_each(|v| *v = median);
        known.dedup();
        match classes.contains(name) {
            false => covariates.push(Covariate::new(*name, Family::Normal, values).unwrap()),
            true => covariates.extend(known[1..].iter().map(|level| {
                let is = values.iter().map(|v| f64::from(u8::from(v == level)));
                Covariate::new(format!("{name} {level}"), Family::Normal, is).unwrap()
            })),
        }
    }
    let times = column("time");
    let first = times.iter().copied().filter(|&t| t > 0.0).fold(f64::INFINITY, f64::min);
    let times = times.iter().map(|&time| time.max(1e-3 * first));
    let events = Events::coded(column("event")).unwrap();
    let follow_up = FollowUp::new(Durations::days(times), events).unwrap();
    Cohort::new(follow_up, covariates).unwrap()
}

// Every fold of `survival_cv.py`, whose means are the measured columns of the peers' table.
#[test]
fn cox_regression_equals_the_peers_on_every_fold() {
    let Some(folder) = real_data("cross-validation of Cox regression") else { return };
    let means = [
        ("whas", 0.7469, 0.1550),
        ("pbc", 0.8150, 0.1433),
        ("nwtco", 0.7095, 0.1091),
        ("std", 0.5970, 0.2144),
        ("flchain", 0.7913, 0.1005),
    ];
    for (name, concordance, brier) in means {
        let cohort = prepared(&folder, name);
        let cox = Recipe::new("Cox", |train: &Cohort, _| {
            let first = train.follow_up().times().iter().copied().fold(f64::INFINITY, f64::min);
            Ok(FromTheFirstTime { cox: Cox::params().ridge(1e-3).fit(train)?, first })
        });
        let result = CrossValidation::params().seeds([0, 1, 2]).run(&cohort, &[cox]).unwrap();
        let cox = &result.models[0];
        let want = answers(name, ".folds.json");
        let want = |place: usize| -> Vec<f64> {
            let rows = want.as_array().unwrap().iter();
            rows.map(|row| row[place].as_f64().unwrap()).collect()
        };
        for (place, measure) in Measure::ALL.into_iter().enumerate() {
            // Predictions that are equal on paper may differ by rounding; one pair is about 1e-6.
            assert_all_close(name, &cox.values(measure), &want(place), 2e-6);
        }
        assert_close(name, cox.mean(Measure::Antolini), concordance, 5e-5);
        assert_close(name, cox.mean(Measure::IntegratedBrier), brier, 5e-5);
    }
}
