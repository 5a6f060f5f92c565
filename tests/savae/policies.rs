//! Whom other models would treat.

use elbo::survival::{Cohort, Covariate, Family, SurvivalModel, Treatment};

/// A cohort with more columns: the squares of its own if asked for, then the product of every column
/// with every treatment.
pub fn with_products(cohort: &Cohort, squares: bool) -> Cohort {
    let mut columns = cohort.covariates().to_vec();
    let column =
        |name: String, values: Vec<f64>| Covariate::new(name, Family::Normal, values).unwrap();
    if squares {
        for of in cohort.covariates() {
            let values = of.values().iter().map(|x| x * x).collect();
            columns.push(column(format!("{}²", of.name()), values));
        }
    }
    for of in columns.clone() {
        for treatment in cohort.treatments() {
            // Also where the covariate is missing the product without treatment is 0.
            let cells = of.values().iter().zip(treatment.given());
            let values = cells.map(|(&x, &given)| if given { x } else { 0.0 }).collect();
            columns.push(column(format!("{} × {}", of.name(), treatment.name()), values));
        }
    }
    let with_columns = Cohort::new(cohort.follow_up().clone(), columns).unwrap();
    with_columns.with_treatments(cohort.treatments().to_vec()).unwrap()
}

/// The combination of treatments with the largest predicted survival at the horizon, of every
/// patient: bit j is treatment j. `prepared` makes the columns that the model was fitted to.
pub fn chosen_by(
    model: &dyn SurvivalModel,
    patients: &Cohort,
    horizon: f64,
    prepared: impl Fn(&Cohort) -> Cohort,
) -> Vec<usize> {
    let (n, combinations) = (patients.len(), 1 << patients.treatments().len());
    let rows: Vec<usize> = (0..combinations * n).map(|row| row % n).collect();
    let under = patients.treatments().iter().enumerate().map(|(j, treatment)| {
        Treatment::new(treatment.name(), (0..combinations * n).map(|row| ((row / n) >> j) & 1 == 1))
    });
    let stacked = patients.select(&rows).unwrap().with_treatments(under.collect()).unwrap();
    let survival = model.survival(&prepared(&stacked), &[horizon]).unwrap();
    let of = |patient: usize, combination: usize| survival[[combination * n + patient, 0]];
    let best = |i: usize| (0..combinations).max_by(|&a, &b| of(i, a).total_cmp(&of(i, b)));
    (0..n).map(|patient| best(patient).unwrap()).collect()
}
