//! What single patients contribute: score residuals for robust errors, Schoenfeld and martingale
//! residuals for checks.

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::{
    Cox, Ties,
    partial_likelihood::{Exposure, weights},
    rows::Rows,
};
use crate::{error::Result, linalg::product, survival::Cohort};

/// Rows of one value for each group.
struct GroupMeans {
    /// Σ mean/Σw over the terms of a group.
    whole: Array2<f64>,
    /// Σ share·mean/Σw.
    tied: Array2<f64>,
    /// The mean over the terms, which the events are compared with.
    average: Array2<f64>,
}

/// The score residual of every row, (n, p), in the order of the rows: they sum to the gradient.
///
/// A row counts in every term of its risk sets with w (1 − share, if it is one of the events)/Σw, as
/// in R's survival package (Therneau and Grambsch 2000, section 3.5).
pub(super) fn score_residuals(rows: &Rows, ties: Ties, beta: &Array1<f64>) -> Array2<f64> {
    let (_, weights) = weights(rows, beta);
    let (exposure, means) = moments(rows, ties, &weights);
    let exposure = exposure.of_rows(rows);
    let mut cumulated = means.whole.clone();
    for stratum in &rows.strata {
        for group in stratum.clone().skip(1) {
            let before = cumulated.row(group - 1).to_owned();
            cumulated.row_mut(group).zip_mut_with(&before, |to, from| *to += from);
        }
    }
    let mut out = Array2::zeros(rows.x.dim());
    for (index, group) in rows.groups.iter().enumerate() {
        for i in group.rows.clone() {
            let x = rows.x.row(i);
            let mut mean = cumulated.row(index).to_owned();
            if rows.observed[i] {
                mean -= &means.tied.row(index);
            }
            if let Some(Some(before)) = rows.entered_after.get(i) {
                mean -= &cumulated.row(*before);
            }
            let mut residual = (mean - &(&x * exposure[i])) * weights[i];
            if rows.observed[i] {
                residual.scaled_add(rows.frequencies[i], &(&x - &means.average.row(index)));
            }
            out.row_mut(i).assign(&residual);
        }
    }
    out
}

fn moments(rows: &Rows, ties: Ties, weights: &[f64]) -> (Exposure, GroupMeans) {
    let zeros = || Array2::zeros((rows.groups.len(), rows.x.ncols()));
    let mut exposure = Exposure::none(rows);
    let mut means = GroupMeans { whole: zeros(), tied: zeros(), average: zeros() };
    rows.for_each_risk_set(weights, |set| {
        for (share, count) in set.terms(ties) {
            let weight = set.weight(share);
            exposure.whole[set.group] += count / weight;
            exposure.tied[set.group] += count * share / weight;
            let mean: Array1<f64> = set.mean(share).collect();
            means.whole.row_mut(set.group).scaled_add(count / weight, &mean);
            means.tied.row_mut(set.group).scaled_add(count * share / weight, &mean);
            means.average.row_mut(set.group).scaled_add(count / set.event_weight, &mean);
        }
    });
    (exposure, means)
}

/// DᵀD with the rows of D the changes of β when a cluster is left out (Lin and Wei 1989).
pub(super) fn robust_covariance(
    rows: &Rows,
    ties: Ties,
    beta: &Array1<f64>,
    covariance: &Array2<f64>,
    clusters: &[usize],
) -> Array2<f64> {
    let scores = score_residuals(rows, ties, beta);
    let count = clusters.iter().max().map_or(0, |last| last + 1);
    let mut sums = Array2::zeros((count, scores.ncols()));
    for (score, &source) in scores.rows().into_iter().zip(&rows.source) {
        sums.row_mut(clusters[source]).zip_mut_with(&score, |to, from| *to += from);
    }
    let changes = product(sums.view(), covariance.view());
    product(changes.t(), changes.view())
}

impl Cox {
    /// The Schoenfeld residual of every event: its covariates less their mean over the risk set.
    /// Times, in increasing order within each stratum, and residuals (events, p).
    ///
    /// # Errors
    /// Those of [`Design::matrix`](crate::survival::Design::matrix). `cohort` is the one that was
    /// fitted.
    pub fn schoenfeld_residuals(&self, cohort: &Cohort) -> Result<(Vec<f64>, Array2<f64>)> {
        let rows = self.rows(cohort)?;
        let (_, weights) = weights(&rows, &self.coefficients);
        let (_, means) = moments(&rows, self.ties, &weights);
        let mut times = Vec::new();
        let mut residuals = Array2::zeros((0, rows.x.ncols()));
        for (index, group) in rows.groups.iter().enumerate() {
            for i in group.rows.clone().filter(|&i| rows.observed[i]) {
                times.push(group.time);
                let residual = &rows.x.row(i) - &means.average.row(index);
                // The row is as long as the others.
                let _ = residuals.push_row(residual.view());
            }
        }
        Ok((times, residuals))
    }

    /// The martingale residual of every patient, (n): events observed less events expected by the
    /// model, with Breslow's baseline hazard.
    ///
    /// # Errors
    /// Those of [`Design::matrix`](crate::survival::Design::matrix).
    pub fn martingale_residuals(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        let stratum = self.strata.indices(cohort)?;
        let ratios = self.log_hazard(cohort)?.mapv(f64::exp);
        let follow_up = cohort.follow_up();
        let residual = |i: usize| {
            let hazard = &self.baseline[stratum[i]];
            let entry = follow_up.entries().map_or(0.0, |entries| hazard.at(entries[i]));
            let expected = (hazard.at(follow_up.times()[i]) - entry) * ratios[i];
            f64::from(u8::from(follow_up.observed()[i])) - expected
        };
        Ok((0..cohort.len()).map(residual).collect())
    }

    /// The rows of a cohort, centred but in their own units.
    pub(super) fn rows(&self, cohort: &Cohort) -> Result<Rows> {
        let x = self.design.matrix(cohort)? - &self.mean;
        let stratum = self.strata.indices(cohort)?;
        Ok(Rows::new(&x, cohort.follow_up(), &stratum, self.strata.len()))
    }
}

/// Σ (aᵢ − ā) bᵢ for every column of b.
pub(super) fn centred_products(a: &[f64], b: &Array2<f64>) -> Array1<f64> {
    let mean = a.iter().sum::<f64>() / a.len() as f64;
    let centred: Array1<f64> = a.iter().map(|a| a - mean).collect();
    b.axis_iter(Axis(1)).map(|column: ArrayView1<f64>| column.dot(&centred)).collect()
}
