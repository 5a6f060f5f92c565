//! Cross-validations and comparisons as tables.

use super::{Comparison, CrossValidation, Measure, ModelScores};
use crate::{
    display::{Cell, LineChart, LineSeries, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
};

impl CrossValidation {
    /// Mean and standard deviation of every score, and what a fold took, one row for each model.
    pub fn table(&self) -> Table {
        let names = Measure::ALL.map(Measure::name);
        let columns = ["model", "folds"].into_iter().chain(names).chain(["seconds a fold"]);
        let mut table = Table::new(self.headline(), columns);
        for model in &self.models {
            let folds = model.folds.len();
            let seconds: f64 =
                model.folds.iter().map(|fold| fold.fit_seconds + fold.score_seconds).sum();
            let scores = Measure::ALL.map(|measure| written(model, measure));
            let start = [Cell::from(model.name.as_str()), folds.into()];
            let end = Cell::decimals(seconds / folds as f64, 2);
            table = table.row(start.into_iter().chain(scores).chain([end]));
        }
        table
    }

    /// Every score of every fold, one row for each fold and model.
    pub fn fold_table(&self) -> Table {
        let names = Measure::ALL.map(Measure::name);
        let columns = ["repeat", "fold", "model"].into_iter().chain(names);
        let mut table = Table::new("Folds", columns);
        for model in &self.models {
            for fold in &model.folds {
                let start = [
                    Cell::Number(fold.repeat.to_string()),
                    Cell::Number(fold.fold.to_string()),
                    Cell::from(fold.model.as_str()),
                ];
                let scores = Measure::ALL.map(|measure| Cell::decimals(measure.of(fold), 4));
                table = table.row(start.into_iter().chain(scores));
            }
        }
        table
    }

    /// All models compared with one of them by a score.
    ///
    /// # Errors
    /// Those of [`Self::compare`].
    pub fn comparisons(&self, reference: &str, measure: Measure) -> Result<Table> {
        let better = if measure.higher_is_better() { "higher" } else { "lower" };
        let title = format!("{} less that of {reference} ({better} is better)", measure.name());
        let mut table = Table::new(title, COLUMNS);
        for model in self.models.iter().filter(|model| model.name != reference) {
            table = table.row(self.compare(&model.name, reference, measure)?.cells());
        }
        Ok(table)
    }

    /// A score of every model fold by fold, those of one fold above each other.
    pub fn chart(&self, measure: Measure) -> LineChart {
        let series = self.models.iter().map(|model| LineSeries {
            name: model.name.clone(),
            points: (1..).map(f64::from).zip(model.values(measure)).collect(),
            markers: true,
            ..LineSeries::default()
        });
        LineChart {
            title: format!("Cross-validation: {}", measure.name()),
            x_label: "fold".to_owned(),
            y_label: measure.name().to_owned(),
            series: series.collect(),
            ..LineChart::default()
        }
    }

    fn headline(&self) -> String {
        let end = if self.interrupted { ", interrupted" } else { "" };
        format!(
            "Cross-validation: {} patients, {} events, mean (sd over the folds){end}",
            self.patients, self.events
        )
    }
}

fn written(model: &ModelScores, measure: Measure) -> Cell {
    let (mean, sd) = (model.mean(measure), model.standard_deviation(measure));
    Cell::Number(format!("{mean:.4} ({sd:.4})"))
}

impl RichDisplay for CrossValidation {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        self.table().mime_bundle()
    }
}

impl_evcxr_display!(CrossValidation);

const COLUMNS: [&str; 6] = ["model", "difference", "in %", "standard error", "better on", "p"];

impl Comparison {
    fn cells(&self) -> [Cell; 6] {
        [
            self.model.as_str().into(),
            Cell::Number(format!("{:+.4}", self.difference)),
            Cell::Number(format!("{:+.1}", 100.0 * self.relative)),
            Cell::decimals(self.standard_error, 4),
            Cell::Text(format!("{} of {}", self.wins, self.folds)),
            Cell::p_value(self.p_value),
        ]
    }
}

impl RichDisplay for Comparison {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("{}: compared with {}", self.measure.name(), self.reference);
        Table::new(title, COLUMNS).row(self.cells()).mime_bundle()
    }
}

impl_evcxr_display!(Comparison);
