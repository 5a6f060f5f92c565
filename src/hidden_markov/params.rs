//! The settings of a hidden Markov model.

use ndarray::{ArrayView2, Axis, concatenate};

use super::{
    HiddenMarkov,
    baum_welch::{Sequences, Settings, best_of_restarts, maximise},
};
use crate::{
    data::{Dataset, Missing, check_cells, check_rows, check_width},
    error::{Error, Result},
    mixture::{Covariance, Ridge, check_constant, check_ridge},
    train::EmSettings,
};

/// The settings of a [`HiddenMarkov`]; made by [`HiddenMarkov::params`].
#[derive(Clone, Debug)]
pub struct HiddenMarkovParams {
    states: usize,
    covariance: Covariance,
    restarts: usize,
    ridge: f64,
    em: EmSettings,
    seed: u64,
    start: Option<HiddenMarkov>,
}

impl HiddenMarkovParams {
    pub(super) fn new(states: usize) -> Self {
        Self {
            states,
            covariance: Covariance::Full,
            restarts: 5,
            ridge: 1e-6,
            em: EmSettings { iterations: 500, tolerance: 1e-6 },
            seed: 0,
            start: None,
        }
    }

    /// What the covariances of the emissions may be; full unless set.
    pub fn covariance(mut self, covariance: Covariance) -> Self {
        self.covariance = covariance;
        self
    }

    /// How many starts, each from k-means++ on the rows, the best is taken of; 5 unless set.
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts;
        self
    }

    /// Added to every variance in each M-step, as a share of the mean variance of the columns; 10⁻⁶
    /// unless set. See [`crate::mixture::GaussianMixtureParams::ridge`].
    pub fn ridge(mut self, share: f64) -> Self {
        self.ridge = share;
        self
    }

    /// The most iterations of Baum-Welch in each start; 500 unless set.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.em.iterations = iterations;
        self
    }

    /// Baum-Welch ends when an iteration raises the log-likelihood by no more than this, in nats a
    /// row; 10⁻⁶ unless set.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.em.tolerance = tolerance;
        self
    }

    /// Decides the starts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Starts once, from this model, with its kind of covariances.
    pub fn start(mut self, model: &HiddenMarkov) -> Self {
        self.covariance = model.emissions().covariance();
        self.start = Some(model.clone());
        self
    }

    /// Finds the model that makes `sequences` most probable, by the algorithm of Baum and Welch.
    /// The sequences are independent of each other; their lengths may differ.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings outside their range; [`Error::Shape`] for sequences without
    /// rows or of different widths, or fewer than two rows a state; [`Error::Value`] for a cell
    /// that is missing or not finite, or a constant column without a ridge; [`Error::Singular`]
    /// when every start collapsed.
    pub fn fit<S: Dataset>(self, sequences: &[S]) -> Result<HiddenMarkov> {
        let sequences = join(sequences)?;
        self.check(sequences.rows.view())?;
        let settings = Settings {
            states: self.states,
            covariance: self.covariance,
            restarts: self.restarts,
            ridge: Ridge::relative(self.ridge, sequences.rows.view()),
            em: self.em,
            seed: self.seed,
        };
        match self.start {
            Some(start) => Ok(maximise(&sequences, start, settings)?.1),
            None => best_of_restarts(&sequences, settings),
        }
    }

    fn check(&self, x: ArrayView2<f64>) -> Result<()> {
        self.em.check()?;
        check_ridge(self.ridge)?;
        if self.states == 0 {
            return Err(Error::setting("states", 0, "it must be at least 1"));
        }
        if self.restarts == 0 {
            return Err(Error::setting("restarts", 0, "it must be at least 1"));
        }
        check_rows(x, 2 * self.states, "a state needs at least two rows: use fewer states")?;
        if let Some(start) = &self.start {
            check_width("the sequences", x, start.emissions().dimensions())?;
            let got = start.emissions().len();
            if got != self.states {
                let requirement = format!("the start has {got}");
                return Err(Error::setting("states", self.states, requirement));
            }
        }
        check_constant(x, self.covariance, self.ridge)
    }
}

/// The rows of all sequences, one after the other.
fn join<S: Dataset>(sequences: &[S]) -> Result<Sequences> {
    let sequences = sequences.iter().map(Dataset::matrix).collect::<Result<Vec<_>>>()?;
    let views: Vec<ArrayView2<f64>> = sequences.iter().map(|sequence| sequence.view()).collect();
    let Some(first) = views.first() else {
        return Err(Error::setting("sequences", "[]", "there must be at least one"));
    };
    for (index, view) in views.iter().enumerate() {
        check_rows(*view, 1, &format!("sequence {index} is empty: leave it out"))?;
        check_width(&format!("sequence {index}"), *view, first.ncols())?;
        check_cells(*view, Missing::Refused).map_err(|error| match error {
            Error::Value { row, column, value, advice, .. } => {
                Error::Value { what: format!("sequence {index}"), row, column, value, advice }
            }
            other => other,
        })?;
    }
    let lengths = views.iter().map(ArrayView2::nrows).collect();
    let rows = concatenate(Axis(0), &views).map_err(|error| Error::Shape {
        what: "the sequences".to_owned(),
        got: first.shape().to_vec(),
        want: first.shape().to_vec(),
        advice: error.to_string(),
    })?;
    Ok(Sequences { rows, lengths })
}
