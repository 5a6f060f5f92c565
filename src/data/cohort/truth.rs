//! The true survival function of every patient under every combination of treatments.

use ndarray::{Array1, Array2, ArrayView1};

use crate::{
    error::{Error, Result},
    survival::{Cohort, SurvivalModel, check_times},
};

/// log λ, in months, of the average patient without treatment.
const LOG_SCALE: f64 = 4.95;
/// What z adds to log λ.
const STATUS_EFFECT: [f64; 4] = [0.55, -0.35, 0.25, 0.15];
/// What z₁² and z₁ z₂ take from it: risk is not linear in what can be seen.
const CURVATURE: f64 = -0.12;
const INTERACTION: f64 = -0.18;
/// What the treatments add to log λ, and for whom they do more: the intensified therapy for those of
/// low z₁, radiotherapy for those of high z₂. A few are harmed.
const TREATMENT_EFFECT: [f64; 2] = [0.45, 0.3];
const MODIFIED_BY: [(usize, f64); 2] = [(0, -0.4), (1, 0.35)];
/// log K without treatment, and what radiotherapy adds: relapses come later.
const LOG_SHAPE: f64 = 0.05;
const SHAPE_EFFECT: f64 = 0.15;

/// The health status of every patient, and what follows from it:
/// S(y | t, z) = exp(−(y/λ(t, z))^K(t)).
///
/// As a [`SurvivalModel`] it predicts the truth for the treatments that patients were given: no
/// model can be expected to do better.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    z: Array2<f64>,
}

impl Truth {
    pub(super) fn new(z: Array2<f64>) -> Self {
        Self { z }
    }

    /// z, (n, 4).
    pub fn status(&self) -> &Array2<f64> {
        &self.z
    }

    /// λ of a patient, in months, under these treatments.
    fn scale(&self, patient: usize, given: [bool; 2]) -> f64 {
        let z: ArrayView1<f64> = self.z.row(patient);
        let linear: f64 = z.iter().zip(STATUS_EFFECT).map(|(z, effect)| z * effect).sum();
        let curved = CURVATURE * z[0] * z[0] + INTERACTION * z[0] * z[1];
        let treated: f64 = (0..2)
            .filter(|&treatment| given[treatment])
            .map(|treatment| {
                let (dimension, slope) = MODIFIED_BY[treatment];
                TREATMENT_EFFECT[treatment] + slope * z[dimension]
            })
            .sum();
        (LOG_SCALE + linear + curved + treated).exp()
    }

    fn shape(given: [bool; 2]) -> f64 {
        (LOG_SHAPE + if given[1] { SHAPE_EFFECT } else { 0.0 }).exp()
    }

    /// The time at which S is `survival`.
    pub(super) fn time_of(&self, patient: usize, given: [bool; 2], survival: f64) -> f64 {
        self.scale(patient, given) * (-survival.ln()).powf(Self::shape(given).recip())
    }

    /// S(y | t, z) of every patient, (n, times), as if all had been given these treatments:
    /// intensified therapy and radiotherapy. Times are months.
    ///
    /// # Errors
    /// [`Error::Setting`] for a time that is negative or not finite.
    pub fn survival_under(&self, given: [bool; 2], times: &[f64]) -> Result<Array2<f64>> {
        self.survival_given(&vec![given; self.z.nrows()], times)
    }

    /// The expected time of every patient until the event, in months, (n), as if all had been given
    /// these treatments.
    pub fn mean_time_under(&self, given: [bool; 2]) -> Array1<f64> {
        let factor = statrs::function::gamma::gamma(1.0 + Self::shape(given).recip());
        (0..self.z.nrows()).map(|patient| factor * self.scale(patient, given)).collect()
    }

    fn survival_given(&self, given: &[[bool; 2]], times: &[f64]) -> Result<Array2<f64>> {
        check_times(times)?;
        let scales: Vec<f64> =
            given.iter().enumerate().map(|(i, given)| self.scale(i, *given)).collect();
        Ok(Array2::from_shape_fn((given.len(), times.len()), |(i, j)| {
            (-(times[j] / scales[i]).powf(Self::shape(given[i]))).exp()
        }))
    }

    /// The treatments of the patients of a cohort.
    ///
    /// # Errors
    /// [`Error::Shape`] unless it has as many patients and two treatments.
    fn given(&self, cohort: &Cohort) -> Result<Vec<[bool; 2]>> {
        match cohort.treatments() {
            [first, second] if cohort.len() == self.z.nrows() => {
                let both = first.given().iter().zip(second.given());
                Ok(both.map(|(first, second)| [*first, *second]).collect())
            }
            treatments => Err(Error::Shape {
                what: "the cohort".to_owned(),
                got: vec![cohort.len(), treatments.len()],
                want: vec![self.z.nrows(), 2],
                advice: "the truth is about the patients it was made with, in their order: use \
                         select and split of SimulatedCohort"
                    .to_owned(),
            }),
        }
    }
}

impl SurvivalModel for Truth {
    fn name(&self) -> String {
        "truth".to_owned()
    }

    fn survival(&self, cohort: &Cohort, times: &[f64]) -> Result<Array2<f64>> {
        self.survival_given(&self.given(cohort)?, times)
    }

    /// Not by parts of the cohort: the truth knows patients by their place.
    fn survival_at_own_times(&self, cohort: &Cohort) -> Result<Array1<f64>> {
        let (given, times) = (self.given(cohort)?, cohort.follow_up().times());
        let own = |i: usize| {
            let (scale, shape) = (self.scale(i, given[i]), Self::shape(given[i]));
            (-(times[i] / scale).powf(shape)).exp()
        };
        Ok((0..cohort.len()).map(own).collect())
    }
}
