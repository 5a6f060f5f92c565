//! Single scores as pictures and tables. Those of a model together are a
//! [`Scores`](super::Scores).

use super::{Brier, Calibration, Concordance, DCalibration, TimeAuc};
use crate::{
    display::{Cell, LineChart, LineSeries, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    survival::display::p_equation,
};

/// Pairs, and the index with ties counting half.
impl RichDisplay for Concordance {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("Concordance {:.4}", self.index());
        let rows =
            [("concordant", self.concordant), ("tied", self.tied), ("discordant", self.discordant)];
        let table = Table::new(title, ["pairs", "count", "share"]);
        let row = |table: Table, (name, count): (&str, f64)| {
            let share = Cell::decimals(count / self.pairs(), 4);
            table.row([name.into(), Cell::decimals(count, 0), share])
        };
        rows.into_iter().fold(table, row).mime_bundle()
    }
}

/// The score over time.
impl RichDisplay for Brier {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        Brier::chart([("", self)]).mime_bundle()
    }
}

/// The area over time.
impl RichDisplay for TimeAuc {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let series = LineSeries {
            points: self.times.iter().copied().zip(self.areas.iter().copied()).collect(),
            ..LineSeries::default()
        };
        LineChart {
            title: format!("Area under the curve, mean {:.3}", self.mean),
            x_label: self.unit.axis(),
            y_label: "area (higher is better)".to_owned(),
            series: vec![series],
            ..LineChart::default()
        }
        .mime_bundle()
    }
}

/// Observed against predicted survival.
impl RichDisplay for Calibration {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        self.chart("").mime_bundle()
    }
}

/// Patients in every bin.
impl RichDisplay for DCalibration {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!(
            "D-calibration: χ² = {:.2} on {} degrees of freedom, {}",
            self.statistic,
            self.counts.len() - 1,
            p_equation(self.p_value)
        );
        let expected = self.counts.iter().sum::<f64>() / self.counts.len() as f64;
        let width = 1.0 / self.counts.len() as f64;
        let mut table = Table::new(title, ["S at the own time", "patients", "expected"]);
        for (bin, &count) in self.counts.iter().enumerate() {
            let (low, high) = (width * bin as f64, width * (bin + 1) as f64);
            table = table.row([
                Cell::Text(format!("{low:.1} to {high:.1}")),
                Cell::decimals(count, 1),
                Cell::decimals(expected, 1),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Concordance);
impl_evcxr_display!(Brier);
impl_evcxr_display!(TimeAuc);
impl_evcxr_display!(Calibration);
impl_evcxr_display!(DCalibration);
