//! The settings of a probabilistic PCA.

use ndarray::{ArrayView2, Axis};

use super::{
    ProbabilisticPca, closed_form::closed_form, em, linear_normal::LinearNormal, relevance,
};
use crate::{
    data::{Dataset, Missing, check_cells, check_rows},
    error::{Error, Result},
    train::EmSettings,
};

/// How the parameters are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The closed form for complete rows, EM for rows with missing cells.
    #[default]
    Automatic,
    /// EM in either case.
    Em,
}

/// The settings of a [`ProbabilisticPca`]; made by [`ProbabilisticPca::params`].
#[derive(Clone, Debug)]
pub struct ProbabilisticPcaParams {
    dimensions: usize,
    method: Method,
    bessel_correction: bool,
    relevance_determination: bool,
    em: EmSettings,
    seed: u64,
}

impl ProbabilisticPcaParams {
    pub(super) fn new(dimensions: usize) -> Self {
        Self {
            dimensions,
            method: Method::Automatic,
            bessel_correction: false,
            relevance_determination: false,
            em: EmSettings { iterations: 1000, tolerance: 1e-8 },
            seed: 0,
        }
    }

    /// How the parameters are found.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The closed form from the covariance with divisor n − 1, as scikit-learn's PCA has it,
    /// instead of the n of maximum likelihood.
    pub fn bessel_correction(mut self, corrects: bool) -> Self {
        self.bessel_correction = corrects;
        self
    }

    /// Bayesian PCA (Bishop 1999): the columns of W have priors N(0, I/α) with precisions α that
    /// are learned, so that dimensions the data do not need are switched off.
    pub fn relevance_determination(mut self, determines: bool) -> Self {
        self.relevance_determination = determines;
        self
    }

    /// The most iterations of EM; 1,000 unless set.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.em.iterations = iterations;
        self
    }

    /// EM ends when an iteration raises the objective by no more than this, in nats a row; 10⁻⁸
    /// unless set.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.em.tolerance = tolerance;
        self
    }

    /// Decides where EM starts.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Finds the parameters from `rows`, in which missing cells are NaN.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings outside their range or more dimensions than the rows have;
    /// [`Error::Value`] for an infinite cell; [`Error::Shape`] for too few rows or a column without
    /// an observed cell.
    pub fn fit(self, rows: &(impl Dataset + ?Sized)) -> Result<ProbabilisticPca> {
        let rows = rows.matrix()?;
        let x = rows.view();
        self.check(x)?;
        let complete = !x.iter().any(|value| value.is_nan());
        let (mut parameters, mut history) = match self.method {
            Method::Automatic if complete => {
                let divisor = x.nrows() - usize::from(self.bessel_correction);
                (closed_form(x, self.dimensions, divisor as f64)?, None)
            }
            _ => self.maximise(x)?,
        };
        let mut relevance = None;
        if self.relevance_determination {
            let (found, alpha, course) = relevance::determine(x, parameters, self.em)?;
            (parameters, relevance, history) = (found, Some(alpha), Some(course));
        }
        Ok(ProbabilisticPca { parameters, relevance, history })
    }

    fn maximise(
        &self,
        x: ArrayView2<f64>,
    ) -> Result<(LinearNormal, Option<crate::train::EmHistory>)> {
        if self.bessel_correction {
            let requirement = "it is for the closed form: EM maximises the likelihood";
            return Err(Error::setting("bessel_correction", true, requirement));
        }
        let (parameters, history) = em::maximise(x, self.dimensions, self.em, self.seed)?;
        Ok((parameters, Some(history)))
    }

    fn check(&self, x: ArrayView2<f64>) -> Result<()> {
        self.em.check()?;
        check_rows(x, 2, "a variance needs at least two rows")?;
        check_cells(x, Missing::Allowed)?;
        let (rows, columns) = x.dim();
        if !(1..columns.min(rows)).contains(&self.dimensions) {
            let requirement = format!(
                "{rows} rows of {columns} columns allow 1 to {}",
                (columns.min(rows)).saturating_sub(1)
            );
            return Err(Error::setting("dimensions", self.dimensions, requirement));
        }
        let empty = |column: ndarray::ArrayView1<f64>| column.iter().all(|value| value.is_nan());
        if let Some(column) = x.axis_iter(Axis(1)).position(empty) {
            return Err(Error::Shape {
                what: format!("the observed cells of column {column}"),
                got: vec![0],
                want: vec![1],
                advice: "remove a column without any observed cell".to_owned(),
            });
        }
        Ok(())
    }
}
