//! Numbers of survival analysis as they are read, and patients' curves.

use super::{Cohort, SurvivalModel};
use crate::{
    display::{Cell, SurvivalCurve, SurvivalCurves},
    error::{Error, Result},
};

/// Times at which a predicted curve is drawn.
const POINTS: usize = 200;
/// More patients than this cannot be told apart in one picture.
const MOST: usize = 12;

/// A p-value for a text.
fn p_value(p: f64) -> String {
    Cell::p_value(p).to_string()
}

/// The same within a sentence: `p = 0.0123` or `p < 0.0001`.
pub(crate) fn p_equation(p: f64) -> String {
    match p_value(p) {
        text if text.starts_with('<') => format!("p {text}"),
        text => format!("p = {text}"),
    }
}

/// A number with about four significant digits.
pub(crate) fn short(value: f64) -> String {
    let (Cell::Number(text) | Cell::Text(text)) = Cell::from(value);
    text
}

/// A value with its interval, where there is one.
pub(crate) fn estimate(value: f64, (low, high): (f64, f64)) -> String {
    match low.is_finite() && high.is_finite() {
        true => format!("{value:.3} ({low:.3} to {high:.3})"),
        false => format!("{value:.3}"),
    }
}

/// The survival functions that a model predicts for some patients of a cohort, up to its last time.
///
/// ```
/// use elbo::{data, survival::{Cox, MissingCells, predicted_curves}};
///
/// let cohort = data::cohort(1).cohort;
/// let cox = Cox::params().missing(MissingCells::Mean).fit(&cohort)?;
/// assert_eq!(predicted_curves(&cox, &cohort, &[0, 7])?.curves.len(), 2);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// Those of the model; [`Error::Setting`] for more patients than can be told apart.
pub fn predicted_curves(
    model: &(impl SurvivalModel + ?Sized),
    cohort: &Cohort,
    patients: &[usize],
) -> Result<SurvivalCurves> {
    if patients.len() > MOST {
        let requirement = format!("at most {MOST} curves can be told apart");
        return Err(Error::setting("patients", patients.len(), requirement));
    }
    let some = cohort.select(patients)?;
    let end = cohort.follow_up().last_time();
    let times: Vec<f64> = (0..=POINTS).map(|i| end * i as f64 / POINTS as f64).collect();
    let survival = model.survival(&some, &times)?;
    let curve = |(patient, row): (&usize, ndarray::ArrayView1<f64>)| SurvivalCurve {
        name: format!("patient {patient}"),
        times: times.clone(),
        survival: row.to_vec(),
        smooth: true,
        ..SurvivalCurve::default()
    };
    Ok(SurvivalCurves {
        title: format!("Survival predicted by {}", model.name()),
        x_label: cohort.follow_up().unit().axis(),
        y_label: "predicted survival".to_owned(),
        end,
        curves: patients.iter().zip(survival.rows()).map(curve).collect(),
        below: None,
    })
}
