//! Accuracies of several labels and methods in one table.

use super::{Evaluation, MethodScores};
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
};

/// Mean accuracy and standard deviation by label (rows) and method (columns), in the form of the
/// tables of Beaulac and Rosenthal 2022.
///
/// ```
/// use elbo::{
///     classify::{AccuracyTable, MajorityVote, evaluate},
///     data::handwriting,
///     display::RichDisplay,
/// };
///
/// let images = handwriting().writers(2).repeats(2).images::<28>();
/// let mut evaluations = Vec::new();
/// for label in ["digit", "writer"] {
///     let trials = evaluate(label).repeats(2);
///     evaluations.push(trials.method("majority", |train, _| MajorityVote::fit(train, label)).run(&images)?);
/// }
/// let text = AccuracyTable::of("Two labels", &evaluations).mime_bundle()?.text().to_owned();
/// assert!(text.contains("digit   0.1000 (0.0000)"), "{text}");
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AccuracyTable {
    title: String,
    evaluations: Vec<Evaluation>,
}

impl AccuracyTable {
    /// A row for each evaluation, a column for each method of any of them.
    pub fn of<'a>(
        title: impl Into<String>,
        evaluations: impl IntoIterator<Item = &'a Evaluation>,
    ) -> Self {
        Self { title: title.into(), evaluations: evaluations.into_iter().cloned().collect() }
    }

    /// The names of the methods, in the order in which they come up.
    fn methods(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for method in self.evaluations.iter().flat_map(|evaluation| &evaluation.methods) {
            if !names.contains(&method.name.as_str()) {
                names.push(&method.name);
            }
        }
        names
    }
}

fn cell(scores: &MethodScores) -> Cell {
    let deviation = scores.standard_deviation();
    Cell::Number(match deviation.is_nan() {
        true => format!("{:.4}", scores.mean()),
        false => format!("{:.4} ({deviation:.4})", scores.mean()),
    })
}

impl RichDisplay for AccuracyTable {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let methods = self.methods();
        let columns: Vec<&str> = ["target"].into_iter().chain(methods.iter().copied()).collect();
        let mut table = Table::new(self.title.clone(), columns);
        for evaluation in &self.evaluations {
            let cells = methods.iter().map(|name| match evaluation.of(name) {
                Ok(scores) => cell(scores),
                Err(_) => Cell::Number("–".to_owned()),
            });
            table = table.row([evaluation.label.clone().into()].into_iter().chain(cells));
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(AccuracyTable);
