//! A covariate: its values, what they are, and which are missing.

use super::{
    Family,
    column::{Column, Values, wrong_cell},
};
use crate::error::{Error, Result};

/// A text column with more levels than this is taken for names or remarks.
const MOST_LEVELS: usize = 50;

/// One covariate of all patients.
#[derive(Clone, Debug, PartialEq)]
pub struct Covariate {
    name: String,
    family: Family,
    levels: Vec<String>,
    /// NaN where missing; the index of the level where the family has levels.
    values: Vec<f64>,
}

impl Covariate {
    /// A covariate of numbers; NaN where one is missing. For [`Family::Bernoulli`] and
    /// [`Family::Categorical`] each distinct number is a level.
    ///
    /// # Errors
    /// [`Error::Cell`] for a number that the family does not have, such as a negative count;
    /// [`Error::Column`] when all values are the same or missing.
    pub fn new(
        name: impl Into<String>,
        family: Family,
        values: impl IntoIterator<Item = f64>,
    ) -> Result<Self> {
        let values = Values::Numbers(values.into_iter().collect());
        Self::read(Column { name: name.into(), values }, Some(family))
    }

    /// Numbers that are known to fit their family.
    pub(crate) fn of_values(name: &str, family: Family, values: Vec<f64>) -> Self {
        Self { name: name.to_owned(), family, levels: Vec::new(), values }
    }

    /// Indices of named levels; a level may have no patient.
    pub(crate) fn of_levels(name: &str, levels: &[&str], values: Vec<f64>) -> Self {
        let family = if levels.len() == 2 { Family::Bernoulli } else { Family::Categorical };
        let levels = levels.iter().map(|&level| level.to_owned()).collect();
        Self { name: name.to_owned(), family, levels, values }
    }

    /// Values that are known to fit their family; levels by their index.
    pub(crate) fn of_coded(
        name: &str,
        family: Family,
        levels: Vec<String>,
        values: Vec<f64>,
    ) -> Self {
        Self { name: name.to_owned(), family, levels, values }
    }

    /// A column as a covariate, of the family that it seems to have unless one is given.
    pub(super) fn read(column: Column, family: Option<Family>) -> Result<Self> {
        let Column { name, values } = column;
        match (values, family) {
            (Values::Numbers(values), family) => Self::of_numbers(name, values, family),
            (Values::Texts(texts), None) => {
                check_text(&name, &texts)?;
                Self::of_texts(name, texts)
            }
            (Values::Texts(texts), Some(family)) if family.is_discrete() => {
                let out = Self::of_texts(name, texts)?;
                out.check_level_count(family)?;
                Ok(Self { family, ..out })
            }
            (Values::Texts(texts), Some(family)) => Err(number_expected(&name, &texts, family)),
        }
    }

    fn of_numbers(name: String, values: Vec<f64>, family: Option<Family>) -> Result<Self> {
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            let advice = "replace values that are not finite; leave missing cells empty";
            return Err(wrong_cell(&name, row, values[row].to_string(), advice));
        }
        let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        let mut distinct = present.clone();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        check_varies(&name, distinct.len(), distinct.first().map(f64::to_string))?;
        let family = family.unwrap_or_else(|| Family::of_numbers(&distinct, &present));
        if !family.is_discrete() {
            check_support(&name, &values, family)?;
            return Ok(Self { name, family, levels: Vec::new(), values });
        }
        let code = |value: &f64| match distinct.binary_search_by(|level| level.total_cmp(value)) {
            Ok(index) => index as f64,
            Err(_) => f64::NAN,
        };
        let codes = values.iter().map(code).collect();
        let levels = distinct.iter().map(f64::to_string).collect();
        let out = Self { name, family, levels, values: codes };
        out.check_level_count(family)?;
        Ok(out)
    }

    fn of_texts(name: String, texts: Vec<Option<String>>) -> Result<Self> {
        let mut levels: Vec<String> = texts.iter().flatten().cloned().collect();
        levels.sort();
        levels.dedup();
        check_varies(&name, levels.len(), levels.first().map(|level| format!("{level:?}")))?;
        let family = if levels.len() == 2 { Family::Bernoulli } else { Family::Categorical };
        let code = |text: &Option<String>| match text {
            Some(text) => levels.binary_search(text).map_or(f64::NAN, |index| index as f64),
            None => f64::NAN,
        };
        let values = texts.iter().map(code).collect();
        Ok(Self { name, family, levels, values })
    }

    fn check_level_count(&self, family: Family) -> Result<()> {
        if family != Family::Bernoulli || self.levels.len() == 2 {
            return Ok(());
        }
        Err(Error::Column {
            column: self.name.clone(),
            problem: format!("has {} different values", self.levels.len()),
            advice: "a Bernoulli covariate has two: use Family::Categorical".to_owned(),
        })
    }

    /// The name of the column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The family of its distribution.
    pub fn family(&self) -> Family {
        self.family
    }

    /// Names of the levels, where the family has them; the codes in [`Self::values`] are indices of
    /// these.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// (n), NaN where missing. Levels are coded 0, 1, ...
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many cells are missing.
    pub fn missing_count(&self) -> usize {
        self.values.iter().filter(|value| value.is_nan()).count()
    }

    /// The mean of the cells that are there.
    pub(super) fn mean(&self) -> f64 {
        let present = self.values.iter().filter(|value| !value.is_nan());
        let (sum, count) = present.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
        sum / count
    }

    pub(super) fn rows(&self, indices: &[usize]) -> Self {
        let values = indices.iter().map(|&i| self.values[i]).collect();
        Self { values, ..self.clone() }
    }
}

fn check_varies(name: &str, distinct: usize, only: Option<String>) -> Result<()> {
    let problem = match (distinct, only) {
        (0, _) => "has no values: all cells are missing".to_owned(),
        (1, Some(only)) => format!("is constant: every value is {only}"),
        _ => return Ok(()),
    };
    let advice = "it can explain nothing: remove it, or name it in `ignore`".to_owned();
    Err(Error::Column { column: name.to_owned(), problem, advice })
}

fn check_support(name: &str, values: &[f64], family: Family) -> Result<()> {
    let (fits, advice): (fn(f64) -> bool, _) = match family {
        Family::LogNormal => (|v| v > 0.0, "log-normal values are positive: use Family::Normal"),
        Family::Poisson => (
            |v| v >= 0.0 && v.fract() == 0.0,
            "counts are whole and not negative: use Family::Normal",
        ),
        _ => return Ok(()),
    };
    match values.iter().position(|&value| !value.is_nan() && !fits(value)) {
        Some(row) => Err(wrong_cell(name, row, values[row].to_string(), advice)),
        None => Ok(()),
    }
}

/// Text is a covariate of its own when it is a name for one of a few groups.
fn check_text(name: &str, texts: &[Option<String>]) -> Result<()> {
    let is_number = |text: &&String| text.parse::<f64>().is_ok();
    let present = texts.iter().flatten().count();
    if 2 * texts.iter().flatten().filter(is_number).count() >= present && present > 0 {
        return Err(number_expected(name, texts, Family::Normal));
    }
    let mut distinct: Vec<&String> = texts.iter().flatten().collect();
    distinct.sort();
    distinct.dedup();
    if distinct.len() <= MOST_LEVELS {
        return Ok(());
    }
    Err(Error::Column {
        column: name.to_owned(),
        problem: format!("has {} different texts", distinct.len()),
        advice: "name it in `ignore`, or ask for Family::Categorical if these are groups"
            .to_owned(),
    })
}

/// The error about the first text that is not a number.
fn number_expected(name: &str, texts: &[Option<String>], family: Family) -> Error {
    let is_text = |text: &Option<String>| text.as_ref().is_some_and(|t| t.parse::<f64>().is_err());
    let row = texts.iter().position(is_text).unwrap_or(0);
    let value = texts.get(row).cloned().flatten().unwrap_or_default();
    let advice = format!(
        "a number is expected in a {family} column: correct the cell, leave it empty if it is \
         missing, or ask for Family::Categorical"
    );
    wrong_cell(name, row, format!("{value:?}"), advice)
}
