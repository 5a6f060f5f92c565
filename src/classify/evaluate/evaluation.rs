//! The accuracies of several methods on the same partitions.

use ndarray::ArrayView1;

use super::{super::ConfusionMatrix, PairedTest};
use crate::{
    data::Partition,
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
};

/// How well one method did.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodScores {
    /// The name that it was given.
    pub name: String,
    /// The share of test images predicted right, for each partition.
    pub accuracies: Vec<f64>,
    /// What was taken for what, in all partitions together.
    pub confusion: ConfusionMatrix,
}

impl MethodScores {
    /// The mean accuracy.
    pub fn mean(&self) -> f64 {
        ArrayView1::from(&self.accuracies).mean().unwrap_or(f64::NAN)
    }

    /// The standard deviation of the accuracies between partitions (with n − 1); not a number for
    /// one partition. It is not the standard error of the mean: partitions have images in common.
    pub fn standard_deviation(&self) -> f64 {
        standard_deviation(&self.accuracies)
    }
}

/// With n − 1; not a number for less than two values.
pub(super) fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 { f64::NAN } else { ArrayView1::from(values).std(1.0) }
}

/// What [`evaluate`](super::evaluate) found for one label. Shown as a table of the methods, each
/// tested against the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// The label that was predicted.
    pub label: String,
    /// How images were divided.
    pub partition: Partition,
    /// Images to learn from and to test, for each partition.
    pub sizes: Vec<(usize, usize)>,
    /// In the order in which they were given.
    pub methods: Vec<MethodScores>,
}

impl Evaluation {
    /// The scores of the method with this name.
    ///
    /// # Errors
    /// [`Error::Setting`] when there is none; it lists those there are.
    pub fn of(&self, name: &str) -> Result<&MethodScores> {
        self.methods.iter().find(|method| method.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.methods.iter().map(|method| method.name.as_str()).collect();
            Error::setting("method", format!("{name:?}"), format!("the methods are {known:?}"))
        })
    }

    /// Whether the accuracies of two methods differ, by their differences on the same partitions.
    ///
    /// # Errors
    /// [`Error::Setting`] for an unknown method, and with fewer than two partitions.
    pub fn paired(&self, first: &str, second: &str) -> Result<PairedTest> {
        PairedTest::new(self.of(first)?, self.of(second)?, &self.sizes)
    }

    /// The methods of both, which are of the same label on the same partitions: one more method can
    /// be evaluated later, with the same seed.
    ///
    /// # Errors
    /// [`Error::Setting`] when label or partitions are not the same, or a name comes twice.
    pub fn with(mut self, others: Self) -> Result<Self> {
        let same = (&self.label, &self.partition, &self.sizes)
            == (&others.label, &others.partition, &others.sizes);
        let twice = others.methods.iter().find(|method| self.of(&method.name).is_ok());
        match (same, twice) {
            (true, None) => {
                self.methods.extend(others.methods);
                Ok(self)
            }
            (true, Some(method)) => {
                let requirement = "both evaluations have it: give it another name";
                Err(Error::setting("method", format!("{:?}", method.name), requirement))
            }
            (false, _) => {
                let requirement = "label, partition and sizes must be those of the first";
                Err(Error::setting("the other evaluation", others.title(), requirement))
            }
        }
    }

    pub(super) fn title(&self) -> String {
        let (train, test) = self.sizes.first().copied().unwrap_or_default();
        let same = self.sizes.iter().all(|sizes| *sizes == (train, test));
        let about = if same { "" } else { "about " };
        let partitions = match self.sizes.len() {
            1 => "1 partition".to_owned(),
            n => format!("{n} partitions"),
        };
        format!(
            "{:?}: {partitions}, learnt from {} ({about}{train} images), tested on {test}",
            self.label, self.partition
        )
    }

    fn row(&self, method: &MethodScores) -> Result<Vec<Cell>> {
        let blank = || Cell::Number("–".to_owned());
        let number = |value: f64, decimals| {
            if value.is_nan() { blank() } else { Cell::decimals(value, decimals) }
        };
        let extreme = |pick: fn(f64, f64) -> f64| {
            method.accuracies.iter().copied().reduce(pick).unwrap_or(f64::NAN)
        };
        let mut cells = vec![
            method.name.clone().into(),
            number(method.mean(), 4),
            number(method.standard_deviation(), 4),
            number(extreme(f64::min), 4),
            number(extreme(f64::max), 4),
        ];
        let first = &self.methods[0].name;
        if method.name == *first || self.sizes.len() < 2 {
            cells.extend([blank(), blank(), blank()]);
        } else {
            let test = self.paired(&method.name, first)?;
            cells.push(number(test.mean_difference, 4));
            cells.push(Cell::p_value(test.plain.p_value));
            cells.push(Cell::p_value(test.corrected.p_value));
        }
        Ok(cells)
    }
}

impl RichDisplay for Evaluation {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let against = match self.methods.first() {
            Some(first) => format!("against {}", first.name),
            None => "against".to_owned(),
        };
        let columns =
            ["method", "accuracy", "sd", "lowest", "highest", &against, "p", "p, corrected"];
        let mut table = Table::new(self.title(), columns);
        for method in &self.methods {
            table = table.row(self.row(method)?);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Evaluation);
