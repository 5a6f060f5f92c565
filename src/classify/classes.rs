//! Label values as numbers from zero.

use std::collections::BTreeSet;

use crate::error::{Error, Result};

/// The classes of a label: its distinct values in ascending order. Inside a classifier class `i` is
/// the `i`-th of them; outside it keeps its value, such as the number of a writer.
///
/// ```
/// use elbo::classify::Classes;
///
/// let writers = Classes::of("writer", &[2154, 7, 2154, 390])?;
/// assert_eq!(writers.values(), [7, 390, 2154]);
/// assert_eq!(writers.encode(&[390, 7])?, [1, 0]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    label: String,
    values: Vec<u32>,
}

impl Classes {
    /// The distinct values of the label called `label`.
    ///
    /// # Errors
    /// [`Error::Shape`] when there are no values.
    pub fn of(label: impl Into<String>, values: &[u32]) -> Result<Self> {
        let label = label.into();
        if values.is_empty() {
            return Err(Error::Shape {
                what: format!("the values of the label {label:?}"),
                got: vec![0],
                want: vec![1],
                advice: "a classifier learns from at least one image".to_owned(),
            });
        }
        let values = values.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        Ok(Self { label, values })
    }

    /// The name of the label.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The value of each class, ascending.
    pub fn values(&self) -> &[u32] {
        &self.values
    }

    /// How many classes there are, at least one.
    #[allow(clippy::len_without_is_empty, reason = "there is always a class")]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// The class of a value, counted from zero; `None` for a value that is none of them.
    pub fn position(&self, value: u32) -> Option<usize> {
        self.values.binary_search(&value).ok()
    }

    /// The classes of these values, counted from zero.
    ///
    /// # Errors
    /// [`Error::Setting`] for a value that is none of the classes.
    pub fn encode(&self, values: &[u32]) -> Result<Vec<usize>> {
        let place = |&value: &u32| {
            self.position(value).ok_or_else(|| {
                let requirement = format!(
                    "the {} values of the label {:?} that were learnt do not include it",
                    self.values.len(),
                    self.label
                );
                Error::setting("class", value, requirement)
            })
        };
        values.iter().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_value_is_named_with_its_label() {
        let classes = Classes::of("writer", &[5, 9]).unwrap();
        assert_eq!((classes.len(), classes.position(9), classes.position(6)), (2, Some(1), None));
        let text = classes.encode(&[5, 6]).unwrap_err().to_string();
        assert!(text.contains('6') && text.contains("\"writer\""), "{text}");
        assert!(matches!(Classes::of("digit", &[]), Err(Error::Shape { .. })));
    }
}
