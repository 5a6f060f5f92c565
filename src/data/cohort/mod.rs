//! A simulated trial of Hodgkin lymphoma in young patients, of which the truth is known.
//!
//! In the setting of the lecture: 1,712 patients, sixteen covariates of every family with missing
//! cells, two treatments that the physician chose by the covariates, and an event that most
//! patients do not have before they are lost to follow-up. Behind all of it stands a health status
//! z of four dimensions that nobody sees:
//!
//! p(x, t, y, z) = p(z) p(x|z) p(t|x) p(y|t, z), with y | t, z ~ Weibull(λ(t, z), K(t, z)).
//!
//! No real patient's data went into it.

mod covariates;
mod truth;

use ndarray::{Array2, Axis};
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

pub use truth::Truth;

use crate::{
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::Result,
    survival::{Cohort, Durations, Events, FollowUp, Treatment},
    train::stream,
};

/// Patients of the trial.
const PATIENTS: usize = 1_712;
/// Dimensions of the health status.
const STATUS: usize = 4;
/// Patients entered over some years and all were last seen on one day, in months after their entry.
const FOLLOWED: (f64, f64) = (18.0, 84.0);
/// The hazard of being lost before that day, a month.
const LOST: f64 = 0.004;

/// Streams of random numbers, so that one does not shift another.
#[derive(Clone, Copy)]
enum Purpose {
    Status,
    Covariates,
    Missing,
    Treatments,
    Times,
    Censoring,
}

/// The trial and its truth; made by [`cohort`].
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedCohort {
    /// What a statistician sees. Times are months.
    pub cohort: Cohort,
    /// What nobody sees.
    pub truth: Truth,
}

/// What a statistician sees.
impl RichDisplay for SimulatedCohort {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        self.cohort.mime_bundle()
    }
}

impl_evcxr_display!(SimulatedCohort);

/// Simulates the trial. The same `seed` gives the same patients.
///
/// ```
/// use elbo::data;
///
/// let trial = data::cohort(7);
/// assert_eq!(trial.cohort.len(), 1712);
/// // The true probability of every patient to be free of events for four years, under both
/// // treatments and under none.
/// let both = trial.truth.survival_under([true, true], &[48.0])?;
/// let none = trial.truth.survival_under([false, false], &[48.0])?;
/// assert!(both.sum() > none.sum());
/// # Ok::<(), elbo::Error>(())
/// ```
pub fn cohort(seed: u64) -> SimulatedCohort {
    let rng = |purpose: Purpose| stream(seed, purpose as u64);
    let mut status = rng(Purpose::Status);
    let z = Array2::from_shape_simple_fn((PATIENTS, STATUS), || {
        Distribution::<f64>::sample(&StandardNormal, &mut status)
    });
    let complete = covariates::draw(&z, &mut rng(Purpose::Covariates));
    let mut chance = rng(Purpose::Treatments);
    let given: Vec<[bool; 2]> = (0..PATIENTS)
        .map(|patient| {
            complete.treatment_odds(patient).map(|odds| chance.random::<f64>() < logistic(odds))
        })
        .collect();
    let truth = Truth::new(z);
    let (times, observed) = follow(&truth, &given, seed);
    let covariates = complete.with_missing(&mut rng(Purpose::Missing));
    let follow_up = FollowUp::new(Durations::months(times), Events::observed(observed));
    let treatments = ["intensified", "radiotherapy"].into_iter().enumerate();
    let treatments =
        treatments.map(|(i, name)| Treatment::new(name, given.iter().map(|given| given[i])));
    let treatments: Vec<Treatment> = treatments.collect();
    let cohort = follow_up
        .and_then(|follow_up| Cohort::new(follow_up, covariates))
        .and_then(|cohort| cohort.with_treatments(treatments));
    match cohort {
        Ok(cohort) => SimulatedCohort { cohort, truth },
        // Every column is drawn for all patients, and all times are positive.
        Err(error) => unreachable!("the simulation is consistent: {error}"),
    }
}

/// When each patient has the event or is last seen, and which of the two it was.
fn follow(truth: &Truth, given: &[[bool; 2]], seed: u64) -> (Vec<f64>, Vec<bool>) {
    let mut times = stream(seed, Purpose::Times as u64);
    let mut censoring = stream(seed, Purpose::Censoring as u64);
    let uniform = |rng: &mut rand_chacha::ChaCha8Rng| 1.0 - rng.random::<f64>();
    let draw = |(patient, given): (usize, &[bool; 2])| {
        let event = truth.time_of(patient, *given, uniform(&mut times));
        let lost = -uniform(&mut censoring).ln() / LOST;
        let last = FOLLOWED.0 + (FOLLOWED.1 - FOLLOWED.0) * uniform(&mut censoring);
        (event.min(lost).min(last), event <= lost.min(last))
    };
    given.iter().enumerate().map(draw).unzip()
}

fn logistic(odds: f64) -> f64 {
    1.0 / (1.0 + (-odds).exp())
}

impl SimulatedCohort {
    /// The patients at `indices`, with their truth.
    ///
    /// # Errors
    /// Those of [`Cohort::select`].
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        let cohort = self.cohort.select(indices)?;
        let truth = Truth::new(self.truth.status().select(Axis(0), indices));
        Ok(Self { cohort, truth })
    }

    /// Two random parts of the lecture's sizes unless the share is another: 1,500 of 1,712 patients
    /// are a share of 0.876. The same `seed` gives the same parts.
    ///
    /// # Errors
    /// Those of [`Cohort::split`].
    pub fn split(&self, share: f64, seed: u64) -> Result<(Self, Self)> {
        let (first, rest) = self.cohort.split_indices(share, seed)?;
        Ok((self.select(&first)?, self.select(&rest)?))
    }
}
