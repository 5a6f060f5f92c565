//! Recommendations: what is chosen, and how far it may be trusted.

use elbo::{
    Fit, Savae,
    display::RichDisplay,
    savae::{Prediction, Proposal, Rule},
    survival::Cohort,
};

use crate::{close, patients, small};

fn trained() -> (Savae<2>, Cohort) {
    let cohort = patients(400);
    let (savae, _) = small::<2>().fit(&cohort, Fit::new().epochs(15).batch(64)).unwrap();
    (savae, cohort.select(&(0..30).collect::<Vec<_>>()).unwrap())
}

#[test]
fn values_are_those_of_the_predictions() {
    let (savae, some) = trained();
    let all = savae.predict_all(&some).unwrap();
    let combinations: Vec<_> = all.iter().map(|(given, _)| given.clone()).collect();
    assert_eq!(combinations, [[false, false], [true, false], [false, true], [true, true]]);
    for rule in
        [Rule::survival_beyond(48.0), Rule::mean(), Rule::median(), Rule::restricted_mean(60.0)]
    {
        let advice = savae.recommend(&some, rule).unwrap();
        for (combination, (_, predictions)) in all.iter().enumerate() {
            for patient in [0, 13, 29] {
                let of = predictions.patient(patient).unwrap();
                let want = [of.survival(48.0), of.mean(), of.median(), of.restricted_mean(60.0)];
                let got = advice.values[[patient, combination]];
                assert!(want.contains(&got), "{rule:?}: {got} is none of {want:?}");
            }
        }
        for (patient, &chosen) in advice.chosen.iter().enumerate() {
            let values = advice.values.row(patient);
            assert!(values.iter().all(|value| *value <= values[chosen]), "{rule:?}");
            assert_eq!(advice.of(patient).unwrap(), combinations[chosen]);
        }
        assert_eq!(advice.counts().iter().sum::<usize>(), 30);
        assert!(advice.gains().column(0).iter().all(|gain| *gain == 0.0));
        assert!(advice.errors.column(0).iter().all(|error| *error == 0.0));
    }
}

#[test]
fn every_treatment_must_bring_the_threshold() {
    let (savae, some) = trained();
    let free = savae.recommend(&some, Rule::survival_beyond(48.0)).unwrap();
    let price = 0.05;
    let dear = savae.recommend(&some, Rule::survival_beyond(48.0).threshold(price)).unwrap();
    let given = |chosen: usize| dear.combinations[chosen].iter().filter(|given| **given).count();
    for patient in 0..30 {
        let worth = |c: usize| dear.values[[patient, c]] - price * given(c) as f64;
        let chosen = dear.chosen[patient];
        assert!((0..4).all(|c| worth(c) <= worth(chosen)));
        assert!(given(chosen) <= given(free.chosen[patient]));
    }
    let never = savae.recommend(&some, Rule::survival_beyond(48.0).threshold(1.0)).unwrap();
    assert_eq!(never.counts(), [30, 0, 0, 0]);
}

/// Over many seeds, gains lie as far apart as their Monte Carlo errors say.
#[test]
fn monte_carlo_errors_are_how_far_gains_move_with_other_draws() {
    let (mut savae, some) = trained();
    let some = some.select(&[0, 11, 22]).unwrap();
    for proposal in [Proposal::Encoder, Proposal::Prior] {
        for rule in [Rule::survival_beyond(48.0), Rule::median(), Rule::restricted_mean(60.0)] {
            let seeds = 40;
            let mut gains = Vec::new();
            let mut errors = Vec::new();
            for seed in 0..seeds {
                let settings = Prediction::new().draws(800).seed(seed).proposal(proposal);
                savae.set_prediction(settings);
                let advice = savae.recommend(&some, rule).unwrap();
                gains.push(advice.gains()[[1, 3]]);
                errors.push(advice.errors[[1, 3]]);
            }
            let count = seeds as f64;
            let mean = gains.iter().sum::<f64>() / count;
            let spread =
                (gains.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt();
            let error = errors.iter().sum::<f64>() / count;
            // A standard deviation of 40 values has a standard error of 11 %: four of them.
            close(spread / error, 1.0, 0.45, &format!("{proposal:?} {rule:?}"));
        }
    }
}

#[test]
fn recommendations_are_shown() {
    let (savae, some) = trained();
    let advice = savae.recommend(&some, Rule::survival_beyond(48.0).threshold(0.02)).unwrap();
    let text = advice.mime_bundle().unwrap().text().to_owned();
    assert!(text.contains("By P(T > 48 months), each treatment for at least 0.02"), "{text}");
    assert!(text.contains("intensified + radiotherapy"), "{text}");
    let chart = advice.chart().mime_bundle().unwrap();
    assert!(chart.svg().is_some());
}
