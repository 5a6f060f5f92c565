//! How long subjects were followed, and how it ended.

use super::{Durations, Events, TimeUnit};
use crate::error::{Error, Result};

/// Right-censored times, possibly left-truncated: subject i was watched from `entry` (0 unless set)
/// to `time`, when the event happened or the observation was censored.
///
/// ```
/// use elbo::survival::{Durations, Events, FollowUp};
///
/// let follow_up = FollowUp::new(
///     Durations::months([6.0, 6.0, 10.0]),
///     Events::observed([true, false, true]),
/// )?;
/// assert_eq!((follow_up.len(), follow_up.event_count()), (3, 2));
/// let wrong = FollowUp::new(Durations::months([-1.0]), Events::observed([true])).unwrap_err();
/// assert!(wrong.to_string().starts_with("column \"time\", row 0 is -1"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUp {
    times: Vec<f64>,
    observed: Vec<bool>,
    entries: Option<Vec<f64>>,
    weights: Option<Vec<f64>>,
    unit: TimeUnit,
}

impl FollowUp {
    /// Times from 0 and how each of them ended.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one event for each time, or none at all; [`Error::Cell`]
    /// for a time that is negative, missing or infinite.
    pub fn new(durations: Durations, events: Events) -> Result<Self> {
        Self::named("time", durations, events)
    }

    /// The same, with the name of the column that errors are about.
    pub(super) fn named(column: &str, durations: Durations, events: Events) -> Result<Self> {
        let (times, observed) = (durations.values(), events.values());
        if times.len() != observed.len() || times.is_empty() {
            return Err(Error::Shape {
                what: "the events".to_owned(),
                got: vec![observed.len()],
                want: vec![times.len().max(1)],
                advice: "give one time and one event for each subject".to_owned(),
            });
        }
        check_times(column, times)?;
        Ok(Self {
            times: times.to_vec(),
            observed: observed.to_vec(),
            entries: None,
            weights: None,
            unit: durations.unit().clone(),
        })
    }

    /// Left truncation: subjects came under observation only at these times, and are known only
    /// because they had no event before.
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of entries than of times, [`Error::Cell`] for one that is
    /// negative, not finite, or not before the subject's time.
    pub fn entered(self, entries: Durations) -> Result<Self> {
        self.entered_in("entry", entries)
    }

    pub(super) fn entered_in(mut self, column: &str, entries: Durations) -> Result<Self> {
        let values = entries.values();
        self.check_length("the entries", values.len())?;
        check_times(column, values)?;
        let late = values.iter().zip(&self.times).position(|(entry, time)| entry >= time);
        if let Some(row) = late {
            return Err(Error::Cell {
                column: column.to_owned(),
                row,
                value: values[row].to_string(),
                advice: format!("subjects enter before their time, here {}", self.times[row]),
            });
        }
        self.entries = Some(values.to_vec());
        Ok(self)
    }

    /// Every subject counts as often as its weight says: 2 stands for two subjects alike, and the
    /// inverse of the probability of being sampled for those who were not. Every curve, test,
    /// regression and score takes them into account; standard errors are those of so many subjects,
    /// which for sampling weights are too small: ask [`Cox`](super::Cox) for robust ones.
    ///
    /// ```
    /// use elbo::survival::{Durations, Events, FollowUp, KaplanMeier};
    ///
    /// let events = Events::observed([true, false, true]);
    /// let follow_up = FollowUp::new(Durations::days([2.0, 4.0, 5.0]), events)?.weighted([3.0, 1.0, 2.0])?;
    /// assert_eq!(KaplanMeier::fit(&follow_up)?.survival_at(3.0), 0.5);
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of weights than of subjects, [`Error::Cell`] for one that
    /// is not a positive number.
    pub fn weighted(self, weights: impl IntoIterator<Item = f64>) -> Result<Self> {
        self.weighted_in("weight", weights)
    }

    pub(super) fn weighted_in(
        mut self,
        column: &str,
        weights: impl IntoIterator<Item = f64>,
    ) -> Result<Self> {
        let weights: Vec<f64> = weights.into_iter().collect();
        self.check_length("the weights", weights.len())?;
        let wrong = |weight: &f64| !(*weight > 0.0 && weight.is_finite());
        if let Some(row) = weights.iter().position(wrong) {
            return Err(Error::Cell {
                column: column.to_owned(),
                row,
                value: said(weights[row]),
                advice: "a weight is a positive number: drop subjects that do not count".to_owned(),
            });
        }
        self.weights = Some(weights);
        Ok(self)
    }

    fn check_length(&self, what: &str, length: usize) -> Result<()> {
        if length == self.len() {
            return Ok(());
        }
        Err(Error::Shape {
            what: what.to_owned(),
            got: vec![length],
            want: vec![self.len()],
            advice: "give one for each subject".to_owned(),
        })
    }

    /// n
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is nobody; there always is.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Until the event or the censoring, (n).
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// True where the event was observed, (n).
    pub fn observed(&self) -> &[bool] {
        &self.observed
    }

    /// When subjects came under observation, (n), where that is not 0 for all.
    pub fn entries(&self) -> Option<&[f64]> {
        self.entries.as_deref()
    }

    /// How often subjects count, (n), where that is not once for all.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// How often subjects count, (n).
    pub(crate) fn frequencies(&self) -> Vec<f64> {
        self.weights.clone().unwrap_or_else(|| vec![1.0; self.len()])
    }

    /// What times are counted in.
    pub fn unit(&self) -> &TimeUnit {
        &self.unit
    }

    /// How many events were observed, whatever their weights.
    pub fn event_count(&self) -> usize {
        self.observed.iter().filter(|&&observed| observed).count()
    }

    /// How many times are 0. Kaplan-Meier and Cox take them as they are: such a subject is at risk
    /// at time 0 alone. Models with a density at positive times only move them and say so.
    pub fn zero_times(&self) -> usize {
        self.times.iter().filter(|&&time| time == 0.0).count()
    }

    /// The distinct times of events, in their order.
    pub fn event_times(&self) -> Vec<f64> {
        let events = self.times.iter().zip(&self.observed).filter(|(_, observed)| **observed);
        let mut times: Vec<f64> = events.map(|(time, _)| *time).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }

    /// The last time of all.
    pub fn last_time(&self) -> f64 {
        self.times.iter().copied().fold(0.0, f64::max)
    }

    /// The same subjects with censorings as events and the reverse: the follow-up of the censoring.
    pub fn reversed(&self) -> Self {
        let observed = self.observed.iter().map(|observed| !observed).collect();
        Self { observed, ..self.clone() }
    }

    /// # Errors
    /// [`Error::NoEvents`] when no event was observed.
    pub(crate) fn check_events(&self) -> Result<()> {
        if self.event_count() > 0 {
            return Ok(());
        }
        Err(Error::NoEvents {
            rows: self.len(),
            advice:
                "without an event there is nothing to learn from: check that 1 means observed, \
                     or follow the subjects for longer"
                    .to_owned(),
        })
    }

    /// # Errors
    /// [`Error::Setting`] when subjects came under observation late.
    pub(crate) fn check_from_the_start(&self, what: &str) -> Result<()> {
        if self.entries.is_none() {
            return Ok(());
        }
        Err(Error::setting(
            "entries",
            "not 0 for all",
            format!(
                "{what} weighs by the probability of not being censored, which is defined for \
                 subjects that were followed from time 0: judge them by harrell, antolini or \
                 DCalibration, which compare those at risk together"
            ),
        ))
    }

    /// The subjects at `indices`, which are below the length.
    pub(crate) fn rows(&self, indices: &[usize]) -> Self {
        let pick = |values: &[f64]| indices.iter().map(|&i| values[i]).collect();
        Self {
            times: pick(&self.times),
            observed: indices.iter().map(|&i| self.observed[i]).collect(),
            entries: self.entries.as_deref().map(pick),
            weights: self.weights.as_deref().map(pick),
            unit: self.unit.clone(),
        }
    }
}

fn check_times(column: &str, times: &[f64]) -> Result<()> {
    let wrong = |time: f64| !(time >= 0.0 && time.is_finite());
    let Some(row) = times.iter().position(|&time| wrong(time)) else { return Ok(()) };
    let advice = match times[row].is_nan() {
        true => "remove subjects whose time is unknown",
        false => "a time is a finite number that is not negative",
    };
    let value = said(times[row]);
    Err(Error::Cell { column: column.to_owned(), row, value, advice: advice.to_owned() })
}

/// A value as errors say it.
pub(super) fn said(value: f64) -> String {
    if value.is_nan() { "missing".to_owned() } else { value.to_string() }
}
