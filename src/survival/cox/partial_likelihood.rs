//! The logarithm of the partial likelihood with its derivatives (Cox 1972, 1975).
//!
//! With w = exp(x β), and sums over those at risk at the time of d events, of which D are the events:
//!
//! ℓ = Σ x β − Σ log(Σ w − (l/d) Σ_D w), l = 0 … d − 1
//!
//! (Efron 1977); Breslow (1974) has no second term. Of subjects with weights f, w is f exp(x β), the
//! first sum is over f x β, and each term counts with the mean weight of the events of its time.
//!
//! The Hessian is not built from sums of w x xᵀ over
//! every risk set, but from two products of matrices: each row enters the first with the sum of all
//! 1/Σw during which it was at risk, and the mean of every risk set enters the second.

use ndarray::{Array1, Array2, ArrayView1};

use super::rows::{RiskSet, Rows};
use crate::linalg::scatter;

/// What is done about events at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ties {
    /// Close to the exact likelihood (Efron 1977).
    #[default]
    Efron,
    /// Faster to explain, but coefficients are drawn to 0 when there are many ties (Breslow 1974).
    Breslow,
}

/// ℓ and its derivatives at some β.
pub(super) struct Evaluation {
    pub log_likelihood: f64,
    /// (p)
    pub gradient: Array1<f64>,
    /// −∇²ℓ, (p, p).
    pub information: Array2<f64>,
}

impl RiskSet<'_> {
    /// The terms of this time: the share of the tied events that is taken out of the risk set, and
    /// how often the term counts.
    pub fn terms(&self, ties: Ties) -> impl Iterator<Item = (f64, f64)> + use<> {
        let events = self.events;
        let terms = match ties {
            Ties::Efron => events,
            Ties::Breslow => 1,
        };
        let count = self.event_weight / terms as f64;
        (0..terms).map(move |l| (l as f64 / events as f64, count))
    }

    /// Σw of a term.
    pub fn weight(&self, share: f64) -> f64 {
        self.sum - share * self.tied
    }

    /// The mean of x over a term, weighted by w.
    pub fn mean(&self, share: f64) -> impl Iterator<Item = f64> + '_ {
        let weight = self.weight(share);
        let sums = self.sum_x.iter().zip(self.tied_x);
        sums.map(move |(sum, tied)| (sum - share * tied) / weight)
    }
}

/// How often a row counts in the first product: w times this.
pub(super) struct Exposure {
    /// For every group, the sum of 1/Σw of its terms, and of share/Σw.
    pub whole: Vec<f64>,
    pub tied: Vec<f64>,
}

impl Exposure {
    pub fn none(rows: &Rows) -> Self {
        Self { whole: vec![0.0; rows.groups.len()], tied: vec![0.0; rows.groups.len()] }
    }

    /// For each row: the sum over the times at which it was at risk.
    pub fn of_rows(&self, rows: &Rows) -> Vec<f64> {
        let cumulated = rows.cumulated(&self.whole);
        let mut out = vec![0.0; rows.source.len()];
        for (index, group) in rows.groups.iter().enumerate() {
            for i in group.rows.clone() {
                out[i] = cumulated[index];
                if rows.observed[i] {
                    out[i] -= self.tied[index];
                }
                if let Some(Some(before)) = rows.entered_after.get(i) {
                    out[i] -= cumulated[*before];
                }
            }
        }
        out
    }
}

/// x β and w of all rows.
pub(super) fn weights(rows: &Rows, beta: &Array1<f64>) -> (Vec<f64>, Vec<f64>) {
    let risk: Vec<f64> = rows.x.rows().into_iter().map(|row| row.dot(beta)).collect();
    let weights = risk.iter().zip(&rows.frequencies).map(|(risk, f)| f * risk.exp()).collect();
    (risk, weights)
}

/// ℓ(β) with its derivatives.
pub(super) fn evaluate(rows: &Rows, ties: Ties, beta: &Array1<f64>) -> Evaluation {
    let p = rows.x.ncols();
    let (risk, weights) = weights(rows, beta);
    let mut exposure = Exposure::none(rows);
    let mut means: Vec<f64> = Vec::new();
    let mut log_likelihood = 0.0;
    let mut gradient = Array1::<f64>::zeros(p);
    for i in (0..risk.len()).filter(|&i| rows.observed[i]) {
        log_likelihood += rows.frequencies[i] * risk[i];
        gradient.scaled_add(rows.frequencies[i], &rows.x.row(i));
    }
    rows.for_each_risk_set(&weights, |set| {
        for (share, count) in set.terms(ties) {
            let weight = set.weight(share);
            log_likelihood -= count * weight.ln();
            exposure.whole[set.group] += count / weight;
            exposure.tied[set.group] += count * share / weight;
            let root = count.sqrt();
            for (gradient, mean) in gradient.iter_mut().zip(set.mean(share)) {
                *gradient -= count * mean;
                means.push(root * mean);
            }
        }
    });
    // A rounding error must not make a share negative, of which a root is taken.
    let exposure = exposure.of_rows(rows);
    let shares = weights.iter().zip(exposure).map(|(w, exposure)| (w * exposure).max(0.0));
    let origin = Array1::zeros(p);
    let shares: Array1<f64> = shares.collect();
    let mut information = scatter(rows.x.view(), origin.view(), Some(shares.view()));
    if let Ok(means) = Array2::from_shape_vec((means.len() / p.max(1), p), means) {
        information -= &scatter(means.view(), origin.view(), None);
    }
    Evaluation { log_likelihood, gradient, information }
}

impl Evaluation {
    /// Adds the penalty −½ λ |β|².
    pub fn penalised(mut self, ridge: f64, beta: ArrayView1<f64>) -> Self {
        self.log_likelihood -= 0.5 * ridge * beta.dot(&beta);
        self.gradient.scaled_add(-ridge, &beta);
        self.information.diag_mut().mapv_inplace(|value| value + ridge);
        self
    }
}
