//! Scores and likelihoods written out as they are defined, however slow.

use elbo::survival::{
    FollowUp,
    scores::{Censoring, Concordance},
};

/// Numbers that jump about, the same on every machine.
pub fn jumble(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..n).map(|_| next()).collect()
}

/// All pairs one by one; an event counts `weights[i]`.
pub fn concordance(follow_up: &FollowUp, risk: &[f64], weights: &[f64]) -> Concordance {
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let mut out = Concordance::default();
    for i in (0..times.len()).filter(|&i| observed[i]) {
        for j in 0..times.len() {
            let later = times[j] > times[i] || (times[j] == times[i] && !observed[j]);
            if !later {
                continue;
            }
            let count = match risk[i].total_cmp(&risk[j]) {
                std::cmp::Ordering::Greater => &mut out.concordant,
                std::cmp::Ordering::Less => &mut out.discordant,
                std::cmp::Ordering::Equal => &mut out.tied,
            };
            *count += weights[i];
        }
    }
    out
}

/// G(t), each factor by counting.
pub fn censoring(follow_up: &FollowUp, time: f64) -> f64 {
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let mut distinct: Vec<f64> = times.iter().copied().filter(|&at| at <= time).collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let factor = |at: f64| {
        let lost = (0..times.len()).filter(|&i| times[i] == at && !observed[i]).count();
        let events = (0..times.len()).filter(|&i| times[i] == at && observed[i]).count();
        let at_risk = times.iter().filter(|&&other| other >= at).count() - events;
        if lost == 0 { 1.0 } else { 1.0 - lost as f64 / at_risk as f64 }
    };
    distinct.into_iter().map(factor).product()
}

/// The Brier score at one time.
pub fn brier(survival: &[f64], follow_up: &FollowUp, time: f64) -> f64 {
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let loss = |i: usize| {
        if times[i] > time {
            (1.0 - survival[i]).powi(2) / censoring(follow_up, time)
        } else if observed[i] {
            survival[i].powi(2) / censoring(follow_up, times[i])
        } else {
            0.0
        }
    };
    (0..times.len()).map(loss).sum::<f64>() / times.len() as f64
}

/// The area under the curve at one time: all pairs of a case and a control.
pub fn auc(risk: &[f64], follow_up: &FollowUp, time: f64) -> f64 {
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let censoring = Censoring::of(follow_up);
    let (mut right, mut all) = (0.0, 0.0);
    for i in (0..times.len()).filter(|&i| observed[i] && times[i] <= time) {
        let weight = 1.0 / censoring.at(times[i]);
        for j in (0..times.len()).filter(|&j| times[j] > time) {
            all += weight;
            right += weight
                * match risk[i].total_cmp(&risk[j]) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Less => 0.0,
                    std::cmp::Ordering::Equal => 0.5,
                };
        }
    }
    right / all
}
