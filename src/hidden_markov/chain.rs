//! The chain of states: the forward and the backward pass, in logarithms (Rabiner 1989, section
//! III; Bishop 2006, section 13.2.2).

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::latent::{log_sum_exp, log_sum_exp_of};

/// π and A.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    /// (K)
    pub initial: Array1<f64>,
    /// (K, K)
    pub transitions: Array2<f64>,
}

/// What a whole sequence says about its states.
pub(super) struct Smoothed {
    /// p(zₜ = k|x), (T, K).
    pub states: Array2<f64>,
    /// Σₜ p(zₜ = i, zₜ₊₁ = j|x), (K, K).
    pub transitions: Array2<f64>,
    /// log p(x)
    pub log_likelihood: f64,
}

impl Chain {
    /// log p(x₁…xₜ, zₜ = k), (T, K), from log p(xₜ|zₜ = k), (T, K).
    fn forward(&self, densities: ArrayView2<f64>) -> Array2<f64> {
        let mut out = densities.to_owned();
        let transitions = self.transitions.mapv(f64::ln);
        if let Some(mut first) = out.axis_iter_mut(Axis(0)).next() {
            first += &self.initial.mapv(f64::ln);
        }
        for t in 1..out.nrows() {
            let (before, mut after) =
                out.multi_slice_mut((ndarray::s![t - 1, ..], ndarray::s![t, ..]));
            for (j, after) in after.iter_mut().enumerate() {
                let terms = before.iter().zip(transitions.column(j));
                *after += log_sum_exp_of(terms.map(|(before, step)| before + step));
            }
        }
        out
    }

    /// log p(xₜ₊₁…x_T|zₜ = k), (T, K).
    fn backward(&self, densities: ArrayView2<f64>) -> Array2<f64> {
        let mut out = Array2::zeros(densities.dim());
        let transitions = self.transitions.mapv(f64::ln);
        for t in (1..out.nrows()).rev() {
            let next: Array1<f64> = &out.row(t) + &densities.row(t);
            for i in 0..out.ncols() {
                let terms = next.iter().zip(transitions.row(i));
                out[[t - 1, i]] = log_sum_exp_of(terms.map(|(next, step)| next + step));
            }
        }
        out
    }

    /// log p(xₜ|x₁…xₜ₋₁) of every row, (T): their sum is log p(x).
    pub fn predictive(&self, densities: ArrayView2<f64>) -> Array1<f64> {
        let so_far = log_sum_exp(self.forward(densities).view());
        let mut before = 0.0;
        so_far
            .iter()
            .map(|&now| {
                let step = now - before;
                before = now;
                step
            })
            .collect()
    }

    /// The forward-backward algorithm. There is at least one row.
    pub fn smooth(&self, densities: ArrayView2<f64>) -> Smoothed {
        let (forward, backward) = (self.forward(densities), self.backward(densities));
        let last = forward.nrows() - 1;
        let log_likelihood = log_sum_exp_of(forward.row(last).iter().copied());
        let joint = &forward + &backward;
        // Normalised row by row: rounding adds up differently in each.
        let evidence = log_sum_exp(joint.view()).insert_axis(Axis(1));
        let states = (joint - evidence).mapv(f64::exp);
        let mut transitions = Array2::zeros(self.transitions.dim());
        for t in 0..last {
            let next: Array1<f64> = &densities.row(t + 1) + &backward.row(t + 1);
            for ((i, j), sum) in transitions.indexed_iter_mut() {
                *sum += (forward[[t, i]] + next[j] - log_likelihood).exp();
            }
        }
        Smoothed { states, transitions: transitions * &self.transitions, log_likelihood }
    }
}
