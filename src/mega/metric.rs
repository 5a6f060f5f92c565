//! The gap and its norms.

use ndarray::{Array1, Array2};

use super::{
    norms::{Norm, check_exponent, entrywise, schatten},
    second_moment::DataMoments,
    standard_error::{Estimate, batch_standard_error, second_moment_influence},
};
use crate::{
    data::Dataset,
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
    latent::{ClosedFormMoments, Covariances, LatentModel, Moments},
};

/// The gap between the moments of `rows` and those of a model, from `draws` draws z ~ p(z); the same
/// on every call. [`Mega::params`] has the seed.
///
/// ```
/// use elbo::{ProbabilisticPca, LatentModel, mega::mega};
/// use ndarray::array;
///
/// let truth = ProbabilisticPca::from_parts(array![[2.0], [1.0], [0.0]], array![0.0, 1.0, 2.0], 0.1)?;
/// let other = ProbabilisticPca::from_parts(array![[0.0], [1.0], [2.0]], array![0.0, 1.0, 2.0], 0.1)?;
/// let rows = truth.draw(2_000, 7)?.observed;
/// let (good, bad) = (mega(&truth, &rows, 5_000)?, mega(&other, &rows, 5_000)?);
/// assert!(good.second().value < 0.5 && bad.second().value > 4.0);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`Error::Setting`] for fewer than two draws, [`Error::Shape`] for fewer than two rows or rows of
/// another width than the model's, [`Error::Value`] naming a cell that is missing or not finite.
pub fn mega(model: &dyn LatentModel, rows: &(impl Dataset + ?Sized), draws: usize) -> Result<Mega> {
    Mega::params(draws).of(model, rows)
}

/// The settings of a [`Mega`]; made by [`Mega::params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MegaParams {
    draws: usize,
    seed: u64,
}

impl MegaParams {
    /// Decides the draws; 0 unless set.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The gap by the means and variances of p(x|z) at draws z ~ p(z) (lecture, eq. 27 and 30).
    ///
    /// # Errors
    /// Those of [`mega`].
    pub fn of(self, model: &dyn LatentModel, rows: &(impl Dataset + ?Sized)) -> Result<Mega> {
        self.check()?;
        let data = DataMoments::new(rows, model.data_dimensions())?;
        let latent = model.draw_latent(self.draws, self.seed)?;
        let conditional = model.conditional(latent.view())?;
        Ok(Mega::new(model.name(), data, conditional, Source::Moments { draws: self.draws }))
    }

    /// The gap by the second moment of draws x ~ p(x): the sampling estimator that MEGA is compared
    /// with. It has the same expectation and a larger variance, by what p(x|z) varies.
    ///
    /// # Errors
    /// Those of [`mega`].
    pub fn by_sampling(
        self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
    ) -> Result<Mega> {
        self.check()?;
        let data = DataMoments::new(rows, model.data_dimensions())?;
        let samples = model.draw(self.draws, self.seed)?.observed;
        Ok(Mega::new(model.name(), data, certain(samples), Source::Samples { draws: self.draws }))
    }

    fn check(self) -> Result<()> {
        if self.draws >= 2 {
            return Ok(());
        }
        Err(Error::setting("draws", self.draws, "it must be at least 2"))
    }
}

/// Each row for itself: means without variance.
fn certain(samples: Array2<f64>) -> Moments {
    let (rows, dimensions) = samples.dim();
    let covariances = Covariances::Spherical { variances: Array1::zeros(rows), dimensions };
    Moments { mean: samples, covariances }
}

/// Where the model's side of a [`Mega`] is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The moments of x in closed form.
    Exact,
    /// The moments of p(x|z) at this many draws of z.
    Moments {
        /// Draws of z.
        draws: usize,
    },
    /// This many draws of x.
    Samples {
        /// Draws of x.
        draws: usize,
    },
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Exact => write!(f, "exact moments"),
            Source::Moments { draws } => write!(f, "{draws} draws of z"),
            Source::Samples { draws } => write!(f, "{draws} draws of x"),
        }
    }
}

/// The gap between the first two moments of data and those of a model; lower is better. Shown as a
/// table of its norms, in units of the data (first moment) and their squares (second moment).
///
/// Every norm comes with a Monte Carlo standard error: what it would vary with other draws, the data
/// being as they are. It is from the delta method, what each draw adds to the norm to first order,
/// and batch means, so that it holds also where successive draws depend on each other. A norm is
/// never below zero: where the gap is no larger than what the draws vary, the value is mostly that
/// variation.
#[derive(Clone, Debug, PartialEq)]
pub struct Mega {
    /// [`LatentModel::name`].
    pub model: String,
    /// Where the model's moments are from.
    pub source: Source,
    /// 1MEGA: the mean of E(x|z) less x̄, (D).
    pub mean_gap: Array1<f64>,
    /// 2MEGA: DE − FME, the second moment of the data less that of the model, (D, D).
    pub second_moment_gap: Array2<f64>,
    data: DataMoments,
    conditional: Moments,
}

impl Mega {
    /// The settings: the number of draws.
    pub fn params(draws: usize) -> MegaParams {
        MegaParams { draws, seed: 0 }
    }

    /// The gap without draws, for models whose moments have a closed form.
    ///
    /// # Errors
    /// Those of [`mega`] for the rows.
    pub fn exact(model: &impl ClosedFormMoments, rows: &(impl Dataset + ?Sized)) -> Result<Self> {
        let data = DataMoments::new(rows, model.data_dimensions())?;
        Ok(Self::new(model.name(), data, model.observed_moments(), Source::Exact))
    }

    fn new(model: String, data: DataMoments, conditional: Moments, source: Source) -> Self {
        let (mean_gap, second_moment_gap) = data.gaps(&conditional);
        Self { model, source, mean_gap, second_moment_gap, data, conditional }
    }

    /// 1MEGA-F: the Euclidean norm of [`Self::mean_gap`], in units of the data.
    pub fn first(&self) -> Estimate {
        let value = self.mean_gap.dot(&self.mean_gap).sqrt();
        let direction = if value > 0.0 { &self.mean_gap / value } else { self.mean_gap.clone() };
        Estimate { value, standard_error: self.error(|| self.conditional.mean.dot(&direction)) }
    }

    /// 2MEGA-F: the Frobenius norm of [`Self::second_moment_gap`] (lecture, eq. 30), in squared
    /// units of the data.
    pub fn second(&self) -> Estimate {
        self.estimate(entrywise(&self.second_moment_gap, 2.0))
    }

    /// The entrywise q-norm of the second-moment gap (lecture, eq. 28): Frobenius's for q = 2, the
    /// largest entry for q = ∞.
    ///
    /// # Errors
    /// [`Error::Setting`] for a `q` below 1.
    pub fn entrywise(&self, q: f64) -> Result<Estimate> {
        check_exponent(q)?;
        Ok(self.estimate(entrywise(&self.second_moment_gap, q)))
    }

    /// The Schatten q-norm of the second-moment gap (lecture, eq. 29): the nuclear norm for q = 1,
    /// Frobenius's for q = 2, the operator norm for q = ∞.
    ///
    /// # Errors
    /// [`Error::Setting`] for a `q` below 1, [`Error::Decomposition`] when the eigenvalues cannot be
    /// computed.
    pub fn schatten(&self, q: f64) -> Result<Estimate> {
        check_exponent(q)?;
        Ok(self.estimate(schatten(&self.second_moment_gap, q)?))
    }

    /// The operator norm of the second-moment gap, its largest singular value.
    ///
    /// # Errors
    /// [`Error::Decomposition`] when the eigenvalues cannot be computed.
    pub fn operator(&self) -> Result<Estimate> {
        self.schatten(f64::INFINITY)
    }

    /// ‖DE‖, the Frobenius norm of the data's second moment: the size that 2MEGA-F is to be seen
    /// beside.
    pub fn data_norm(&self) -> f64 {
        entrywise(&self.data.second_moment(), 2.0).value
    }

    fn estimate(&self, norm: Norm) -> Estimate {
        let influence =
            || second_moment_influence(&self.conditional, &self.data.mean, &norm.derivative);
        Estimate { value: norm.value, standard_error: self.error(influence) }
    }

    fn error(&self, influence: impl FnOnce() -> Array1<f64>) -> f64 {
        match self.source {
            Source::Exact => 0.0,
            _ => batch_standard_error(&influence()),
        }
    }
}

impl RichDisplay for Mega {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!("MEGA of {}: {} rows, {}", self.model, self.data.rows, self.source);
        let mut table = Table::new(title, ["norm", "value", "standard error"]);
        let norms = [
            ("1MEGA-F, of the mean gap", self.first()),
            ("2MEGA-F, of the second-moment gap", self.second()),
            ("its operator norm", self.operator()?),
            ("its nuclear norm", self.schatten(1.0)?),
            ("its largest entry", self.entrywise(f64::INFINITY)?),
        ];
        for (name, estimate) in norms {
            table = table.row([
                Cell::from(name),
                estimate.value.into(),
                estimate.standard_error.into(),
            ]);
        }
        let whole = ["‖DE‖, of the data's second moment".into(), self.data_norm().into()];
        table.row(whole.into_iter().chain([0.0.into()])).mime_bundle()
    }
}

impl_evcxr_display!(Mega);
