//! How well the order of risks agrees with the order of events.
//!
//! A pair of patients can be compared when one had the event and the other was followed for longer,
//! or was censored at the same time. Who came under observation late can be compared only with
//! events after that: before, they could not have been seen to have theirs. A pair is concordant
//! when the one with the event had the higher risk. All pairs are counted in O(n log n): patients
//! are added from the last time to the first to a tree of counts by risk, removed when their entry
//! is reached, and each event asks it how many of those at risk are below. A pair counts with the
//! product of the patients' weights.

use super::Censoring;
use crate::{
    error::{Error, Result},
    survival::{FollowUp, risk_table::order},
};

/// Pairs that were counted, possibly weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Concordance {
    /// The higher risk had the event.
    pub concordant: f64,
    /// The lower risk had the event.
    pub discordant: f64,
    /// Both had the same risk.
    pub tied: f64,
}

impl Concordance {
    /// The share of concordant pairs, ties counting half: ½ for a coin, 1 for a perfect order. NaN
    /// without pairs.
    pub fn index(&self) -> f64 {
        (self.concordant + 0.5 * self.tied) / self.pairs()
    }

    /// The share of concordant pairs when ties count as errors, as in Antolini's definition.
    pub fn strict_index(&self) -> f64 {
        self.concordant / self.pairs()
    }

    /// All pairs that can be compared.
    pub fn pairs(&self) -> f64 {
        self.concordant + self.discordant + self.tied
    }
}

/// Harrell's concordance (Harrell et al. 1982) of risks, one a patient, higher the earlier the event
/// is expected.
///
/// ```
/// use elbo::survival::{Durations, Events, FollowUp, scores::harrell};
///
/// let observed = Events::observed([true, true, false]);
/// let follow_up = FollowUp::new(Durations::days([1.0, 2.0, 3.0]), observed)?;
/// let concordance = harrell(&follow_up, &[2.5, 0.1, 0.4])?;
/// assert_eq!((concordance.concordant, concordance.discordant), (2.0, 1.0));
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`Error::Shape`] when there is not one risk for each patient, [`Error::Setting`] for one that is
/// not finite, [`Error::NoEvents`].
pub fn harrell(follow_up: &FollowUp, risk: &[f64]) -> Result<Concordance> {
    let ranked = Ranked::new(follow_up, risk)?;
    Ok(ranked.count(&vec![1.0; risk.len()], &follow_up.frequencies()))
}

/// Uno's concordance (Uno et al. 2011): each pair counts 1/G(t)² with t the time of its event, so
/// that the result does not depend on how patients were censored. Events at `horizon` or later do
/// not count.
///
/// # Errors
/// Those of [`harrell`]; [`Error::Setting`] when patients came under observation late.
pub fn uno(
    censoring: &Censoring,
    follow_up: &FollowUp,
    risk: &[f64],
    horizon: Option<f64>,
) -> Result<Concordance> {
    follow_up.check_from_the_start("Uno's concordance")?;
    let ranked = Ranked::new(follow_up, risk)?;
    let weights = uno_weights(censoring, follow_up, horizon);
    Ok(ranked.count(&weights, &follow_up.frequencies()))
}

pub(super) fn uno_weights(
    censoring: &Censoring,
    follow_up: &FollowUp,
    horizon: Option<f64>,
) -> Vec<f64> {
    let weights = censoring.event_weights(follow_up);
    let counts = |time: f64| horizon.is_none_or(|horizon| time < horizon);
    let weight = |(weight, &time): (f64, &f64)| if counts(time) { weight * weight } else { 0.0 };
    weights.into_iter().zip(follow_up.times()).map(weight).collect()
}

/// Patients in the order of their times, with the rank of their risk.
pub(super) struct Ranked<'a> {
    follow_up: &'a FollowUp,
    /// From the first time to the last.
    order: Vec<usize>,
    /// From the last entry to the first; nobody without left truncation.
    by_entry: Vec<usize>,
    /// From 1; equal risks share one.
    ranks: Vec<usize>,
    distinct: usize,
}

impl<'a> Ranked<'a> {
    pub fn new(follow_up: &'a FollowUp, risk: &[f64]) -> Result<Self> {
        if risk.len() != follow_up.len() {
            return Err(Error::Shape {
                what: "the risks".to_owned(),
                got: vec![risk.len()],
                want: vec![follow_up.len()],
                advice: "give one for each patient".to_owned(),
            });
        }
        if let Some(risk) = risk.iter().find(|risk| !risk.is_finite()) {
            return Err(Error::setting("risk", risk, "a risk is a finite number"));
        }
        follow_up.check_events()?;
        let by_risk = order(risk);
        let (mut ranks, mut distinct) = (vec![0; risk.len()], 0);
        for (place, &i) in by_risk.iter().enumerate() {
            if place == 0 || risk[i] != risk[by_risk[place - 1]] {
                distinct += 1;
            }
            ranks[i] = distinct;
        }
        let mut by_entry = order(follow_up.entries().unwrap_or_default());
        by_entry.reverse();
        Ok(Self { follow_up, order: order(follow_up.times()), by_entry, ranks, distinct })
    }

    /// The pairs of every event, which counts with its weight in `events`, and every patient, who
    /// counts as often as `frequencies` says.
    pub fn count(&self, events: &[f64], frequencies: &[f64]) -> Concordance {
        let (times, observed) = (self.follow_up.times(), self.follow_up.observed());
        let entries = self.follow_up.entries().unwrap_or_default();
        let mut late = self.by_entry.iter().copied().peekable();
        let mut counts = Counts::new(self.distinct);
        let mut out = Concordance::default();
        let mut end = self.order.len();
        while end > 0 {
            let time = times[self.order[end - 1]];
            let same = self.order[..end].iter().rev().take_while(|&&i| times[i] == time).count();
            let group = &self.order[end - same..end];
            for &i in group.iter().filter(|&&i| !observed[i]) {
                counts.add(self.ranks[i], frequencies[i]);
            }
            while let Some(i) = late.next_if(|&i| entries[i] >= time) {
                counts.add(self.ranks[i], -frequencies[i]);
            }
            for &i in group.iter().filter(|&&i| observed[i]) {
                let weight = events[i] * frequencies[i];
                if weight > 0.0 {
                    let below = counts.below(self.ranks[i]);
                    let tied = counts.single[self.ranks[i]];
                    out.concordant += weight * below;
                    out.tied += weight * tied;
                    out.discordant += weight * (counts.all - below - tied);
                }
            }
            for &i in group.iter().filter(|&&i| observed[i]) {
                counts.add(self.ranks[i], frequencies[i]);
            }
            end -= same;
        }
        out
    }
}

/// Sums by rank: a binary indexed tree (Fenwick 1994). Ranks count from 1.
struct Counts {
    tree: Vec<f64>,
    /// The sum of each rank alone.
    single: Vec<f64>,
    all: f64,
}

impl Counts {
    fn new(ranks: usize) -> Self {
        Self { tree: vec![0.0; ranks + 1], single: vec![0.0; ranks + 1], all: 0.0 }
    }

    fn add(&mut self, rank: usize, weight: f64) {
        self.all += weight;
        self.single[rank] += weight;
        let mut node = rank;
        while node < self.tree.len() {
            self.tree[node] += weight;
            node += node & node.wrapping_neg();
        }
    }

    /// The sum of all lower ranks.
    fn below(&self, rank: usize) -> f64 {
        let (mut sum, mut node) = (0.0, rank - 1);
        while node > 0 {
            sum += self.tree[node];
            node &= node - 1;
        }
        sum
    }
}
