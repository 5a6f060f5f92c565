//! Newton's method with halved steps.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::{
    CoxWarning,
    partial_likelihood::{Evaluation, Ties, evaluate},
    rows::Rows,
};
use crate::{
    error::{Error, Result},
    linalg::Cholesky,
};

/// Half the Newton decrement below which the likelihood cannot be raised noticeably. The step that
/// follows it is still taken, which squares the error.
const DECREMENT: f64 = 1e-10;
/// A coefficient of a column with standard deviation 1 that still moves so far when the likelihood
/// no longer rises is on its way to infinity.
const STILL_MOVING: f64 = 1e-2;
const HALVINGS: i32 = 30;
/// A pivot smaller than this share of its diagonal entry is zero up to rounding.
const COLLINEAR: f64 = 1e-11;

/// Where Newton's method ended.
pub(super) struct Optimum {
    pub beta: Array1<f64>,
    pub null_log_likelihood: f64,
    /// At β = 0: gradientᵀ information⁻¹ gradient.
    pub score_statistic: f64,
    pub at: Evaluation,
    pub iterations: usize,
    pub warnings: Vec<CoxWarning>,
}

/// The settings of a search.
pub(super) struct Search<'a> {
    pub rows: &'a Rows,
    pub names: &'a [String],
    pub ties: Ties,
    pub ridge: f64,
    pub iterations: usize,
}

impl Search<'_> {
    /// The maximum of the penalised partial likelihood.
    ///
    /// # Errors
    /// [`Error::Singular`] naming a column that the others determine.
    pub fn maximise(&self) -> Result<Optimum> {
        let mut beta = Array1::zeros(self.rows.x.ncols());
        let mut at = self.evaluate(&beta);
        let null_log_likelihood = at.log_likelihood;
        let mut score_statistic = 0.0;
        let mut warnings = Vec::new();
        let mut iterations = 0;
        loop {
            let step = self.step(&at)?;
            let decrement = step.dot(&at.gradient);
            if iterations == 0 {
                score_statistic = decrement;
            }
            let done = decrement <= 2.0 * DECREMENT;
            if iterations == self.iterations && !done {
                let gradient = at.gradient.iter().fold(0.0f64, |most, g| most.max(g.abs()));
                warnings.push(CoxWarning::NotConverged { iterations, gradient });
                break;
            }
            let Some((next, evaluation)) = self.halved(&beta, &step, at.log_likelihood) else {
                break;
            };
            (beta, at) = (next, evaluation);
            iterations += 1;
            if done {
                warnings.extend(self.separated(&step, &beta));
                break;
            }
        }
        Ok(Optimum { beta, null_log_likelihood, score_statistic, at, iterations, warnings })
    }

    fn evaluate(&self, beta: &Array1<f64>) -> Evaluation {
        evaluate(self.rows, self.ties, beta).penalised(self.ridge, beta.view())
    }

    /// information⁻¹ gradient
    fn step(&self, at: &Evaluation) -> Result<Array1<f64>> {
        let factor = self.factor(at.information.view())?;
        let gradient = at.gradient.view().insert_axis(Axis(1));
        Ok(factor.solve(gradient).column(0).to_owned())
    }

    fn factor(&self, information: ArrayView2<f64>) -> Result<Cholesky> {
        let singular = |pivot: usize| Error::Singular {
            what: format!(
                "the information about column {:?}",
                self.names.get(pivot).map_or("?", String::as_str)
            ),
            pivot,
            advice: "the columns before it determine it, or it does not vary among those at risk: \
                     remove it, or set a ridge"
                .to_owned(),
        };
        let factor = Cholesky::new(information).map_err(|error| singular(error.pivot))?;
        let pivots = factor.lower().diag().mapv(|pivot| pivot * pivot);
        let small = |(pivot, entry): (&f64, &f64)| *pivot < COLLINEAR * entry;
        match pivots.iter().zip(information.diag()).position(small) {
            Some(pivot) => Err(singular(pivot)),
            None => Ok(factor),
        }
    }

    /// The longest of the steps 1, ½, ¼, … that does not lower the likelihood. `None` when all do:
    /// then the maximum is found up to rounding.
    fn halved(
        &self,
        beta: &Array1<f64>,
        step: &Array1<f64>,
        log_likelihood: f64,
    ) -> Option<(Array1<f64>, Evaluation)> {
        // Rounding of a sum of this size.
        let slack = 1e-13 * log_likelihood.abs();
        (0..HALVINGS).find_map(|halvings| {
            let next = beta + &(step * 0.5f64.powi(halvings));
            let evaluation = self.evaluate(&next);
            (evaluation.log_likelihood >= log_likelihood - slack).then_some((next, evaluation))
        })
    }

    /// The columns whose coefficients are still on their way.
    fn separated(&self, step: &Array1<f64>, beta: &Array1<f64>) -> Vec<CoxWarning> {
        let moving = |(step, beta): (&f64, &f64)| step.abs() > STILL_MOVING && step * beta > 0.0;
        let columns = step.iter().zip(beta).zip(self.names);
        let moving = columns.filter(|(column, _)| moving(*column));
        moving.map(|(_, name)| CoxWarning::Separation { column: name.clone() }).collect()
    }

    /// The inverse of the information, (p, p).
    pub fn covariance(&self, information: &Array2<f64>) -> Result<Array2<f64>> {
        Ok(self.factor(information.view())?.inverse())
    }
}
