//! Whether the event was seen.

use super::follow_up::said;
use crate::error::{Error, Result};

/// Whether the observation of each subject ended with the event (true) or before it: right-censored
/// (false).
///
/// ```
/// use elbo::survival::Events;
/// assert_eq!(Events::observed([true, false]), Events::coded([1.0, 0.0])?);
/// assert!(Events::coded([1.0, 2.0]).is_err());
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events {
    observed: Vec<bool>,
}

impl Events {
    /// True where the event was observed.
    pub fn observed(observed: impl IntoIterator<Item = bool>) -> Self {
        Self { observed: observed.into_iter().collect() }
    }

    /// 1 where the event was observed, 0 where the observation was censored.
    ///
    /// # Errors
    /// [`Error::Cell`] naming the first value that is neither.
    pub fn coded(values: impl IntoIterator<Item = f64>) -> Result<Self> {
        Self::coded_in("event", values)
    }

    pub(super) fn coded_in(column: &str, values: impl IntoIterator<Item = f64>) -> Result<Self> {
        let decode = |(row, value): (usize, f64)| match value {
            1.0 => Ok(true),
            0.0 => Ok(false),
            _ => Err(Error::Cell {
                column: column.to_owned(),
                row,
                value: said(value),
                advice:
                    "an event is 1 (observed) or 0 (censored): recode the column, or drop rows \
                         whose outcome is unknown"
                        .to_owned(),
            }),
        };
        let observed = values.into_iter().enumerate().map(decode).collect::<Result<_>>()?;
        Ok(Self { observed })
    }

    /// (n)
    pub fn values(&self) -> &[bool] {
        &self.observed
    }

    /// How many events were observed.
    pub fn count(&self) -> usize {
        self.observed.iter().filter(|&&observed| observed).count()
    }
}
