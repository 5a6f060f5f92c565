//! Which class each row belongs to, and which rows nobody has labelled.

use serde::{Deserialize, Serialize};

use crate::{
    classify::Classes,
    error::{Error, Result},
};

/// The labels of rows: the name of a label that the rows have, such as `"digit"`, or a value for
/// each row, where `None` is a label that nobody knows.
///
/// ```
/// use elbo::semi_supervised::ClassLabels;
///
/// let known = ["digit".labels(&|_| Ok(vec![3, 4]))?, vec![3, 4].labels(&|_| Ok(vec![]))?];
/// assert_eq!(known[0].values, known[1].values);
/// assert_eq!([Some(3), None].labels(&|_| Ok(vec![]))?.values, [Some(3), None]);
/// # Ok::<(), elbo::Error>(())
/// ```
pub trait ClassLabels {
    /// The labels; `by_name` finds those that the rows have.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when the rows have no such label.
    fn labels(&self, by_name: &dyn Fn(&str) -> Result<Vec<u32>>) -> Result<RowLabels>;
}

/// The labels of rows and what they are called.
#[derive(Clone, Debug, PartialEq)]
pub struct RowLabels {
    /// What the label says, such as "digit".
    pub name: String,
    /// A value for each row.
    pub values: Vec<Option<u32>>,
}

/// The name of labels that come without one.
const CLASS: &str = "class";

impl RowLabels {
    fn unnamed(values: Vec<Option<u32>>) -> Result<Self> {
        Ok(Self { name: CLASS.to_owned(), values })
    }
}

impl ClassLabels for str {
    fn labels(&self, by_name: &dyn Fn(&str) -> Result<Vec<u32>>) -> Result<RowLabels> {
        let values = by_name(self)?.into_iter().map(Some).collect();
        Ok(RowLabels { name: self.to_owned(), values })
    }
}

impl ClassLabels for [u32] {
    fn labels(&self, _: &dyn Fn(&str) -> Result<Vec<u32>>) -> Result<RowLabels> {
        RowLabels::unnamed(self.iter().copied().map(Some).collect())
    }
}

impl ClassLabels for [Option<u32>] {
    fn labels(&self, _: &dyn Fn(&str) -> Result<Vec<u32>>) -> Result<RowLabels> {
        RowLabels::unnamed(self.to_vec())
    }
}

impl<L> ClassLabels for Vec<L>
where
    [L]: ClassLabels,
{
    fn labels(&self, by_name: &dyn Fn(&str) -> Result<Vec<u32>>) -> Result<RowLabels> {
        self.as_slice().labels(by_name)
    }
}

impl<L, const N: usize> ClassLabels for [L; N]
where
    [L]: ClassLabels,
{
    fn labels(&self, by_name: &dyn Fn(&str) -> Result<Vec<u32>>) -> Result<RowLabels> {
        self.as_slice().labels(by_name)
    }
}

/// A label of a model: its classes and how probable each is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LabelSpace {
    pub name: String,
    /// The label value of each class, ascending.
    pub values: Vec<u32>,
    /// p(y) of each class; uniform without it.
    pub prior: Option<Vec<f64>>,
}

impl LabelSpace {
    /// A label with the values 0 to `classes` − 1, until a training says otherwise.
    pub fn new(name: impl Into<String>, classes: usize) -> Self {
        Self { name: name.into(), values: (0..classes as u32).collect(), prior: None }
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// # Errors
    /// [`Error::Setting`] for no classes, or for a prior that has not one probability a class.
    pub fn check(&self) -> Result<()> {
        if self.values.is_empty() {
            return Err(Error::setting("classes", 0, "a label needs at least one class"));
        }
        let Some(prior) = &self.prior else { return Ok(()) };
        let sum: f64 = prior.iter().sum();
        let positive = prior.iter().all(|p| *p > 0.0);
        if prior.len() == self.len() && positive && (sum - 1.0).abs() < 1e-6 {
            return Ok(());
        }
        let requirement = format!(
            "it needs {} positive probabilities, one for each class, that sum to 1",
            self.len()
        );
        Err(Error::setting("prior", format!("{prior:?}"), requirement))
    }

    /// Takes the values of a training for the classes, where these are not 0 to K − 1.
    ///
    /// # Errors
    /// [`Error::Setting`] when there are not as many distinct values as classes.
    pub fn learn(&mut self, name: &str, values: &[u32]) -> Result<()> {
        let classes = self.len();
        if values.iter().all(|&value| (value as usize) < classes) {
            self.values = (0..classes as u32).collect();
        } else {
            let found = Classes::of(name, values)?;
            if found.len() != classes {
                let requirement = format!(
                    "the label {name:?} has {} distinct values up to {}: a model of {classes} \
                     classes takes values below {classes}, or as many distinct ones",
                    found.len(),
                    found.values().last().copied().unwrap_or_default()
                );
                return Err(Error::setting("number of classes", classes, requirement));
            }
            self.values = found.values().to_vec();
        }
        self.name = name.to_owned();
        Ok(())
    }

    /// The values with the label's name.
    ///
    /// # Errors
    /// Never: [`Self::check`] allows no label without classes.
    pub fn classes(&self) -> Result<Classes> {
        Classes::of(&self.name, &self.values)
    }

    /// The class of every value.
    ///
    /// # Errors
    /// [`Error::Setting`] for a value that is none of the classes.
    pub fn encode(&self, values: &[u32]) -> Result<Vec<u32>> {
        Ok(self.classes()?.encode(values)?.into_iter().map(|class| class as u32).collect())
    }

    /// log p(y) of every class, in nats.
    pub fn log_prior(&self) -> Vec<f32> {
        let uniform = 1.0 / self.len() as f64;
        let prior = |class: usize| self.prior.as_ref().map_or(uniform, |prior| prior[class]);
        (0..self.len()).map(|class| prior(class).ln() as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_from_zero_are_classes_and_others_are_counted() {
        let mut space = LabelSpace::new("class", 3);
        space.learn("digit", &[2, 0, 2]).unwrap();
        assert_eq!(space.encode(&[1, 2]).unwrap(), [1, 2]);
        space.learn("writer", &[90, 7, 90, 12]).unwrap();
        assert_eq!(space.encode(&[90, 7]).unwrap(), [2, 0]);
        assert_eq!(space.name, "writer");
        assert!(matches!(space.encode(&[8]), Err(Error::Setting { .. })));
        let error = space.learn("writer", &[7, 8]).unwrap_err().to_string();
        assert!(error.contains("2 distinct values") && error.contains("\"writer\""), "{error}");
    }

    #[test]
    fn a_prior_is_one_probability_a_class() {
        let with = |prior: &[f64]| LabelSpace {
            prior: Some(prior.to_vec()),
            ..LabelSpace::new("class", 2)
        };
        with(&[0.25, 0.75]).check().unwrap();
        for wrong in [&[0.5][..], &[0.5, 0.6], &[1.0, 0.0], &[f64::NAN, 0.5]] {
            assert!(matches!(with(wrong).check(), Err(Error::Setting { setting: "prior", .. })));
        }
        let close = |got: f32, want: f64| assert!((f64::from(got) - want).abs() < 1e-6);
        close(with(&[0.25, 0.75]).log_prior()[0], 0.25f64.ln());
        close(LabelSpace::new("class", 10).log_prior()[3], 0.1f64.ln());
    }
}
