//! The settings of a Gaussian mixture.

use ndarray::{ArrayView2, Axis};

use super::{
    GaussianMixture,
    em::{Settings, best_of_restarts, maximise},
    m_step::Ridge,
    normals::Covariance,
};
use crate::{
    data::{Dataset, Missing, check_cells, check_rows, check_width},
    error::{Error, Result},
    train::EmSettings,
};

/// The settings of a [`GaussianMixture`]; made by [`GaussianMixture::params`].
#[derive(Clone, Debug)]
pub struct GaussianMixtureParams {
    components: usize,
    covariance: Covariance,
    restarts: usize,
    ridge: f64,
    em: EmSettings,
    seed: u64,
    start: Option<GaussianMixture>,
}

impl GaussianMixtureParams {
    pub(super) fn new(components: usize) -> Self {
        Self {
            components,
            covariance: Covariance::Full,
            restarts: 10,
            ridge: 1e-6,
            em: EmSettings { iterations: 500, tolerance: 1e-6 },
            seed: 0,
            start: None,
        }
    }

    /// What the covariances may be; full unless set.
    pub fn covariance(mut self, covariance: Covariance) -> Self {
        self.covariance = covariance;
        self
    }

    /// How many starts the best is taken of; 10 unless set. Each begins at the most probable of ten
    /// mixtures from k-means++, after 30 iterations of EM.
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts;
        self
    }

    /// Added to every variance in each M-step, as a share of the mean variance of the columns; 10⁻⁶
    /// unless set.
    ///
    /// Without it the likelihood has no maximum: a component that collapses onto a single row makes
    /// it infinite. A start in which a component is left with less than 1.5 rows is given up, for
    /// the ridge would bound its likelihood only at a value that no honest fit reaches.
    pub fn ridge(mut self, share: f64) -> Self {
        self.ridge = share;
        self
    }

    /// The most iterations of EM in each start; 500 unless set.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.em.iterations = iterations;
        self
    }

    /// EM ends when an iteration raises the log-likelihood by no more than this, in nats a row;
    /// 10⁻⁶ unless set.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.em.tolerance = tolerance;
        self
    }

    /// Decides the starts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Starts once, from this mixture, with its kind of covariances.
    pub fn start(mut self, mixture: &GaussianMixture) -> Self {
        self.covariance = mixture.components().covariance();
        self.start = Some(mixture.clone());
        self
    }

    /// Finds the mixture that makes `rows` most probable.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings outside their range; [`Error::Shape`] for fewer than two
    /// rows a component; [`Error::Value`] for a cell that is missing or not finite, or a constant
    /// column without a ridge; [`Error::Singular`] when every start collapsed.
    pub fn fit(self, rows: &(impl Dataset + ?Sized)) -> Result<GaussianMixture> {
        let rows = rows.matrix()?;
        let x = rows.view();
        self.check(x)?;
        let settings = Settings {
            components: self.components,
            covariance: self.covariance,
            restarts: self.restarts,
            ridge: Ridge::relative(self.ridge, x),
            em: self.em,
            seed: self.seed,
        };
        match self.start {
            Some(start) => Ok(maximise(x, start, settings)?.1),
            None => best_of_restarts(x, settings),
        }
    }

    fn check(&self, x: ArrayView2<f64>) -> Result<()> {
        self.em.check()?;
        check_ridge(self.ridge)?;
        if self.components == 0 {
            return Err(Error::setting("components", 0, "it must be at least 1"));
        }
        if self.restarts == 0 {
            return Err(Error::setting("restarts", 0, "it must be at least 1"));
        }
        let reason = "a component needs at least two rows: use fewer components";
        check_rows(x, 2 * self.components, reason)?;
        check_cells(x, Missing::Refused)?;
        if let Some(start) = &self.start {
            check_width("the data", x, start.components().dimensions())?;
            let (got, want) = (start.components().len(), self.components);
            if got != want {
                let requirement = format!("the start has {got}");
                return Err(Error::setting("components", want, requirement));
            }
        }
        check_constant(x, self.covariance, self.ridge)
    }
}

/// # Errors
/// [`Error::Setting`] for a ridge that is negative or not finite.
pub(crate) fn check_ridge(ridge: f64) -> Result<()> {
    if ridge >= 0.0 && ridge.is_finite() {
        return Ok(());
    }
    Err(Error::setting("ridge", ridge, "it must not be negative"))
}

/// # Errors
/// [`Error::Value`] naming the first column that has the same value in all rows, when nothing gives
/// it a variance.
pub(crate) fn check_constant(x: ArrayView2<f64>, covariance: Covariance, ridge: f64) -> Result<()> {
    if covariance == Covariance::Spherical || ridge > 0.0 {
        return Ok(());
    }
    let constant = |column: ndarray::ArrayView1<f64>| {
        column.first().is_some_and(|first| column.iter().all(|value| value == first))
    };
    let Some(column) = x.axis_iter(Axis(1)).position(constant) else { return Ok(()) };
    Err(Error::Value {
        what: "the data".to_owned(),
        row: 0,
        column,
        value: x[[0, column]],
        advice: "this column is the same in all rows and has no variance to model: remove it, \
                 set a ridge, or use spherical covariances"
            .to_owned(),
    })
}
