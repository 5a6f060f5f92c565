//! The two scores of the literature on neural survival models, as pycox defines them.
//!
//! They differ from [`antolini`](super::antolini) and [`Brier`] in conventions only, but folds are
//! small, and numbers of different programs are comparable only when these agree.

use ndarray::{Array1, ArrayView1, ArrayView2, s};

use super::{Brier, Concordance};
use crate::{
    error::{Error, Result},
    survival::{Cohort, FollowUp, RiskTable, Steps, SurvivalModel, risk_table::order},
};

/// Times of the grid.
const GRID: usize = 100;

/// Concordance and Brier score of a model on patients that it was not fitted to, from one table of
/// predictions.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldScore {
    /// Antolini's concordance: [`Concordance::strict_index`] is pycox's `"antolini"`.
    pub antolini: Concordance,
    /// Adjusted for ties: [`Concordance::index`] is pycox's `"adj_antolini"`. Two patients with events
    /// at the same time can be compared too; they are concordant when their predictions are equal and
    /// a half pair when not. Every pair of one time counts twice, once from each side. Predictions
    /// that are tied count half.
    pub adjusted: Concordance,
    /// The Brier score at 100 equal steps from the first time of the patients to their last. Weights
    /// are 1/G just before an event and 1/G at the time of the score, divided by their sum; G is
    /// Kaplan and Meier's curve of the censorings of these same patients.
    pub brier: Brier,
    /// Its mean over time, by Simpson's rule.
    pub integrated_brier: f64,
}

impl FoldScore {
    /// The scores of a model.
    ///
    /// # Errors
    /// Those of the model; [`Error::NoEvents`]; [`Error::Setting`] when patients came under observation
    /// late, or all have the same time.
    pub fn of(model: &(impl SurvivalModel + ?Sized), test: &Cohort) -> Result<Self> {
        let follow_up = test.follow_up();
        follow_up.check_events()?;
        follow_up.check_from_the_start("the Brier score")?;
        let events = follow_up.event_times();
        let grid = grid(follow_up)?;
        // One call, so that a model that predicts by draws makes them once.
        let times: Vec<f64> = events.iter().chain(&grid).copied().collect();
        let survival = model.survival(test, &times)?;
        if survival.dim() != (test.len(), times.len()) {
            return Err(Error::Shape {
                what: format!("the survival predicted by {}", model.name()),
                got: survival.shape().to_vec(),
                want: vec![test.len(), times.len()],
                advice: "give one row for each patient and one column for each time".to_owned(),
            });
        }
        let at_events = survival.slice(s![.., ..events.len()]);
        let (antolini, adjusted) = concordances(follow_up, &events, at_events);
        let brier = brier(follow_up, &grid, survival.slice(s![.., events.len()..]));
        let integrated_brier = simpson(&brier.scores);
        Ok(Self { antolini, adjusted, brier, integrated_brier })
    }
}

/// Equal steps from the first time to the last.
fn grid(follow_up: &FollowUp) -> Result<Vec<f64>> {
    let first = follow_up.times().iter().copied().fold(f64::INFINITY, f64::min);
    let last = follow_up.last_time();
    if first == last {
        let requirement = "a score over time needs times that differ";
        return Err(Error::setting("times", format!("all {first}"), requirement));
    }
    let step = (last - first) / (GRID - 1) as f64;
    let mut grid: Vec<f64> = (0..GRID).map(|i| first + step * i as f64).collect();
    // The last step must not miss the last time by rounding.
    grid[GRID - 1] = last;
    Ok(grid)
}

/// Antolini's concordance, and the adjusted one. `survival` has one column for each event time.
fn concordances(
    follow_up: &FollowUp,
    events: &[f64],
    survival: ArrayView2<f64>,
) -> (Concordance, Concordance) {
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let weights = follow_up.frequencies();
    let by_time = order(times);
    let (mut strict, mut adjusted) = (Concordance::default(), Concordance::default());
    for (&time, predicted) in events.iter().zip(survival.columns()) {
        let first = by_time.partition_point(|&i| times[i] < time);
        let later = by_time.partition_point(|&i| times[i] <= time);
        let (here, behind) = (&by_time[first..later], &by_time[later..]);
        let (own, censored): (Vec<usize>, Vec<usize>) = here.iter().partition(|&&i| observed[i]);
        for (place, &i) in own.iter().enumerate() {
            let after = pairs(i, behind, predicted, &weights);
            let tied_time = pairs(i, &censored, predicted, &weights);
            strict.add(after, 1.0);
            strict.add(tied_time, 1.0);
            adjusted.add(after, 1.0);
            adjusted.add(tied_time, 2.0);
            for &j in &own[place + 1..] {
                let weight = 2.0 * weights[i] * weights[j];
                match predicted[i] == predicted[j] {
                    true => adjusted.concordant += weight,
                    false => adjusted.tied += weight,
                }
            }
        }
    }
    (strict, adjusted)
}

/// The pairs of an event with the others.
fn pairs(
    event: usize,
    others: &[usize],
    predicted: ArrayView1<f64>,
    weights: &[f64],
) -> Concordance {
    let mut out = Concordance::default();
    let own = predicted[event];
    for &other in others {
        let weight = weights[event] * weights[other];
        match predicted[other] {
            survival if survival > own => out.concordant += weight,
            survival if survival == own => out.tied += weight,
            _ => out.discordant += weight,
        }
    }
    out
}

impl Concordance {
    fn add(&mut self, pairs: Concordance, times: f64) {
        self.concordant += times * pairs.concordant;
        self.tied += times * pairs.tied;
        self.discordant += times * pairs.discordant;
    }
}

/// The probability of not being censored, with events as the censorings of the censoring.
fn censoring(follow_up: &FollowUp) -> Steps {
    let table = RiskTable::new(follow_up);
    let mut still = 1.0;
    let counts = table.at_risk.iter().zip(&table.censored);
    let values = counts.map(|(at_risk, censored)| {
        still *= 1.0 - censored / at_risk;
        still
    });
    Steps { values: values.collect(), times: table.times, start: 1.0 }
}

/// `survival` has one column for each time of the grid.
fn brier(follow_up: &FollowUp, grid: &[f64], survival: ArrayView2<f64>) -> Brier {
    let (times, observed) = (follow_up.times(), follow_up.observed());
    let frequencies = follow_up.frequencies();
    let censoring = censoring(follow_up);
    // An event is among those at risk of being censored, so that G before it is not 0.
    let before: Array1<f64> = times.iter().map(|&time| censoring.before(time)).collect();
    let score = |(&time, predicted): (&f64, ArrayView1<f64>)| {
        let still = censoring.at(time);
        let (mut sum, mut weights) = (0.0, 0.0);
        for (i, &survival) in predicted.iter().enumerate() {
            let (loss, weight) = match times[i] > time {
                true => ((1.0 - survival).powi(2), still.recip()),
                false if observed[i] => (survival.powi(2), before[i].recip()),
                false => continue,
            };
            sum += frequencies[i] * weight * loss;
            weights += frequencies[i] * weight;
        }
        sum / weights
    };
    let scores = grid.iter().zip(survival.columns()).map(score).collect();
    Brier { times: grid.to_vec(), scores, unit: follow_up.unit().clone() }
}

/// The mean of an even number of values at equal steps by Simpson's rule. The last step, which it
/// cannot take, is that of the parabola through the last three values (Cartwright 2017), as in SciPy.
fn simpson(values: &[f64]) -> f64 {
    let last = values.len() - 1;
    let triples = values[..last].windows(3).step_by(2);
    let whole: f64 = triples.map(|v| (v[0] + 4.0 * v[1] + v[2]) / 3.0).sum();
    let end = (5.0 * values[last] + 8.0 * values[last - 1] - values[last - 2]) / 12.0;
    (whole + end) / last as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    // The rule is exact for parabolas: ∫₀¹ x² + x + 1 = 11/6.
    #[test]
    fn parabolas_have_their_integral() {
        let values: Vec<f64> = (0..GRID).map(|i| i as f64 / (GRID - 1) as f64).collect();
        let values: Vec<f64> = values.iter().map(|x| x * x + x + 1.0).collect();
        assert!((simpson(&values) - 11.0 / 6.0).abs() < 1e-12);
    }
}
