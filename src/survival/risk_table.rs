//! Who is at risk when, and what happens to them.

use super::FollowUp;

/// A difference of sums that is smaller than this share of them is 0.
const ROUNDING: f64 = 1e-12;

/// Counts at every distinct time of events and censorings, in their order. With weights they are
/// sums of weights.
///
/// At risk at t are those with entry < t ≤ time. An event and a censoring at the same time count as
/// the event first: who is censored at t was at risk for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RiskTable {
    /// The distinct times.
    pub times: Vec<f64>,
    /// At risk just before each time.
    pub at_risk: Vec<f64>,
    /// Events at each time.
    pub events: Vec<f64>,
    /// Censorings at each time.
    pub censored: Vec<f64>,
}

impl RiskTable {
    /// The counts of a follow-up.
    pub fn new(follow_up: &FollowUp) -> Self {
        Self::counting(follow_up, &follow_up.frequencies())
    }

    /// The counts when each subject counts as often as `weights` says, whatever its own weight.
    pub(crate) fn counting(follow_up: &FollowUp, weights: &[f64]) -> Self {
        let (times, observed) = (follow_up.times(), follow_up.observed());
        let mut table = Self::default();
        for i in order(times) {
            if table.times.last() != Some(&times[i]) {
                table.times.push(times[i]);
                table.events.push(0.0);
                table.censored.push(0.0);
            }
            let last = table.times.len() - 1;
            let count = if observed[i] { &mut table.events } else { &mut table.censored };
            count[last] += weights[i];
        }
        table.count_at_risk(follow_up, weights);
        table
    }

    /// From the last time to the first: who leaves at a time or later, less who enters then or later.
    fn count_at_risk(&mut self, follow_up: &FollowUp, weights: &[f64]) {
        self.at_risk = vec![0.0; self.times.len()];
        let entries = follow_up.entries().unwrap_or_default();
        let mut entering = order(entries).into_iter().rev().peekable();
        let (mut leaving, mut later) = (0.0, 0.0);
        for place in (0..self.times.len()).rev() {
            leaving += self.events[place] + self.censored[place];
            while let Some(i) = entering.next_if(|&i| entries[i] >= self.times[place]) {
                later += weights[i];
            }
            let here = self.events[place] + self.censored[place];
            // What is left of a difference of sums of weights may be rounding.
            let others = leaving - later - here;
            self.at_risk[place] = if others > ROUNDING * leaving { here + others } else { here };
        }
    }

    /// The place of the last time that is not after `time`.
    pub(crate) fn place(&self, time: f64) -> Option<usize> {
        self.times.partition_point(|&at| at <= time).checked_sub(1)
    }
}

/// The indices that sort the times; equal times keep their order.
pub(crate) fn order(times: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&i, &j| times[i].total_cmp(&times[j]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survival::{Durations, Events};

    #[test]
    fn subjects_are_at_risk_after_their_entry_and_until_their_time() {
        let times = [3.0, 5.0, 5.0, 8.0];
        let observed = [true, true, false, false];
        let follow_up = FollowUp::new(Durations::days(times), Events::observed(observed)).unwrap();
        let table = RiskTable::new(&follow_up);
        assert_eq!(table.times, [3.0, 5.0, 8.0]);
        assert_eq!(table.at_risk, [4.0, 3.0, 1.0]);
        assert_eq!((table.events, table.censored), (vec![1.0, 1.0, 0.0], vec![0.0, 1.0, 1.0]));
        let late = follow_up.entered(Durations::days([0.0, 3.0, 2.0, 5.0])).unwrap();
        // At 3 the second has not entered yet, at 5 the last has not.
        assert_eq!(RiskTable::new(&late).at_risk, [2.0, 2.0, 1.0]);
    }
}
