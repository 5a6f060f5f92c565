//! Recommendations as a table and as pictures.

use super::Recommendation;
use crate::{
    display::{Cell, LineChart, LineSeries, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
};

/// Patients of a table.
const SHOWN: usize = 8;
/// Standard errors on either side of an interval of 95 %.
const Z_95: f64 = 1.96;

impl Recommendation {
    /// What is recommended how often, with the mean gain of those for whom it is.
    pub fn summary(&self) -> Table {
        let unit = self.rule.axis(&self.unit);
        let title = match self.rule.price() {
            0.0 => format!("By the largest {unit}"),
            price => format!("By {unit}, each treatment for at least {price}"),
        };
        let columns = ["recommended", "patients", "share", "mean gain over no treatment"];
        let (counts, gains) = (self.counts(), self.gains());
        let mut table = Table::new(title, columns);
        for (combination, &count) in counts.iter().enumerate() {
            let those = (0..self.chosen.len()).filter(|&i| self.chosen[i] == combination);
            let sum: f64 = those.map(|i| gains[[i, combination]]).sum();
            let mean = if count > 0 { Cell::decimals(sum / count as f64, 3) } else { "".into() };
            table = table.row([
                self.combination_name(combination).into(),
                count.into(),
                Cell::decimals(count as f64 / self.chosen.len() as f64, 3),
                mean,
            ]);
        }
        table
    }

    /// The first patients: their values under every combination, the gain of what is recommended and
    /// its Monte Carlo error.
    pub fn patients(&self) -> Table {
        let names = (0..self.combinations.len()).map(|index| self.combination_name(index));
        let first = std::iter::once("patient".to_owned());
        let last = ["recommended", "gain", "± (Monte Carlo)", "effective draws"];
        let columns = first.chain(names).chain(last.map(str::to_owned));
        let mut table = Table::new(self.rule.axis(&self.unit), columns);
        let gains = self.gains();
        for (patient, &chosen) in self.chosen.iter().enumerate().take(SHOWN) {
            let values = self.values.row(patient).to_vec();
            let cells = std::iter::once(Cell::from(patient))
                .chain(values.into_iter().map(|value| Cell::decimals(value, 3)))
                .chain([
                    self.combination_name(chosen).into(),
                    Cell::decimals(gains[[patient, chosen]], 3),
                    Cell::decimals(self.errors[[patient, chosen]], 4),
                    Cell::decimals(self.effective_draws[patient], 0),
                ]);
            table = table.row(cells);
        }
        table
    }

    /// The gain of every combination over no treatment, patients sorted by it, with intervals of
    /// 95 % that show the Monte Carlo error.
    pub fn chart(&self) -> LineChart {
        let gains = self.gains();
        let series = (1..self.combinations.len()).map(|combination| {
            let mut order: Vec<usize> = (0..self.chosen.len()).collect();
            order.sort_by(|&a, &b| gains[[a, combination]].total_cmp(&gains[[b, combination]]));
            let points = order.iter().enumerate();
            let points = points.map(|(rank, &i)| (rank as f64, gains[[i, combination]]));
            let interval = |&i: &usize| {
                let (gain, half) = (gains[[i, combination]], Z_95 * self.errors[[i, combination]]);
                (gain - half, gain + half)
            };
            LineSeries {
                name: self.combination_name(combination),
                points: points.collect(),
                intervals: order.iter().map(interval).collect(),
                ..LineSeries::default()
            }
        });
        LineChart {
            title: "Gain over no treatment".to_owned(),
            x_label: "patients, in the order of their gain".to_owned(),
            y_label: format!("gain in {}", self.rule.axis(&self.unit)),
            series: series.collect(),
            ..LineChart::default()
        }
    }
}

impl RichDisplay for Recommendation {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (summary, patients) = (self.summary().mime_bundle()?, self.patients().mime_bundle()?);
        let text = format!("{}\n\n{}", summary.text(), patients.text());
        let html = format!(
            "<div>{}{}</div>",
            summary.html().unwrap_or_default(),
            patients.html().unwrap_or_default()
        );
        Ok(MimeBundle::new(text).with_html(html))
    }
}

impl_evcxr_display!(Recommendation);
