//! SAVAE, the survival analysis variational autoencoder: patients by their covariates, treatments
//! and times, with a latent health status behind all of them.
//!
//! p(x, y, t, z) = p(z) p(x|z) p(t|x) p(y|t, z), with z ~ N(0, I), each covariate of its own family
//! given z, a Bernoulli for each treatment given x, and a right-censored time y given t and z,
//! Weibull unless set otherwise. Inference is by q(z|x, y) = N(μ(x, y), diag σ²(x, y)). Every edge
//! of the graph is a network with one hidden layer. Training ascends
//!
//! ELBO = E\_q\[log p(z) + log p(x|z) + log p(t|x) + log p(y|t, z) − log q(z|x, y)\]
//!
//! (lecture, eq. 5 to 14). Cells that are missing drop out of p(x|z); the encoder sees a 0 in their
//! place and is told that it is missing.
//!
//! A prediction averages p(y|t, z) over draws of z, weighed by how well they fit x (lecture, eq. 15
//! and 16): for every patient and every combination of treatments a whole distribution of the time.

mod bound;
mod card;
mod checkpoint;
mod columns;
mod configuration;
mod core;
mod generation;
mod latent_map;
mod model;
mod network;
mod params;
mod prediction;
mod recommendation;
mod survival_model;
#[cfg(test)]
mod tests;

use std::path::Path;

use ndarray::Array2;

pub use bound::{Bound, BoundTerms};
pub use generation::{Imputation, ImputedCell};
pub use latent_map::LatentOutcome;
pub use params::SavaeParams;
pub use prediction::{Prediction, Predictions, Proposal, SurvivalDistribution};
pub use recommendation::{Recommendation, Rule};

use self::{core::Core, model::Outcomes};
pub use crate::ops::TimeEmission;
use crate::{
    device::Device,
    display::RichDisplay,
    error::Result,
    survival::Cohort,
    train::{Alone, Fit, History, Subject, Trainable, Training, Watched, run},
    vae::{Evidence, Posterior},
};

/// A survival analysis variational autoencoder with `Z` latent dimensions.
///
/// ```
/// use elbo::{Fit, Savae, data, survival::SurvivalModel};
///
/// let (train, test) = data::cohort(7).cohort.split(0.876, 1)?;
/// let (savae, history) = Savae::<4>::params().hidden(16).fit(&train, Fit::new().epochs(2))?;
/// assert_eq!(history.train.len(), 2);
/// // Four-year survival under the treatments that patients were given, and under both.
/// let given = savae.survival(&test, &[48.0])?;
/// let both = savae.predict_under(&test, &[true, true])?;
/// println!("{:.3}, {:.3}", given[[0, 0]], both.patient(0)?.survival(48.0));
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct Savae<const Z: usize> {
    core: Core,
}

impl<const Z: usize> Savae<Z> {
    /// The settings, to change and to build from.
    pub fn params() -> SavaeParams<Z> {
        SavaeParams::new()
    }

    /// How to train where nothing speaks for other settings: batches of 64, Adam with learning rate
    /// 2·10⁻³, a tenth of the patients for validation, at most 800 epochs, an end after 60 without a
    /// better validation bound.
    ///
    /// The time is one of many things that the bound is about, and the last that it learns: it pays
    /// to be patient.
    pub fn training() -> Fit {
        Fit::new().epochs(800).batch(64).learning_rate(2e-3).validation(0.1).patience(60)
    }

    /// Trains on the patients of a cohort, from the parameters as they are, and returns the curves.
    ///
    /// The scales of covariates and times are those of the cohort that the model was built for.
    /// Called again with the same patients it goes on with the training, as [`crate::Vae::fit`]
    /// does, also after [`Self::save`] and [`Self::load`]: the same parameters, bit for bit, as
    /// without the break. Ctrl-C ends the training after the current step and keeps what was learned.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for settings outside their range; [`crate::Error::Column`] and
    /// [`crate::Error::Cell`] for patients unlike those of the cohort that the model was built for;
    /// [`crate::Error::NonFinite`] when the loss leaves the numbers.
    pub fn fit(&mut self, cohort: &Cohort, fit: Fit) -> Result<History> {
        let rows = self.core.training_rows(cohort)?;
        let Core { engine, training, .. } = &mut self.core;
        run(&mut Alone { model: &mut **engine, training }, rows.view(), fit)
    }

    /// The curves of the training so far.
    pub fn history(&self) -> Option<&History> {
        self.core.training.as_ref().map(|training| &training.history)
    }

    /// Adds a display that is redrawn while the model trains: see [`Watched`].
    pub fn watch<'a, R: RichDisplay>(
        &'a mut self,
        view: impl FnMut(&Self) -> Result<R> + 'a,
    ) -> Watched<'a, Self> {
        Watched::new(self).watch(view)
    }

    /// q(z|x, y) of every patient.
    ///
    /// # Errors
    /// Those of [`Self::fit`] for the patients.
    pub fn encode(&self, cohort: &Cohort) -> Result<Posterior<Z>> {
        self.encoded(cohort, Outcomes::Known)
    }

    /// q(z|x) of every patient: without a look at times and events.
    ///
    /// # Errors
    /// Those of [`Self::encode`].
    pub fn encode_covariates(&self, cohort: &Cohort) -> Result<Posterior<Z>> {
        self.encoded(cohort, Outcomes::Hidden)
    }

    fn encoded(&self, cohort: &Cohort, outcomes: Outcomes) -> Result<Posterior<Z>> {
        let (mean, std) = self.core.engine.encode(self.core.rows(cohort)?.view(), outcomes)?;
        Ok(Posterior { mean, std })
    }

    /// The evidence lower bound of every patient (lecture, eq. 5), in nats: means over `draws` draws
    /// of z, the same on every call.
    ///
    /// # Errors
    /// Those of [`Self::encode`], and [`crate::Error::Setting`] for no draws.
    pub fn bound(&self, cohort: &Cohort, draws: usize) -> Result<Bound> {
        self.core.bound(cohort, Outcomes::Known, draws)
    }

    /// log p(x, y, t) of every patient, in nats, by importance sampling with `draws` draws from
    /// q(z|x, y), and its distance from the bound.
    ///
    /// # Errors
    /// Those of [`Self::bound`].
    pub fn evidence(&self, cohort: &Cohort, draws: usize) -> Result<Evidence> {
        self.core.evidence(cohort, draws)
    }

    /// p(t|x): the probability of each treatment, (n, treatments).
    ///
    /// # Errors
    /// Those of [`Self::encode`].
    pub fn treatment_probabilities(&self, cohort: &Cohort) -> Result<Array2<f64>> {
        let logits = self.core.engine.treatment_logits(self.core.rows(cohort)?.view())?;
        Ok(logits.mapv(|logit| 1.0 / (1.0 + (-f64::from(logit)).exp())))
    }

    /// How predictions are made from now on, unless they are asked for with settings of their own:
    /// those of all scores, too.
    pub fn set_prediction(&mut self, settings: Prediction) {
        self.core.prediction = settings;
    }

    /// p(y|t, x) of every patient under the treatments that the patient was given (lecture, eq. 15
    /// and 16).
    ///
    /// # Errors
    /// Those of [`Self::encode`].
    pub fn predict(&self, cohort: &Cohort) -> Result<Predictions> {
        self.predict_with(cohort, &self.core.prediction)
    }

    /// The same with other draws.
    ///
    /// # Errors
    /// Those of [`Self::predict`], and [`crate::Error::Setting`] for no draws.
    pub fn predict_with(&self, cohort: &Cohort, settings: &Prediction) -> Result<Predictions> {
        Ok(self.core.predict(cohort, settings, &[None])?.swap_remove(0))
    }

    /// p(y|t, x) of every patient as if all were given these treatments, one entry a treatment in
    /// the order of the cohort that the model was built for.
    ///
    /// # Errors
    /// Those of [`Self::predict`], and [`crate::Error::Shape`] for another number of treatments.
    pub fn predict_under(&self, cohort: &Cohort, given: &[bool]) -> Result<Predictions> {
        let all = [Some(given.to_vec())];
        Ok(self.core.predict(cohort, &self.core.prediction, &all)?.swap_remove(0))
    }

    /// p(y|t, x) of every patient under every combination of treatments, none first, all from the
    /// same draws of z.
    ///
    /// # Errors
    /// Those of [`Self::predict`].
    pub fn predict_all(&self, cohort: &Cohort) -> Result<Vec<(Vec<bool>, Predictions)>> {
        let combinations = self.core.combinations();
        let asked: Vec<_> = combinations.iter().cloned().map(Some).collect();
        let all = self.core.predict(cohort, &self.core.prediction, &asked)?;
        Ok(combinations.into_iter().zip(all).collect())
    }

    /// Writes the model to a safetensors file, at once or not at all. A trained model comes with the
    /// state of its training, so that [`Self::fit`] goes on where it ended.
    ///
    /// # Errors
    /// [`crate::Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.core.save(path.as_ref())
    }

    /// Reads a model that [`Self::save`] wrote, to compute on [`Device::best`].
    ///
    /// # Errors
    /// [`crate::Error::File`] for a file that is missing, damaged or holds something else;
    /// [`crate::Error::Shape`] for a model of other sizes.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::load_on(path, &Device::best())
    }

    /// Reads a model to compute on `device`.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn load_on(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        Ok(Self { core: Core::load(path.as_ref(), Z, device)? })
    }
}

impl<const Z: usize> Watched<'_, Savae<Z>> {
    /// Trains the model: see [`Savae::fit`].
    ///
    /// # Errors
    /// Those of [`Savae::fit`].
    pub fn fit(mut self, cohort: &Cohort, fit: Fit) -> Result<History> {
        let rows = self.model.core.training_rows(cohort)?;
        run(&mut self, rows.view(), fit)
    }
}

impl<const Z: usize> Subject for Watched<'_, Savae<Z>> {
    fn model(&mut self) -> &mut dyn Trainable {
        &mut *self.model.core.engine
    }

    fn training(&mut self) -> &mut Option<Training> {
        &mut self.model.core.training
    }

    fn is_watched(&self) -> bool {
        self.has_views()
    }

    fn redraw(&mut self) {
        self.redraw_views();
    }
}

impl<const Z: usize> std::fmt::Debug for Savae<Z> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (settings, columns) =
            (&self.core.configuration.settings, &self.core.configuration.columns);
        let (covariates, treatments) = (columns.covariates.len(), columns.treatments.len());
        write!(
            f,
            "Savae of {covariates} covariates and {treatments} treatments, {} hidden units, {Z} \
             latent dimensions, {:?} times, on {}",
            settings.hidden, settings.emission, self.core.device
        )
    }
}
