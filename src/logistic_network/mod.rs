//! A network for a binary response (lecture, eq. 1 and 2): one hidden layer of logistic units,
//!
//! h = logistic(W₁x + b₁),  P(y = 1|x) = logistic(w₂ᵀh + b₂),
//!
//! fitted by maximum likelihood with the gradients of back-propagation. Without a hidden layer it is
//! logistic regression.

mod network;
mod params;
#[cfg(test)]
mod tests;

use std::path::Path;

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate};

pub use params::LogisticNetworkParams;

use self::params::{Configuration, Engine, KIND, build};
use crate::{
    checkpoint::{Saved, load_trained, save_trained},
    data::{Rows, check_finite, check_one_each},
    device::Device,
    display::{MimeBundle, ModelCard, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
    train::{Alone, Fit, History, NamedTensor, Training, fit_facts, run},
};

/// A network for a binary response to rows of `D` values.
///
/// ```
/// use elbo::{Fit, LogisticNetwork};
///
/// // Exclusive or: no plane separates the responses.
/// let rows = [[0.0f32, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let responses = [false, true, true, false];
/// let mut network = LogisticNetwork::<2>::params().hidden(4).seed(1).build()?;
/// let fit = Fit::new().epochs(500).learning_rate(0.1).validation(0.0);
/// network.fit(&rows, &responses, fit)?;
/// assert_eq!(network.accuracy(&rows, &responses)?, 1.0);
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct LogisticNetwork<const D: usize> {
    configuration: Configuration,
    engine: Engine,
    device: Device,
    training: Option<Training>,
}

/// A matrix of a network's parameters, or of derivatives with respect to them.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedMatrix {
    /// `hidden.0.weight` (units, D), `hidden.0.bias` (1, units), `last.weight` (1, units) and
    /// `last.bias` (1, 1): W₁, b₁, w₂ and b₂.
    pub name: String,
    /// The values.
    pub values: Array2<f32>,
}

impl<const D: usize> LogisticNetwork<D> {
    /// The settings, to change and to build from.
    pub fn params() -> LogisticNetworkParams<D> {
        LogisticNetworkParams::new()
    }

    /// Trains on `rows` with a response each, from the parameters as they are, and returns the
    /// curves. Called again with the same rows, responses, seed and share for validation it goes on
    /// with the training, as [`crate::Vae::fit`] does.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one response a row, and those of
    /// [`crate::Autoencoder::fit`].
    pub fn fit(
        &mut self,
        rows: &(impl Rows<D> + ?Sized),
        responses: &[bool],
        fit: Fit,
    ) -> Result<History> {
        let data = beside(rows.rows()?.view(), responses)?;
        let Self { engine, training, .. } = self;
        run(&mut Alone { model: &mut **engine, training }, data.view(), fit)
    }

    /// The curves of the training so far.
    pub fn history(&self) -> Option<&History> {
        self.training.as_ref().map(|training| &training.history)
    }

    /// P(y = 1|x) of every row, (n).
    ///
    /// # Errors
    /// [`Error::Value`] for a cell that is not finite.
    pub fn probabilities(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Array1<f64>> {
        let logits = self.logits(rows.rows()?.view())?;
        Ok(logits.mapv(|logit| (1.0 + (-logit).exp()).recip()))
    }

    /// The mean log-likelihood of the responses, in nats a row.
    ///
    /// # Errors
    /// Those of [`Self::fit`] for the rows and responses.
    pub fn mean_log_likelihood(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        responses: &[bool],
    ) -> Result<f64> {
        let rows = rows.rows()?;
        check_one_each("response", responses.len(), rows.nrows())?;
        let logits = self.logits(rows.view())?;
        // log P(y) = −ln(1 + e^−l) for y = 1 and −ln(1 + eˡ) for y = 0.
        let softplus = |value: f64| value.max(0.0) + (-value.abs()).exp().ln_1p();
        let signed = logits.iter().zip(responses).map(|(&l, &y)| if y { -l } else { l });
        Ok(-signed.map(softplus).sum::<f64>() / responses.len() as f64)
    }

    /// The share of rows whose more probable response is theirs.
    ///
    /// # Errors
    /// Those of [`Self::mean_log_likelihood`].
    pub fn accuracy(&self, rows: &(impl Rows<D> + ?Sized), responses: &[bool]) -> Result<f64> {
        let probabilities = self.probabilities(rows)?;
        check_one_each("response", responses.len(), probabilities.len())?;
        let right =
            probabilities.iter().zip(responses).filter(|&(p, &response)| (*p > 0.5) == response);
        Ok(right.count() as f64 / responses.len() as f64)
    }

    /// The parameters.
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails.
    pub fn parameters(&self) -> Result<Vec<NamedMatrix>> {
        let values = self.engine.snapshot()?;
        self.name(values)
    }

    /// The derivatives of the mean log-likelihood with respect to every parameter, by
    /// back-propagation.
    ///
    /// # Errors
    /// Those of [`Self::mean_log_likelihood`].
    pub fn gradients(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        responses: &[bool],
    ) -> Result<Vec<NamedMatrix>> {
        let data = beside(rows.rows()?.view(), responses)?;
        let values = self.engine.gradients(data.view())?;
        self.name(values)
    }

    fn name(&self, values: Vec<Vec<f32>>) -> Result<Vec<NamedMatrix>> {
        let tensors = self.engine.tensors()?.into_iter().zip(values);
        let named = |((name, [rows, columns], _), values): (NamedTensor, Vec<f32>)| {
            let shape = (rows, columns);
            let values = Array2::from_shape_vec(shape, values)
                .map_err(crate::device::device_error("reading a network"))?;
            Ok(NamedMatrix { name, values })
        };
        tensors.map(named).collect()
    }

    fn logits(&self, rows: ArrayView2<f32>) -> Result<Array1<f64>> {
        check_finite(rows)?;
        let logits = self.engine.output((), rows, 1)?;
        Ok(logits.iter().copied().map(f64::from).collect())
    }

    /// Writes the model and the state of its training to a safetensors file, at once or not at all.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let training = self.training.as_ref();
        save_trained(path.as_ref(), KIND, &self.configuration, &*self.engine, training)
    }

    /// Reads a model that [`Self::save`] wrote, to compute on [`Device::best`].
    ///
    /// # Errors
    /// [`Error::File`] for a file that is missing, damaged or holds something else;
    /// [`Error::Shape`] for a model of other sizes.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let saved = Saved::read(path, KIND)?;
        let configuration: Configuration = saved.configuration()?;
        if configuration.inputs != D {
            return Err(Error::Shape {
                what: format!("the model in {}", path.display()),
                got: vec![configuration.inputs],
                want: vec![D],
                advice: format!("load it as LogisticNetwork::<{}>", configuration.inputs),
            });
        }
        let mut model = build(configuration, Device::best())
            .map_err(|error| saved.damaged(format!("its configuration is unusable: {error}")))?;
        model.training = load_trained(&saved, &mut *model.engine)?;
        Ok(model)
    }
}

/// The rows with a last column of responses.
fn beside(rows: ArrayView2<f32>, responses: &[bool]) -> Result<Array2<f32>> {
    check_finite(rows)?;
    check_one_each("response", responses.len(), rows.nrows())?;
    let column: Array1<f32> = responses.iter().map(|&y| f32::from(u8::from(y))).collect();
    concatenate(Axis(1), &[rows, column.insert_axis(Axis(1)).view()])
        .map_err(|error| Error::setting("responses", responses.len(), error.to_string()))
}

impl<const D: usize> std::fmt::Debug for LogisticNetwork<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.configuration.hidden {
            0 => write!(f, "Logistic regression on {D} inputs, on {}", self.device),
            units => write!(f, "Logistic network {D}-{units}-1, on {}", self.device),
        }
    }
}

impl<const D: usize> RichDisplay for LogisticNetwork<D> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let table = Table::new(format!("{self:?}"), ["", ""])
            .row(["inputs".into(), D.to_string().into()])
            .row(["hidden units".into(), self.configuration.hidden.to_string().into()]);
        let history = self.history().map(History::unseen);
        let card = ModelCard::new(fit_facts(table, self.history()));
        card.curves(history.as_ref()).bundle()
    }
}

impl_evcxr_display!([const D: usize] LogisticNetwork<D>);
