//! The state of a training, from which it goes on exactly.
//!
//! Random numbers have no state of their own: the order of the rows in an epoch is a function of
//! the seed and the epoch, the noise of a step one of the seed and the step.

use ndarray::ArrayView2;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{
    fit::Fit,
    history::{History, SemiSupervised, Terms},
    trainable::Snapshot,
};

/// What makes two calls of `fit` parts of one training: the same rows, the same seed, the same
/// number of rows for validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Basis {
    rows: usize,
    columns: usize,
    digest: u64,
    seed: u64,
    validation: usize,
}

impl Basis {
    pub fn new(data: ArrayView2<f32>, fit: &Fit) -> Self {
        let (rows, columns) = data.dim();
        let (seed, validation) = (fit.seed, fit.validation_rows(rows));
        Self { rows, columns, digest: digest(data), seed, validation }
    }

    /// The same with other data that the training uses, of which this is the digest.
    pub fn beside(self, other: u64) -> Self {
        Self { digest: self.digest ^ other, ..self }
    }

    /// Whether so many rows of an epoch can be done, and more be left.
    pub fn is_possible(&self, done: usize) -> bool {
        self.rows.checked_sub(self.validation).is_some_and(|train| done < train)
    }

    /// The rows that train, and the rows that validate.
    pub fn split(&self) -> (Vec<usize>, Vec<usize>) {
        let mut train: Vec<usize> = (0..self.rows).collect();
        train.shuffle(&mut stream(self.seed, SPLIT));
        let validation = train.split_off(self.rows - self.validation);
        (train, validation)
    }

    /// The numbers that decide the order of the rows in an epoch, counted from 1.
    pub fn order(&self, epoch: usize) -> ChaCha8Rng {
        stream(self.seed, ORDERS | epoch as u64)
    }

    /// The noise of a step, counted from 0.
    pub fn noise(&self, step: usize) -> ChaCha8Rng {
        stream(self.seed, NOISE | step as u64)
    }

    /// The noise of a validation: the same after every epoch, so that only the parameters differ.
    pub fn validation_noise(&self) -> ChaCha8Rng {
        stream(self.seed, VALIDATION)
    }
}

/// Streams of one seed: apart, so that one does not shift another. Orders and noise have a stream
/// for each of 2³² epochs and steps.
const SPLIT: u64 = 0;
const VALIDATION: u64 = 1;
const ORDERS: u64 = 1 << 32;
const NOISE: u64 = 2 << 32;

/// A stream of random numbers of a seed.
pub(crate) fn stream(seed: u64, number: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(number);
    rng
}

/// A digest of all cells (Fowler, Noll and Vo's FNV-1a, on words of 32 bits).
pub(crate) fn digest(data: ArrayView2<f32>) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    data.iter()
        .fold(START, |digest, value| (digest ^ u64::from(value.to_bits())).wrapping_mul(PRIME))
}

/// What is done of an epoch that was interrupted: sums over its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Unfinished {
    pub rows: usize,
    pub reconstruction: f64,
    pub kl: f64,
    /// Of the rows of steps that had a penalty.
    pub penalised_rows: usize,
    pub mega: f64,
    /// Of a semi-supervised objective, all parts.
    pub semi_supervised: Option<[f64; 3]>,
}

impl Unfinished {
    /// Adds a step on so many rows with these means.
    pub fn add(&mut self, rows: usize, terms: Terms) {
        self.rows += rows;
        self.reconstruction += rows as f64 * terms.reconstruction;
        self.kl += rows as f64 * terms.kl;
        if let Some(mega) = terms.mega {
            self.penalised_rows += rows;
            self.mega += rows as f64 * mega;
        }
        if let Some(parts) = terms.semi_supervised {
            let sums = self.semi_supervised.get_or_insert([0.0; 3]);
            sums.iter_mut().zip(parts.parts()).for_each(|(sum, part)| *sum += rows as f64 * part);
        }
    }

    /// The means over the rows so far.
    pub fn mean(&self) -> Terms {
        let rows = self.rows as f64;
        let mega = (self.penalised_rows == self.rows).then_some(self.mega / rows);
        let semi_supervised = self.semi_supervised.map(|sums| sums.map(|sum| sum / rows));
        Terms {
            mega,
            semi_supervised: semi_supervised.map(SemiSupervised::from_parts),
            ..Terms::new(self.reconstruction / rows, self.kl / rows)
        }
    }
}

/// How far a training is. The parameters and the optimiser's moments are in the model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Training {
    pub basis: Basis,
    /// Of all epochs so far.
    pub history: History,
    pub unfinished: Unfinished,
    /// The parameters of the best epoch, where there are rows to validate on.
    pub best: Option<Snapshot>,
    /// The parameters to go on from, where the model went back to those of the best epoch.
    pub last: Option<Snapshot>,
}

impl Training {
    /// Before the first epoch.
    pub fn new(basis: Basis, history: History) -> Self {
        Self { basis, history, unfinished: Unfinished::default(), best: None, last: None }
    }

    /// The epoch that comes next, or that is unfinished, counted from 1.
    pub fn epoch(&self) -> usize {
        self.history.train.len() + 1
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn another_cell_seed_or_share_is_another_training() {
        let data = array![[0.0f32, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]];
        let of = |data: &ndarray::Array2<f32>, fit: Fit| Basis::new(data.view(), &fit);
        let basis = of(&data, Fit::new());
        assert_eq!(basis, of(&data, Fit::new().epochs(3).batch(2).learning_rate(0.1)));
        let mut other = data.clone();
        other[[2, 1]] += 1e-6;
        assert_ne!(basis, of(&other, Fit::new()));
        assert_ne!(basis, of(&data, Fit::new().seed(1)));
        assert_ne!(basis, of(&data, Fit::new().validation(0.5)));
        let transposed = data.t().as_standard_layout().into_owned();
        assert_ne!(basis, of(&transposed, Fit::new()));
    }

    #[test]
    fn a_running_mean_equals_the_mean_of_all_parts() {
        let parts = [(3, Terms::new(-1.5, 0.25)), (1, Terms::new(-7.0, 2.0))];
        let penalised = parts.map(|(rows, terms)| (rows, Terms { mega: Some(0.3), ..terms }));
        let semi = SemiSupervised::from_parts([-3.0, -2.5, -0.5]);
        let semi =
            parts.map(|(rows, terms)| (rows, Terms { semi_supervised: Some(semi), ..terms }));
        for parts in [parts, penalised, [parts[0], penalised[1]], semi] {
            let mut unfinished = Unfinished::default();
            parts.iter().for_each(|(rows, terms)| unfinished.add(*rows, *terms));
            assert_eq!(unfinished.mean(), Terms::mean(&parts));
        }
    }
}
