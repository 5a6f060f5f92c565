//! The most probable sequence of states (Viterbi 1967).

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::chain::Chain;
use crate::{
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::Result,
};

/// A sequence of states; made by [`super::HiddenMarkov::viterbi`].
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The state at every row, (T).
    pub states: Vec<usize>,
    /// log p(x, z) of the path, in nats.
    pub log_probability: f64,
}

impl RichDisplay for Path {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let runs: Vec<String> = self
            .states
            .chunk_by(|a, b| a == b)
            .map(|run| format!("{}×{}", run[0], run.len()))
            .collect();
        Ok(MimeBundle::new(format!(
            "{} states, log p(x, z) = {:.3} nats\n{}",
            self.states.len(),
            self.log_probability,
            runs.join(" ")
        )))
    }
}

impl_evcxr_display!(Path);

impl Chain {
    /// From log p(xₜ|zₜ = k), (T, K). Of equally probable paths the one with the smaller last state.
    pub fn viterbi(&self, densities: ArrayView2<f64>) -> Path {
        let transitions = self.transitions.mapv(f64::ln);
        let (rows, states) = densities.dim();
        // Where the best path to each state comes from; the first row is not used.
        let mut origins = Array2::<usize>::zeros((rows, states));
        let mut best: Array1<f64> = Array1::zeros(states);
        for (t, (density, mut origins)) in
            densities.axis_iter(Axis(0)).zip(origins.axis_iter_mut(Axis(0))).enumerate()
        {
            if t == 0 {
                best = self.initial.mapv(f64::ln) + density;
                continue;
            }
            let steps = origins.iter_mut().enumerate().map(|(j, origin)| {
                let (from, value) =
                    largest(best.iter().zip(transitions.column(j)).map(|(b, s)| b + s));
                *origin = from;
                value + density[j]
            });
            best = steps.collect();
        }
        let (mut state, log_probability) = largest(best.iter().copied());
        let mut path = vec![state; rows];
        for t in (1..rows).rev() {
            state = origins[[t, state]];
            path[t - 1] = state;
        }
        Path { states: path, log_probability }
    }
}

/// The first of the largest values, and where it stands.
fn largest(values: impl Iterator<Item = f64>) -> (usize, f64) {
    values.enumerate().fold((0, f64::NEG_INFINITY), |most, (index, value)| {
        if value > most.1 { (index, value) } else { most }
    })
}
