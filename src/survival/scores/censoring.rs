//! The probability of not being censored, by whose inverse scores weigh (IPCW).

use crate::survival::{FollowUp, RiskTable, Steps};

/// G(t): the probability of being still followed at t, by Kaplan and Meier with censorings as the
/// events. Where an event and a censoring have the same time, the event comes first, so that it is
/// no longer at risk of being censored.
#[derive(Clone, Debug, PartialEq)]
pub struct Censoring {
    /// G as a step function.
    pub curve: Steps,
}

impl Censoring {
    /// From the follow-up of the patients whose censoring is representative, usually those that the
    /// model was fitted to.
    pub fn of(follow_up: &FollowUp) -> Self {
        let table = RiskTable::new(follow_up);
        let mut still = 1.0;
        let counts = table.at_risk.iter().zip(&table.events).zip(&table.censored);
        let value = |((at_risk, events), censored): ((&f64, &f64), &f64)| {
            if *censored > 0.0 {
                still *= 1.0 - censored / (at_risk - events);
            }
            still
        };
        let values = counts.map(value).collect();
        Self { curve: Steps { times: table.times, values, start: 1.0 } }
    }

    /// G(t)
    pub fn at(&self, time: f64) -> f64 {
        self.curve.at(time)
    }

    /// 1/G(time) for each observed event, 0 for each censoring, and 0 where G = 0: such an event
    /// stands for patients who are never seen.
    pub(super) fn event_weights(&self, follow_up: &FollowUp) -> Vec<f64> {
        let weight = |(time, observed): (&f64, &bool)| match self.at(*time) {
            still if *observed && still > 0.0 => 1.0 / still,
            _ => 0.0,
        };
        follow_up.times().iter().zip(follow_up.observed()).map(weight).collect()
    }
}
