//! Training curves by epoch.

mod drawing;
#[cfg(test)]
mod tests;

use super::{
    Cell, MimeBundle, RichDisplay, Table,
    axis::extent,
    impl_evcxr_display,
    text::{count, number, titled},
};
use crate::error::{Error, Result};

/// Training curves in panels side by side: an SVG drawing, with the last values as a table in the
/// text form.
///
/// ```
/// use elbo::display::{Curves, Panel, RichDisplay, Series};
///
/// let train = Series { name: "train".into(), values: vec![-150.0, -120.0, -110.0] };
/// let validation = Series { name: "validation".into(), values: vec![-148.0, -121.0, -122.0] };
/// let elbo = Panel { name: "ELBO".into(), unit: "nats".into(), series: vec![train, validation] };
/// let curves = Curves { title: "Training".into(), panels: vec![elbo], marker: Some(2), ..Curves::default() };
/// assert!(curves.mime_bundle()?.text().contains("ELBO, validation"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// Stands above the panels.
    pub title: String,
    /// From left to right; three fit into one line.
    pub panels: Vec<Panel>,
    /// The best epoch, counted from 1. An epoch for which there are no values is not marked.
    pub marker: Option<usize>,
    /// What the values are counted by.
    pub round: Round,
}

/// A pass after which there is a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Round {
    /// Over all rows.
    #[default]
    Epoch,
    /// Of an algorithm such as EM.
    Iteration,
}

impl Round {
    fn name(self) -> &'static str {
        match self {
            Round::Epoch => "epoch",
            Round::Iteration => "iteration",
        }
    }
}

/// One quantity by epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Such as `ELBO`.
    pub name: String,
    /// Such as `nats`; may be empty.
    pub unit: String,
    /// Lines in one plot, such as training and validation. A name looks the same in all panels.
    pub series: Vec<Series>,
}

/// The values of one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Such as `validation`.
    pub name: String,
    /// One value per epoch, from epoch 1. A value that is not finite leaves a gap.
    pub values: Vec<f64>,
}

impl Panel {
    /// The lowest and the highest finite value.
    fn range(&self) -> Option<(f64, f64)> {
        extent(self.series.iter().flat_map(|series| series.values.iter().copied()))
    }
}

impl Series {
    /// The value in an epoch, counted from 1, if there is a finite one.
    fn at(&self, epoch: usize) -> Option<f64> {
        let value = self.values.get(epoch.checked_sub(1)?)?;
        value.is_finite().then_some(*value)
    }
}

impl Curves {
    /// The last epoch of the longest line.
    fn epochs(&self) -> usize {
        let series = self.panels.iter().flat_map(|panel| &panel.series);
        series.map(|series| series.values.len()).max().unwrap_or(0)
    }

    /// Names of the lines, each once, in the order of their first use.
    fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for series in self.panels.iter().flat_map(|panel| &panel.series) {
            if !names.contains(&series.name.as_str()) {
                names.push(&series.name);
            }
        }
        names
    }

    /// The marked epoch, if there are values for it.
    fn marked(&self) -> Option<usize> {
        self.marker.filter(|epoch| (1..=self.epochs()).contains(epoch))
    }

    fn text(&self) -> String {
        let epochs = self.epochs();
        if epochs == 0 {
            return titled(&self.title, &format!("no {}s yet", self.round.name()));
        }
        let round = self.round.name();
        let mut columns = vec!["curve".to_owned(), format!("{round} {}", count(epochs))];
        columns.extend(self.marked().map(|best| format!("best {round} {}", count(best))));
        columns.extend(["lowest".to_owned(), "highest".to_owned()]);
        let mut table = Table::new(&self.title, columns);
        for panel in &self.panels {
            let rows = panel.series.iter().map(|series| self.row(panel, series));
            table.rows.extend(rows);
        }
        table.to_text()
    }

    /// A line's values in the last and in the marked epoch, its lowest and its highest.
    fn row(&self, panel: &Panel, series: &Series) -> Vec<Cell> {
        let unit = if panel.unit.is_empty() { String::new() } else { format!(" ({})", panel.unit) };
        let shown = |value: Option<f64>| Cell::Number(value.map_or("-".to_owned(), number));
        let range = extent(series.values.iter().copied());
        let mut row = vec![Cell::from(format!("{}, {}{unit}", panel.name, series.name))];
        row.push(shown(series.at(self.epochs())));
        row.extend(self.marked().map(|best| shown(series.at(best))));
        row.extend([shown(range.map(|r| r.0)), shown(range.map(|r| r.1))]);
        row
    }
}

impl RichDisplay for Curves {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        if self.epochs() == 0 {
            return Ok(MimeBundle::new(text));
        }
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(Curves);
