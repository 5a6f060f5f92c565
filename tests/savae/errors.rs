//! What goes wrong is named.

use elbo::{
    Error, Fit,
    savae::{Prediction, Rule, TimeEmission},
    survival::{Cohort, Covariate, Durations, Events, Family, FollowUp, SurvivalModel, Treatment},
};

use crate::{patients, small};

#[test]
fn settings_outside_their_range_are_named() {
    let cohort = patients(40);
    let cases = [
        (small::<2>().hidden(0), "hidden"),
        (small::<2>().dropout(1.0), "dropout"),
        (small::<2>().hidden_outcomes(1.5), "hidden_outcomes"),
        (small::<2>().time_weight(0.0), "time_weight"),
        (small::<2>().minimum_std(-1.0), "minimum_std"),
        (small::<2>().draws(0), "draws"),
        (small::<2>().emission(TimeEmission::WeibullMixture { components: 1 }), "components"),
    ];
    for (params, name) in cases {
        let error = params.build(&cohort).unwrap_err();
        assert!(matches!(error, Error::Setting { setting, .. } if setting == name), "{error}");
    }
    let (savae, _) = small::<2>().fit(&cohort, Fit::new().epochs(1)).unwrap();
    for (error, name) in [
        (savae.predict_with(&cohort, &Prediction::new().draws(0)).unwrap_err(), "draws"),
        (savae.bound(&cohort, 0).unwrap_err(), "draws"),
        (savae.survival(&cohort, &[-1.0]).unwrap_err(), "times"),
        (savae.synthetic(0, 1).unwrap_err(), "count"),
        (savae.recommend(&cohort, Rule::survival_beyond(-2.0)).unwrap_err(), "horizon"),
        (savae.recommend(&cohort, Rule::mean().threshold(f64::NAN)).unwrap_err(), "threshold"),
        (savae.predict(&cohort).unwrap().patient(40).unwrap_err(), "patient"),
    ] {
        assert!(matches!(error, Error::Setting { setting, .. } if setting == name), "{error}");
    }
    assert!(matches!(savae.predict_under(&cohort, &[true]).unwrap_err(), Error::Shape { .. }));
}

fn follow_up(observed: bool) -> FollowUp {
    FollowUp::new(Durations::months([1.0, 2.0, 3.0]), Events::observed([observed; 3])).unwrap()
}

fn cohort(values: [f64; 3], family: Family) -> Cohort {
    let x = Covariate::new("x", family, values).unwrap();
    Cohort::new(follow_up(true), vec![x]).unwrap()
}

#[test]
fn cohorts_that_nothing_can_be_learnt_from_are_refused() {
    let nobody = Cohort::new(
        follow_up(false),
        cohort([1.0, 2.0, 3.0], Family::Normal).covariates().to_vec(),
    );
    assert!(matches!(small::<2>().build(&nobody.unwrap()).unwrap_err(), Error::NoEvents { .. }));
    let bare = Cohort::new(follow_up(true), Vec::new()).unwrap();
    assert!(matches!(small::<2>().build(&bare).unwrap_err(), Error::Shape { .. }));
    let late = follow_up(true).entered(Durations::months([0.5, 0.0, 1.0])).unwrap();
    let late = Cohort::new(late, cohort([1.0, 2.0, 3.0], Family::Normal).covariates().to_vec());
    let error = small::<2>().build(&late.unwrap()).unwrap_err();
    assert!(error.to_string().contains("left truncation"), "{error}");
    let unequal = follow_up(true).weighted([1.0, 2.0, 1.0]).unwrap();
    let unequal =
        Cohort::new(unequal, cohort([1.0, 2.0, 3.0], Family::Normal).covariates().to_vec());
    let error = small::<2>().build(&unequal.unwrap()).unwrap_err();
    assert!(error.to_string().contains("weights"), "{error}");
}

#[test]
fn patients_of_another_table_are_told_apart() {
    let known = cohort([1.0, 2.0, 3.0], Family::LogNormal);
    let savae = small::<2>().build(&known).unwrap();
    let error = savae.predict(&cohort([1.0, -2.0, 3.0], Family::Normal)).unwrap_err();
    assert!(matches!(error, Error::Cell { row: 1, .. }), "{error}");
    let error = savae.predict(&cohort([0.0, 1.0, 1.0], Family::Bernoulli)).unwrap_err();
    assert!(error.to_string().contains("the model knows numbers"), "{error}");
    let other = Covariate::new("other", Family::Normal, [1.0, 2.0, 3.0]).unwrap();
    let error = savae.predict(&Cohort::new(follow_up(true), vec![other]).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Column { ref column, .. } if column == "x"), "{error}");
    let treated = known.clone().with_treatments(vec![Treatment::new("t", [true, false, true])]);
    let savae = small::<2>().build(&treated.unwrap()).unwrap();
    let error = savae.predict(&known).unwrap_err();
    assert!(matches!(error, Error::Column { ref column, .. } if column == "t"), "{error}");
}

#[test]
fn columns_may_stand_in_another_order_and_more_may_come() {
    let cohort = patients(60);
    let (savae, _) = small::<2>().fit(&cohort, Fit::new().epochs(1)).unwrap();
    let mut covariates = cohort.covariates().to_vec();
    covariates.reverse();
    covariates.push(Covariate::new("more", Family::Normal, (0..60).map(f64::from)).unwrap());
    let mut treatments = cohort.treatments().to_vec();
    treatments.reverse();
    let other = Cohort::new(cohort.follow_up().clone(), covariates).unwrap();
    let other = other.with_treatments(treatments).unwrap();
    assert_eq!(
        savae.survival(&cohort, &[12.0, 48.0]).unwrap(),
        savae.survival(&other, &[12.0, 48.0]).unwrap()
    );
}

#[test]
fn a_model_without_treatments_predicts_and_recommends_nothing() {
    let cohort = patients(60).with_treatments(Vec::new()).unwrap();
    let (savae, _) = small::<2>().fit(&cohort, Fit::new().epochs(2)).unwrap();
    assert_eq!(savae.predict_all(&cohort).unwrap().len(), 1);
    let error = savae.recommend(&cohort, Rule::mean()).unwrap_err();
    assert!(matches!(error, Error::Setting { setting: "treatments", .. }), "{error}");
    let penalised = Fit::new().mega(elbo::mega::MegaPenalty::new(1.0));
    let error = small::<2>().fit(&cohort, penalised).unwrap_err();
    assert!(matches!(error, Error::Setting { setting: "mega", .. }), "{error}");
}
