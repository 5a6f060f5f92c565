//! The autoencoder (lecture, foundations): an encoder p(x) = z and a decoder q(z) = x̃ with fewer
//! latent dimensions than the rows have, trained on the squared error (1/n) Σ‖xᵢ − x̃ᵢ‖².
//!
//! Without hidden layers both maps are linear, and the decoder of the best one spans the leading
//! principal components (Bourlard and Kamp 1988; Baldi and Hornik 1989).

mod checkpoint;
mod network;
mod outputs;
mod params;

use std::path::Path;

use ndarray::{Array2, ArrayView2, Axis};

pub use outputs::{Codes, Rebuilt};
pub use params::AutoencoderParams;

use self::{
    network::{Configuration, Part},
    params::Engine,
};
use crate::{
    data::{Rows, check_finite},
    device::Device,
    display::{LatentMap, MimeBundle, ModelCard, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
    train::{Alone, Fit, History, Subject, Trainable, Training, Watched, fit_facts, run},
    vae::Observations,
};

/// An autoencoder of rows of `D` values with `M` latent dimensions.
///
/// ```
/// use elbo::{Autoencoder, Fit, data};
///
/// let digits = data::handwriting().writers(4).repeats(2).images::<28>();
/// let mut autoencoder = Autoencoder::<784, 8>::params().hidden([32]).build()?;
/// let history = autoencoder.fit(&digits, Fit::new().epochs(2))?;
/// assert!(history.train[1].elbo > history.train[0].elbo, "minus the squared error rises");
/// assert_eq!(autoencoder.encode(&digits)?.values.dim(), (80, 8));
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct Autoencoder<const D: usize, const M: usize> {
    configuration: Configuration,
    engine: Engine,
    device: Device,
    training: Option<Training>,
}

impl<const D: usize, const M: usize> Autoencoder<D, M> {
    /// The settings, to change and to build from.
    pub fn params() -> AutoencoderParams<D, M> {
        AutoencoderParams::new()
    }

    /// Trains on `rows`, from the parameters as they are, and returns the curves. Called again with
    /// the same rows, seed and share for validation it goes on with the training, as
    /// [`crate::Vae::fit`] does.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings outside their range, [`Error::Value`] for a cell that is not
    /// finite, [`Error::NonFinite`] when the error leaves the numbers; the model then has the last
    /// parameters with a finite one.
    pub fn fit(&mut self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<History> {
        let data = rows.rows()?;
        self.prepare(data.view(), rows.image_size())?;
        let Self { engine, training, .. } = self;
        run(&mut Alone { model: &mut **engine, training }, data.view(), fit)
    }

    /// Checks the rows of a training, and remembers whether they are images.
    fn prepare(&mut self, rows: ArrayView2<f32>, frame: Option<(usize, usize)>) -> Result<()> {
        check_finite(rows)?;
        self.configuration.frame = frame.or(self.configuration.frame);
        Ok(())
    }

    /// Adds a display that is redrawn while the model trains: see [`Watched`].
    pub fn watch<'a, R: RichDisplay>(
        &'a mut self,
        view: impl FnMut(&Self) -> Result<R> + 'a,
    ) -> Watched<'a, Self> {
        Watched::new(self).watch(view)
    }

    /// The curves of the training so far.
    pub fn history(&self) -> Option<&History> {
        self.training.as_ref().map(|training| &training.history)
    }

    /// z of every row.
    ///
    /// # Errors
    /// As [`Self::fit`] for the rows.
    pub fn encode(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Codes<M>> {
        let rows = rows.rows()?;
        check_finite(rows.view())?;
        Ok(Codes { values: self.engine.output(Part::Encoder, rows.view(), M)? })
    }

    /// x̃ at every row of `latent`.
    ///
    /// # Errors
    /// [`Error::Shape`] for a matrix without `M` columns.
    pub fn decode(&self, latent: &(impl Rows<M> + ?Sized)) -> Result<Observations<D>> {
        let values = self.engine.output(Part::Decoder, latent.rows()?.view(), D)?;
        Ok(Observations::new(values, self.configuration.frame))
    }

    /// Every row beside what the decoder makes of its z.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn reconstruct(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Rebuilt<D>> {
        let frame = rows.image_size().or(self.configuration.frame);
        let original = Observations::new(rows.rows()?.into_owned(), frame);
        let rebuilt = self.decode(&self.encode(&original.values)?.values)?;
        Ok(Rebuilt { original, rebuilt })
    }

    /// How the decoder moves with each latent dimension: the axes of a linear autoencoder, one a
    /// row, (M, D). They span the same space as the leading principal axes when it is trained, but
    /// are neither orthogonal nor of length one.
    ///
    /// # Errors
    /// [`Error::Setting`] when there are hidden layers or the output is not linear.
    pub fn axes(&self) -> Result<Array2<f64>> {
        if !self.configuration.is_linear() {
            let requirement = "only a decoder without hidden layers and with a linear output has \
                               axes: build with hidden([])";
            return Err(Error::setting("axes", "a decoder that is not linear", requirement));
        }
        let origin = self.decode(&Array2::zeros((1, M)))?.values;
        let units = self.decode(&Array2::eye(M))?.values;
        Ok((units - origin.index_axis(Axis(0), 0)).mapv(f64::from))
    }

    /// Writes the model and the state of its training to a safetensors file, at once or not at all.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        checkpoint::save(self, path.as_ref())
    }

    /// Reads a model that [`Self::save`] wrote, to compute on [`Device::best`].
    ///
    /// # Errors
    /// [`Error::File`] for a file that is missing, damaged or holds something else;
    /// [`Error::Shape`] for a model of other sizes.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Self::load_on(path, &Device::best())
    }

    /// Reads a model to compute on `device`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_on(path: impl AsRef<Path>, device: &Device) -> Result<Self> {
        checkpoint::load(path.as_ref(), device)
    }
}

impl<const D: usize> Autoencoder<D, 2> {
    /// z of every row in the plane, coloured by an integer label of the rows.
    ///
    /// # Errors
    /// As [`Self::encode`], and [`Error::UnknownLabel`].
    pub fn latent_map(&self, rows: &(impl Rows<D> + ?Sized), label: &str) -> Result<LatentMap> {
        let labels = rows.row_labels(label)?;
        LatentMap::new(self.encode(rows)?.values.view())?.labels(label, &labels)
    }
}

impl<const D: usize, const M: usize> std::fmt::Debug for Autoencoder<D, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sizes = self.configuration.sizes();
        let kind =
            if self.configuration.is_linear() { "Linear autoencoder" } else { "Autoencoder" };
        write!(f, "{kind} {sizes}, on {}", self.device)
    }
}

impl<const D: usize, const M: usize> RichDisplay for Autoencoder<D, M> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let Configuration { ref activation, ref output, frame, .. } = self.configuration;
        let rows = match frame {
            Some((height, width)) => format!("{D} values, images of {height}×{width}"),
            None => format!("{D} values"),
        };
        let table = Table::new(format!("{self:?}"), ["", ""])
            .row(["rows x".into(), rows.into()])
            .row(["codes z".into(), format!("{M} values").into()])
            .row(["activation".into(), format!("{activation:?}").into()])
            .row(["output".into(), format!("{output:?}").into()]);
        let table = fit_facts(table, self.history());
        let history = self.history().map(History::unseen);
        ModelCard::new(table).curves(history.as_ref()).bundle()
    }
}

impl_evcxr_display!([const D: usize, const M: usize] Autoencoder<D, M>);

impl<const D: usize, const M: usize> Watched<'_, Autoencoder<D, M>> {
    /// Trains the model: see [`Autoencoder::fit`].
    ///
    /// # Errors
    /// Those of [`Autoencoder::fit`].
    pub fn fit(mut self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<History> {
        let data = rows.rows()?;
        self.model.prepare(data.view(), rows.image_size())?;
        run(&mut self, data.view(), fit)
    }
}

impl<const D: usize, const M: usize> Subject for Watched<'_, Autoencoder<D, M>> {
    fn model(&mut self) -> &mut dyn Trainable {
        &mut *self.model.engine
    }

    fn training(&mut self) -> &mut Option<Training> {
        &mut self.model.training
    }

    fn is_watched(&self) -> bool {
        self.has_views()
    }

    fn redraw(&mut self) {
        self.redraw_views();
    }
}
