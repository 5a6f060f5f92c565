//! The evidence lower bound of every patient.

use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    latent::standard_error,
    train::Terms,
};

/// The bound of one patient and its parts (lecture, eq. 5), in nats.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BoundTerms {
    /// E\_q log p(x|z), of the standardised covariates and without ln x! of the counts.
    pub covariates: f64,
    /// log p(t|x).
    pub treatments: f64,
    /// E\_q log p(y|t, z) (lecture, eq. 6), of the standardised log-time.
    pub time: f64,
    /// What turns these into log-likelihoods of the covariates and the time in their own units.
    pub constant: f64,
    /// KL(q(z|x, y) ‖ p(z)).
    pub kl: f64,
}

impl BoundTerms {
    /// The bound: the log-likelihoods in the units of the data less the divergence.
    pub fn elbo(&self) -> f64 {
        self.terms().elbo
    }

    pub(super) fn terms(&self) -> Terms {
        let reconstruction = self.covariates + self.treatments + self.time + self.constant;
        Terms::new(reconstruction, self.kl)
    }

    /// The mean over patients or draws.
    pub(super) fn mean<'a>(all: impl ExactSizeIterator<Item = &'a Self>) -> Self {
        let count = all.len() as f64;
        let mut mean = Self::default();
        for terms in all {
            mean.covariates += terms.covariates / count;
            mean.treatments += terms.treatments / count;
            mean.time += terms.time / count;
            mean.constant += terms.constant / count;
            mean.kl += terms.kl / count;
        }
        mean
    }
}

/// The evidence lower bound of patients; made by [`super::Savae::bound`].
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// Of every patient: means over the draws of z.
    pub patients: Vec<BoundTerms>,
    /// Draws of z a patient.
    pub draws: usize,
}

impl Bound {
    /// The mean over the patients.
    pub fn mean(&self) -> BoundTerms {
        BoundTerms::mean(self.patients.iter())
    }

    /// The standard error of the mean bound: how far it would move with other patients and draws.
    pub fn standard_error(&self) -> f64 {
        standard_error(&self.patients.iter().map(BoundTerms::elbo).collect())
    }
}

impl RichDisplay for Bound {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("ELBO of {} patients, {} draws each", self.patients.len(), self.draws);
        let mean = self.mean();
        let value = |value| Cell::decimals(value, 3);
        Table::new(title, ["term", "nats a patient", "standard error"])
            .row(["ELBO".into(), value(mean.elbo()), value(self.standard_error())])
            .row(["log p(x|z)".into(), value(mean.covariates), "".into()])
            .row(["log p(t|x)".into(), value(mean.treatments), "".into()])
            .row(["log p(y|t, z)".into(), value(mean.time), "".into()])
            .row(["units of the data".into(), value(mean.constant), "".into()])
            .row(["KL(q‖p)".into(), value(mean.kl), "".into()])
            .mime_bundle()
    }
}

impl_evcxr_display!(Bound);
