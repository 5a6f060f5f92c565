//! Synthetic patients and imputed cells.

use elbo::{
    Fit, Savae,
    display::RichDisplay,
    savae::LatentOutcome,
    survival::{Cohort, Covariate, Family},
};

use crate::{close, patients, small};

fn trained() -> (Savae<3>, Cohort) {
    let cohort = patients(800);
    let fit = Fit::new().epochs(60).batch(64).learning_rate(3e-3);
    (small::<3>().fit(&cohort, fit).unwrap().0, cohort)
}

fn mean(covariate: &Covariate) -> (f64, f64) {
    let present: Vec<f64> = covariate
        .values()
        .iter()
        .filter(|value| !value.is_nan())
        .map(|&value| if covariate.family() == Family::LogNormal { value.ln() } else { value })
        .collect();
    let count = present.len() as f64;
    let mean = present.iter().sum::<f64>() / count;
    let variance = present.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

#[test]
fn synthetic_patients_look_like_those_of_the_training() {
    let (savae, cohort) = trained();
    let synthetic = savae.synthetic(4_000, 3).unwrap();
    assert_eq!(synthetic, savae.synthetic(4_000, 3).unwrap());
    assert_ne!(synthetic, savae.synthetic(4_000, 4).unwrap());
    for real in cohort.covariates() {
        let other = synthetic.covariate(real.name()).unwrap();
        assert_eq!((other.family(), other.levels()), (real.family(), real.levels()));
        let ((m, s), (other_m, other_s)) = (mean(real), mean(other));
        // The training's own mean has an error of s/√800 = 0.035 s; the model is short of perfect.
        close(other_m, m, 0.2 * s, real.name());
        close(other_s, s, 0.25 * s, real.name());
    }
    for (real, other) in cohort.treatments().iter().zip(synthetic.treatments()) {
        let share = |given: &[bool]| {
            given.iter().filter(|given| **given).count() as f64 / given.len() as f64
        };
        close(share(other.given()), share(real.given()), 0.06, real.name());
    }
    // No censoring before the end: more events, at the times that Kaplan and Meier expect.
    let curve = elbo::KaplanMeier::fit(cohort.follow_up()).unwrap();
    let other = elbo::KaplanMeier::fit(synthetic.follow_up()).unwrap();
    for time in [12.0, 36.0, 60.0] {
        close(
            other.survival_at(time),
            curve.survival_at(time),
            0.06,
            "survival of synthetic patients",
        );
    }
}

#[test]
fn what_was_hidden_is_imputed_better_than_by_the_mean() {
    let (savae, cohort) = trained();
    // Cells that are known, hidden from the model: stage and the mass of the tumour go together.
    let hide = |name: &str| {
        let covariates: Vec<Covariate> = cohort
            .covariates()
            .iter()
            .map(|covariate| {
                let values = covariate.values().iter().enumerate().map(|(i, &value)| {
                    if covariate.name() == name && i % 4 == 0 { f64::NAN } else { value }
                });
                match covariate.levels().is_empty() {
                    true => Covariate::new(covariate.name(), covariate.family(), values).unwrap(),
                    false => covariate.clone(),
                }
            })
            .collect();
        let changed = Cohort::new(cohort.follow_up().clone(), covariates).unwrap();
        changed.with_treatments(cohort.treatments().to_vec()).unwrap()
    };
    let name = "nodal_sites";
    let imputation = savae.impute(&hide(name), 3, 1).unwrap();
    let known = cohort.covariate(name).unwrap();
    let (average, _) = mean(known);
    let (mut model, mut naive, mut inside, mut count) = (0.0, 0.0, 0.0, 0.0);
    for cell in imputation.cells.iter().filter(|cell| cell.column == name) {
        let truth = known.values()[cell.patient];
        if truth.is_nan() {
            continue;
        }
        model += (cell.mean - truth).powi(2);
        naive += (average - truth).powi(2);
        inside += f64::from(u8::from((cell.mean - truth).abs() < 2.0 * cell.std));
        count += 1.0;
    }
    assert!(model < naive, "{model} {naive}");
    // About 95 % within two standard deviations.
    assert!((0.85..=1.0).contains(&(inside / count)), "{}", inside / count);
    for completed in imputation.completed().iter().chain([&imputation.expected()]) {
        assert!(completed.covariates().iter().all(|column| column.missing_count() == 0));
        assert_eq!(completed.follow_up(), cohort.follow_up());
    }
    assert_ne!(imputation.completed()[0], imputation.completed()[1]);
    assert!(imputation.mime_bundle().unwrap().text().contains("missing cells"));
}

#[test]
fn the_latent_map_and_the_card_are_drawn() {
    let cohort = patients(80);
    let (savae, _) = small::<3>().fit(&cohort, Fit::new().epochs(1)).unwrap();
    for outcome in
        [LatentOutcome::Event, LatentOutcome::SurvivalBeyond(48.0), LatentOutcome::Median]
    {
        let map = savae.latent_map(&cohort, outcome).unwrap().mime_bundle().unwrap();
        assert!(map.text().contains("80 points") && map.svg().is_some());
    }
    let map = savae.latent_map_of(&cohort, LatentOutcome::Event, [3, 1]).unwrap();
    let text = map.mime_bundle().unwrap().text().to_owned();
    assert!(text.contains("\nz₃ from") && text.contains("\nz₁ from"), "{text}");
    for wrong in [[0, 1], [1, 4], [2, 2]] {
        assert!(savae.latent_map_of(&cohort, LatentOutcome::Event, wrong).is_err(), "{wrong:?}");
    }
    assert!(
        small::<1>().build(&cohort).unwrap().latent_map(&cohort, LatentOutcome::Event).is_err()
    );
    let card = savae.mime_bundle().unwrap();
    assert!(card.text().contains("intensified, radiotherapy"), "{}", card.text());
    assert!(savae.predict(&cohort).unwrap().mime_bundle().unwrap().text().contains("and 72 more"));
    assert!(savae.bound(&cohort, 1).unwrap().mime_bundle().unwrap().text().contains("log p(t|x)"));
}
