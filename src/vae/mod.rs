//! The variational autoencoder (Kingma and Welling 2014).
//!
//! p(z) = N(0, I), p(x|z) a Bernoulli or a normal whose parameters are networks of z, and the
//! approximate posterior q(z|x) = N(μ(x), diag σ²(x)), also from networks. Training ascends the
//! evidence lower bound
//!
//! ELBO = E\_q\[log p(z) + log p(x|z) − log q(z|x)\] ≤ log p(x)   (lecture, eq. 3 and 4)
//!
//! [`Vae`] is a thin shell: the sizes in its type are checked at compile time, the arithmetic
//! behind it is compiled once for all sizes.

mod bound;
mod card;
mod checkpoint;
mod configuration;
mod core;
mod evidence;
mod evidence_curve;
mod latent_model;
mod model;
mod network;
mod objective;
mod outputs;
mod params;
mod plane;

use std::path::Path;

use ndarray::Array2;

pub use bound::Bound;
pub use configuration::{Emission, Estimator};
pub use evidence::Evidence;
pub use evidence_curve::{EvidenceCurve, EvidencePoint};
pub use outputs::{Decoded, Observations, Posterior, Reconstruction};
pub use params::VaeParams;

use self::core::Core;
use crate::{
    data::Rows,
    device::Device,
    display::RichDisplay,
    error::Result,
    latent::{ActiveUnits, active_units},
    train::{Alone, Fit, History, Subject, Terms, Trainable, Training, Watched, run},
};

/// A variational autoencoder of rows of `D` values with `Z` latent dimensions.
///
/// ```
/// use elbo::{Fit, Vae, data};
///
/// let digits = data::handwriting().writers(4).repeats(2).images::<28>();
/// let mut vae = Vae::<784, 2>::params().hidden([32]).build()?;
/// let history = vae.fit(&digits, Fit::new().epochs(2))?;
/// assert_eq!(history.train.len(), 2);
/// assert_eq!(vae.sample(9)?.mean.values.dim(), (9, 784));
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct Vae<const D: usize, const Z: usize> {
    core: Core,
}

impl<const D: usize, const Z: usize> Vae<D, Z> {
    /// The settings, to change and to build from.
    pub fn params() -> VaeParams<D, Z> {
        VaeParams::new()
    }

    /// Trains on `rows`, from the parameters as they are, and returns the curves.
    ///
    /// [`Fit::beta`], [`Fit::anneal`] and [`Fit::mega`] change what is ascended (lecture, eq. 33 and
    /// 34); without them it is the bound.
    ///
    /// Called again with the same rows, seed and share for validation, also after
    /// [`Self::save`] and [`Self::load`], it goes on with the training: N epochs and then M leave
    /// the same parameters, bit for bit, as N + M at once, and the curves are those of all epochs.
    /// Batch size, learning rate and patience may change. With other rows, another seed or
    /// another share a new training begins with the parameters as they are: Adam's moments are
    /// forgotten, and epochs are counted from 1.
    ///
    /// Ctrl-C ends the training after the current step and keeps what was learned; the next call
    /// finishes the epoch. With [`Fit::patience`] the model has the best parameters afterwards,
    /// and the next call goes on from the last ones.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for settings outside their range, [`crate::Error::Value`] for a
    /// cell that the emission cannot have, [`crate::Error::NonFinite`] when the loss leaves the
    /// numbers; the model then has the last parameters with a finite loss.
    pub fn fit(&mut self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<History> {
        let data = rows.rows()?;
        self.core.prepare(data.view(), rows.image_size())?;
        let Core { engine, training, .. } = &mut self.core;
        run(&mut Alone { model: &mut **engine, training }, data.view(), fit)
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

    /// q(z|x) of every row.
    ///
    /// # Errors
    /// As [`Self::fit`] for the rows.
    pub fn encode(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Posterior<Z>> {
        let rows = rows.rows()?;
        self.core.check(rows.view())?;
        let (mean, std) = self.core.engine.encode(rows.view())?;
        Ok(Posterior { mean, std })
    }

    /// p(x|z) at every row of `latent`.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] for a matrix without `Z` columns.
    pub fn decode(&self, latent: &(impl Rows<Z> + ?Sized)) -> Result<Decoded<D>> {
        let (mean, std) = self.core.engine.decode(latent.rows()?.view())?;
        let emission = self.core.configuration.emission;
        Ok(Decoded { mean: self.observations(mean), std: self.observations(std), emission })
    }

    /// Every row beside p(x|z) at the mean of its q(z|x).
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn reconstruct(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Reconstruction<D>> {
        let original = rows.rows()?.into_owned();
        let decoded = self.decode(&self.encode(&original)?.mean)?;
        let mut original = self.observations(original);
        original.frame = rows.image_size().or(original.frame);
        Ok(Reconstruction { original, decoded })
    }

    /// p(x|z) at `count` draws z ~ N(0, I). [`Decoded::draw`] completes the ancestral sampling.
    ///
    /// Each call continues the random numbers of the model's seed.
    ///
    /// # Errors
    /// [`crate::Error::Device`] when the device fails.
    pub fn sample(&self, count: usize) -> Result<Decoded<D>> {
        self.decode(&self.core.sample_latent(count))
    }

    /// The evidence lower bound, in nats a row: the mean over rows and `draws` draws of z each.
    /// The same draws on every call.
    ///
    /// # Errors
    /// As [`Self::encode`], and [`crate::Error::Setting`] for no draws.
    pub fn elbo(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        estimator: Estimator,
        draws: usize,
    ) -> Result<Terms> {
        Ok(self.bound(rows, estimator, draws)?.mean())
    }

    /// The evidence lower bound of every row (lecture, eq. 4 or 32), in nats: means over `draws`
    /// draws of z.
    ///
    /// # Errors
    /// As [`Self::elbo`].
    pub fn bound(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        estimator: Estimator,
        draws: usize,
    ) -> Result<Bound> {
        self.core.bound(rows.rows()?.view(), estimator, draws)
    }

    /// log p(x) of every row, in nats, by importance sampling with `draws` draws from q(z|x), and
    /// its distance from the bound.
    ///
    /// # Errors
    /// As [`Self::elbo`].
    pub fn evidence(&self, rows: &(impl Rows<D> + ?Sized), draws: usize) -> Result<Evidence> {
        self.core.evidence(rows.rows()?.view(), draws)
    }

    /// The mean of log p(x) over the rows, estimated with each of several numbers of importance
    /// samples.
    ///
    /// # Errors
    /// As [`Self::elbo`].
    pub fn evidence_curve(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        samples: &[usize],
    ) -> Result<EvidenceCurve> {
        self.core.evidence_curve(rows.rows()?.view(), samples)
    }

    /// Which latent dimensions tell anything about rows: see [`crate::latent::active_units`], and
    /// there for the usual threshold of 0.01.
    ///
    /// # Errors
    /// As [`Self::encode`], and [`crate::Error::Setting`] for a negative threshold.
    pub fn active_units(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        threshold: f64,
    ) -> Result<ActiveUnits> {
        active_units(self, &rows.rows()?.view(), threshold)
    }

    /// Writes the model to a safetensors file, at once or not at all. A trained model comes with
    /// the state of its training, so that [`Self::fit`] goes on where it ended.
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
    /// As [`Self::load`].
    pub fn load_on(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        Ok(Self { core: Core::load(path.as_ref(), (D, Z), device)? })
    }

    fn observations<const N: usize>(&self, values: Array2<f32>) -> Observations<N> {
        Observations { values, frame: self.core.configuration.frame }
    }
}

impl<const D: usize, const Z: usize> std::fmt::Debug for Vae<D, Z> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let configuration = &self.core.configuration;
        let hidden: Vec<String> = configuration.hidden.iter().map(usize::to_string).collect();
        let hidden = hidden.join("-");
        let emission = configuration.emission;
        write!(f, "Vae {D}-{hidden}-{Z}, {emission:?} emission, on {}", self.core.device())
    }
}

impl<const D: usize, const Z: usize> Watched<'_, Vae<D, Z>> {
    /// Trains the model: see [`Vae::fit`].
    ///
    /// # Errors
    /// Those of [`Vae::fit`].
    pub fn fit(mut self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<History> {
        let data = rows.rows()?;
        self.model.core.prepare(data.view(), rows.image_size())?;
        run(&mut self, data.view(), fit)
    }
}

impl<const D: usize, const Z: usize> Subject for Watched<'_, Vae<D, Z>> {
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
