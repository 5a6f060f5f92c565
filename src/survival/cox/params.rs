//! The settings of a Cox regression.

use ndarray::{Array1, Array2, Axis};

use super::{
    Cox, Ties,
    baseline::breslow,
    newton::{Optimum, Search},
    residuals::robust_covariance,
    rows::{Rows, location_and_scale},
    strata::Strata,
};
use crate::{
    error::{Error, Result},
    survival::{
        Cohort, Design, FollowUp, MissingCells, scores::harrell, statistics::check_confidence,
    },
};

/// The settings of a [`Cox`] regression; made by [`Cox::params`].
#[derive(Clone, Debug)]
pub struct CoxParams {
    ties: Ties,
    strata: Vec<String>,
    cluster: Option<String>,
    robust: bool,
    ridge: f64,
    missing: MissingCells,
    confidence: f64,
    iterations: usize,
}

impl Default for CoxParams {
    fn default() -> Self {
        Self {
            ties: Ties::Efron,
            strata: Vec::new(),
            cluster: None,
            robust: false,
            ridge: 0.0,
            missing: MissingCells::Refused,
            confidence: 0.95,
            iterations: 50,
        }
    }
}

impl CoxParams {
    /// What is done about events at the same time; Efron's method unless set.
    pub fn ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// Columns (groupings, treatments, or covariates with levels) whose groups have a baseline hazard
    /// each. They get no coefficient.
    pub fn strata<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.strata = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Robust ("sandwich") standard errors, right also when the model is not (Lin and Wei 1989).
    pub fn robust(mut self, robust: bool) -> Self {
        self.robust = robust;
        self
    }

    /// Robust standard errors for patients that are alike within the groups of a column, which gets
    /// no coefficient.
    pub fn cluster(mut self, column: impl Into<String>) -> Self {
        self.cluster = Some(column.into());
        self.robust = true;
        self
    }

    /// λ of the penalty −½ λ Σ (σⱼ βⱼ)² on the partial log-likelihood, with σⱼ the standard deviation
    /// of column j: units do not matter. 0 unless set.
    pub fn ridge(mut self, ridge: f64) -> Self {
        self.ridge = ridge;
        self
    }

    /// What is done with missing cells; they are an error unless set.
    pub fn missing(mut self, missing: MissingCells) -> Self {
        self.missing = missing;
        self
    }

    /// The confidence of intervals; 0.95 unless set.
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// The most steps of Newton's method; 50 unless set.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// Maximises the partial likelihood.
    ///
    /// # Errors
    /// [`Error::NoEvents`]; [`Error::Cell`] for a missing cell; [`Error::Column`] for a column that
    /// is unknown or constant; [`Error::Singular`] for one that others determine; [`Error::Setting`]
    /// for settings outside their range, or without a covariate.
    pub fn fit(self, cohort: &Cohort) -> Result<Cox> {
        self.check()?;
        let follow_up = cohort.follow_up();
        follow_up.check_events()?;
        let except: Vec<String> = self.strata.iter().chain(&self.cluster).cloned().collect();
        let design = Design::of(cohort, self.missing, &except);
        let x = design.matrix(cohort)?;
        check_columns(&x, design.names())?;
        let (mean, scale) = location_and_scale(x.view());
        let strata = Strata::of(cohort, &self.strata)?;
        let standard = (x - &mean) / &scale;
        let rows = Rows::new(&standard, follow_up, &strata.indices(cohort)?, strata.len());
        let search = self.search(&rows, design.names());
        let optimum = search.maximise()?;
        let covariance = self.covariance(&search, &optimum, cohort)?;
        let penalty = 0.5 * self.ridge * optimum.beta.dot(&optimum.beta);
        Ok(Cox {
            coefficients: &optimum.beta / &scale,
            covariance: covariance / &scale / scale.view().insert_axis(Axis(1)),
            mean,
            baseline: breslow(&rows, &optimum.beta),
            concordance: concordance(&rows, follow_up, &optimum.beta),
            design,
            strata,
            ties: self.ties,
            robust: self.robust,
            confidence: self.confidence,
            log_likelihood: optimum.at.log_likelihood + penalty,
            null_log_likelihood: optimum.null_log_likelihood,
            score_statistic: optimum.score_statistic,
            iterations: optimum.iterations,
            warnings: optimum.warnings,
            patients: cohort.len(),
            events: follow_up.event_count(),
            unit: follow_up.unit().clone(),
        })
    }

    fn search<'a>(&self, rows: &'a Rows, names: &'a [String]) -> Search<'a> {
        Search { rows, names, ties: self.ties, ridge: self.ridge, iterations: self.iterations }
    }

    /// The covariance of β of the centred and scaled columns.
    fn covariance(
        &self,
        search: &Search,
        optimum: &Optimum,
        cohort: &Cohort,
    ) -> Result<Array2<f64>> {
        let covariance = search.covariance(&optimum.at.information)?;
        if !self.robust {
            return Ok(covariance);
        }
        let clusters = self.clusters(cohort)?;
        Ok(robust_covariance(search.rows, self.ties, &optimum.beta, &covariance, &clusters))
    }

    fn check(&self) -> Result<()> {
        check_confidence(self.confidence)?;
        if !(self.ridge >= 0.0 && self.ridge.is_finite()) {
            return Err(Error::setting("ridge", self.ridge, "it must not be negative"));
        }
        if self.iterations == 0 {
            return Err(Error::setting("iterations", 0, "it must be at least 1"));
        }
        Ok(())
    }

    /// The cluster of every patient: by default everybody is one.
    fn clusters(&self, cohort: &Cohort) -> Result<Vec<usize>> {
        let Some(column) = &self.cluster else { return Ok((0..cohort.len()).collect()) };
        let grouping = cohort.grouping(column)?;
        let unknown = grouping.levels().len();
        // Whoever is in no known cluster is one alone.
        let cluster = |(i, group): (usize, &Option<usize>)| group.unwrap_or(unknown + i);
        Ok(grouping.groups().iter().enumerate().map(cluster).collect())
    }
}

/// Harrell's concordance of the rows that were fitted; NaN when no two can be compared.
fn concordance(rows: &Rows, follow_up: &FollowUp, beta: &Array1<f64>) -> f64 {
    let mut risk = vec![0.0; rows.source.len()];
    for (row, &source) in rows.x.rows().into_iter().zip(&rows.source) {
        risk[source] = row.dot(beta);
    }
    harrell(follow_up, &risk).map_or(f64::NAN, |concordance| concordance.index())
}

/// # Errors
/// [`Error::Column`] for a column that is the same for all patients, [`Error::Setting`] without any.
pub(crate) fn check_columns(x: &Array2<f64>, names: &[String]) -> Result<()> {
    if names.is_empty() {
        let requirement = "a regression needs one; KaplanMeier needs none";
        return Err(Error::setting("covariates", "empty", requirement));
    }
    let constant = |column: Array1<f64>| column.iter().all(|value| *value == column[0]);
    let columns = x.columns().into_iter().map(|column| constant(column.to_owned()));
    match columns.into_iter().position(|constant| constant) {
        None => Ok(()),
        Some(column) => Err(Error::Column {
            column: names[column].clone(),
            problem: format!("is constant: every value is {}", x[[0, column]]),
            advice: "it can explain nothing: remove it, or join a level that nobody has to another"
                .to_owned(),
        }),
    }
}
