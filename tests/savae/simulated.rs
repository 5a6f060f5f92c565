//! The simulated trial, whose truth is known: how far predictions are from it, and what advice is
//! worth.

use elbo::{
    Cox, Savae,
    data::{self, SimulatedCohort},
    ndarray::Array2,
    savae::{Prediction, Rule},
    survival::{
        Cohort, KaplanMeier, MissingCells, SurvivalModel,
        scores::{Brier, Censoring},
    },
};

use crate::policies::{chosen_by, with_products};

/// Four years, in months.
const HORIZON: f64 = 48.0;
const COMBINATIONS: [[bool; 2]; 4] = [[false, false], [true, false], [false, true], [true, true]];

/// Some splits of the trial into 1,500 and 212 patients, with a model of each.
fn splits() -> Vec<(SimulatedCohort, SimulatedCohort, Savae<4>)> {
    let trial = data::cohort(7);
    let split = |seed: u64| {
        let (train, test) = trial.split(0.876, 100 + seed).unwrap();
        let params = Savae::<4>::params().seed(seed).device(elbo::Device::cpu());
        let fit = Savae::<4>::training().seed(seed);
        let (mut savae, _) = params.fit(&train.cohort, fit).unwrap();
        savae.set_prediction(Prediction::new().draws(200));
        (train, test, savae)
    };
    (0..3).map(split).collect()
}

fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.into_iter().collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_square(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    mean((a - b).mapv(|difference| difference * difference))
}

#[test]
fn predictions_are_nearer_to_the_truth_than_those_of_cox_regression() {
    let times: Vec<f64> = (1..=24).map(|i| 3.0 * f64::from(i)).collect();
    let (mut distances, mut scores) = (Vec::new(), Vec::new());
    for (train, test, savae) in splits() {
        let cox = Cox::params().missing(MissingCells::Mean).fit(&train.cohort).unwrap();
        let truth = test.truth.survival(&test.cohort, &times).unwrap();
        let far = |model: &dyn SurvivalModel| {
            mean_square(&model.survival(&test.cohort, &times).unwrap(), &truth)
        };
        distances.push([far(&savae), far(&cox)]);
        let censoring = Censoring::of(train.cohort.follow_up());
        let brier = |model: &dyn SurvivalModel| {
            let of = Brier::of(model, &censoring, &test.cohort, &times).unwrap();
            [of.integrated().unwrap(), of.scores[15]]
        };
        scores.push((brier(&savae), brier(&cox)));
    }
    println!("squared distances from the truth, SAVAE and Cox: {distances:?}");
    println!("integrated and four-year Brier scores: {scores:?}");
    assert!(distances.iter().all(|[savae, cox]| savae < cox), "{distances:?}");
    let of = |i: usize, savae: bool| {
        mean(scores.iter().map(|(ours, theirs)| if savae { ours[i] } else { theirs[i] }))
    };
    // Scores of 212 patients, most of them censored, vary more than the models differ; the mean over
    // splits of the same patients varies less.
    assert!(of(0, true) < of(0, false) && of(1, true) < of(1, false), "{scores:?}");
}

#[test]
fn advice_is_worth_more_than_what_was_done_and_selection_misleads_who_ignores_it() {
    let mut values = Vec::new();
    let mut effects = Vec::new();
    for (train, test, savae) in splits() {
        let truth = COMBINATIONS
            .map(|given| test.truth.survival_under(given, &[HORIZON]).unwrap().column(0).to_vec());
        let advice = savae.recommend(&test.cohort, Rule::survival_beyond(HORIZON)).unwrap();
        let given = test.cohort.treatment_matrix();
        let value = |chosen: &dyn Fn(usize) -> usize| {
            mean((0..test.cohort.len()).map(|i| truth[chosen(i)][i]))
        };
        let best = |i: usize| (0..4).max_by(|a, b| truth[*a][i].total_cmp(&truth[*b][i])).unwrap();
        let with_interactions = |cohort: &Cohort| with_products(cohort, false);
        let params = Cox::params().missing(MissingCells::Mean);
        let plain = params.clone().fit(&train.cohort).unwrap();
        let interacting = params.ridge(0.01).fit(&with_interactions(&train.cohort)).unwrap();
        let by_plain = chosen_by(&plain, &test.cohort, HORIZON, Cohort::clone);
        let by_interacting = chosen_by(&interacting, &test.cohort, HORIZON, with_interactions);
        values.push([
            value(&|_| 0),
            value(&|i| (given[[i, 0]] + 2.0 * given[[i, 1]]) as usize),
            value(&|i| by_interacting[i]),
            value(&|i| by_plain[i]),
            value(&|_| 3),
            value(&|i| advice.chosen[i]),
            value(&best),
        ]);
        // The effect of the intensified therapy on four-year survival.
        let everybody = |given| mean(train.truth.survival_under(given, &[HORIZON]).unwrap());
        let effect = everybody([true, false]) - everybody([false, false]);
        let curves = KaplanMeier::fit_by(&train.cohort, "intensified").unwrap().curves;
        let naive = curves[1].1.survival_at(HORIZON) - curves[0].1.survival_at(HORIZON);
        let predicted = |given: [bool; 2]| {
            mean(savae.predict_under(&train.cohort, &given).unwrap().survival(&[HORIZON]).unwrap())
        };
        effects.push([effect, naive, predicted([true, false]) - predicted([false, false])]);
    }
    let means: [f64; 7] = std::array::from_fn(|policy| mean(values.iter().map(|of| of[policy])));
    println!(
        "four-year survival: nobody, as observed, Cox with interactions, Cox, everybody both, SAVAE, oracle"
    );
    println!("{values:.4?}, means {means:.4?}");
    println!("effect of the intensified therapy: truth, naive, SAVAE: {effects:?}");
    for [nobody, observed, interacting, .., advised, oracle] in values {
        assert!(
            advised > interacting
                && advised > observed + 0.05
                && advised > nobody + 0.1
                && advised <= oracle
        );
        // Most of what could be gained over what was done.
        assert!(advised - observed > 0.7 * (oracle - observed), "{observed} {advised} {oracle}");
    }
    for [effect, naive, predicted] in effects {
        assert!(
            (predicted - effect).abs() < (naive - effect).abs(),
            "{effect} {naive} {predicted}"
        );
    }
}
