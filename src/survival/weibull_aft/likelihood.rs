//! The log-likelihood of Weibull times, and where it is highest.
//!
//! With u = ρ (log t − x β): ℓ = Σ δ (log ρ − log t + u) − eᵘ, and + eᵘ at the entry of those who
//! came under observation late; every time counts as often as its weight says. Newton's method runs in (β, log ρ).

use ndarray::{Array1, Array2, Axis};

use crate::{
    error::{Error, Result},
    linalg::{Cholesky, scatter},
};

/// Half the Newton decrement below which the likelihood cannot be raised noticeably.
const DECREMENT: f64 = 1e-10;
const HALVINGS: i32 = 40;

/// Times on the logarithmic scale, with covariates of mean 0 and standard deviation 1 behind a first
/// column of ones.
pub(super) struct LogTimes {
    pub x: Array2<f64>,
    pub log_times: Vec<f64>,
    pub observed: Vec<bool>,
    /// How often each time counts.
    pub frequencies: Vec<f64>,
    /// −∞ for those at risk from time 0.
    pub log_entries: Option<Vec<f64>>,
    pub ridge: f64,
}

/// ℓ and its derivatives at some (β, log ρ).
pub(super) struct Evaluation {
    pub log_likelihood: f64,
    pub gradient: Array1<f64>,
    /// −∇²ℓ
    pub information: Array2<f64>,
}

/// Where Newton's method ended.
pub(super) struct Optimum {
    /// (β, log ρ)
    pub parameters: Array1<f64>,
    pub at: Evaluation,
    pub iterations: usize,
    pub converged: bool,
}

/// What one time adds to ℓ and its derivatives by η = x β and θ = log ρ.
#[derive(Default)]
struct Term {
    value: f64,
    eta: f64,
    theta: f64,
    eta_eta: f64,
    eta_theta: f64,
    theta_theta: f64,
}

impl Term {
    /// `sign` eᵘ with its derivatives, for −H(t) and +H(entry).
    fn add_hazard(&mut self, sign: f64, log_time: f64, eta: f64, shape: f64) {
        let u = shape * (log_time - eta);
        let hazard = sign * u.exp();
        if hazard == 0.0 {
            return;
        }
        self.value += hazard;
        self.eta -= shape * hazard;
        self.theta += u * hazard;
        self.eta_eta += shape * shape * hazard;
        self.eta_theta -= shape * hazard * (1.0 + u);
        self.theta_theta += hazard * (u + u * u);
    }

    /// log h(t) with its derivatives.
    fn add_event(&mut self, log_time: f64, eta: f64, shape: f64) {
        let u = shape * (log_time - eta);
        self.value += shape.ln() - log_time + u;
        self.eta -= shape;
        self.theta += 1.0 + u;
        self.eta_theta -= shape;
        self.theta_theta += u;
    }
}

impl LogTimes {
    /// ℓ with its derivatives at `parameters`, of which log ρ is the last.
    pub fn evaluate(&self, parameters: &Array1<f64>) -> Evaluation {
        let p = self.x.ncols();
        let beta = parameters.slice(ndarray::s![..p]);
        let shape = parameters[p].exp();
        let eta = self.x.dot(&beta);
        let terms: Vec<Term> = (0..eta.len()).map(|i| self.term(i, eta[i], shape)).collect();
        let all = |value: fn(&Term) -> f64| -> Array1<f64> {
            terms.iter().zip(&self.frequencies).map(|(term, f)| f * value(term)).collect()
        };
        let mut gradient = Array1::zeros(p + 1);
        gradient.slice_mut(ndarray::s![..p]).assign(&self.x.t().dot(&all(|term| term.eta)));
        gradient[p] = all(|term| term.theta).sum();
        let mut information = Array2::zeros((p + 1, p + 1));
        // −∂²ℓ/∂η² is not negative: an entry is before its time.
        let curvature = all(|term| (-term.eta_eta).max(0.0));
        let block = scatter(self.x.view(), Array1::zeros(p).view(), Some(curvature.view()));
        information.slice_mut(ndarray::s![..p, ..p]).assign(&block);
        let mixed = self.x.t().dot(&all(|term| -term.eta_theta));
        information.slice_mut(ndarray::s![..p, p]).assign(&mixed);
        information.slice_mut(ndarray::s![p, ..p]).assign(&mixed);
        information[[p, p]] = all(|term| -term.theta_theta).sum();
        let mut log_likelihood = all(|term| term.value).sum();
        for j in 1..p {
            log_likelihood -= 0.5 * self.ridge * beta[j] * beta[j];
            gradient[j] -= self.ridge * beta[j];
            information[[j, j]] += self.ridge;
        }
        Evaluation { log_likelihood, gradient, information }
    }

    fn term(&self, i: usize, eta: f64, shape: f64) -> Term {
        let mut term = Term::default();
        if self.observed[i] {
            term.add_event(self.log_times[i], eta, shape);
        }
        term.add_hazard(-1.0, self.log_times[i], eta, shape);
        if let Some(entries) = &self.log_entries {
            term.add_hazard(1.0, entries[i], eta, shape);
        }
        term
    }

    /// The parameters with the highest likelihood.
    ///
    /// # Errors
    /// [`Error::Singular`] naming a column that others determine.
    pub fn maximise(&self, most: usize, names: &[String]) -> Result<Optimum> {
        let mut parameters = self.start();
        let mut at = self.evaluate(&parameters);
        let (mut iterations, mut converged) = (0, false);
        while iterations < most && !converged {
            let step = step(&at, names)?;
            converged = step.dot(&at.gradient) <= 2.0 * DECREMENT;
            let Some(next) = self.halved(&parameters, &step, at.log_likelihood) else { break };
            (parameters, at) = next;
            iterations += 1;
        }
        Ok(Optimum { parameters, at, iterations, converged })
    }

    /// The longest of the steps 1, ½, ¼, … that does not lower the likelihood.
    fn halved(
        &self,
        parameters: &Array1<f64>,
        step: &Array1<f64>,
        log_likelihood: f64,
    ) -> Option<(Array1<f64>, Evaluation)> {
        // Rounding of a sum of this size.
        let slack = 1e-13 * log_likelihood.abs();
        (0..HALVINGS).find_map(|halvings| {
            let next = parameters + &(step * 0.5f64.powi(halvings));
            let evaluation = self.evaluate(&next);
            (evaluation.log_likelihood >= log_likelihood - slack).then_some((next, evaluation))
        })
    }

    /// Exponential times without covariates.
    fn start(&self) -> Array1<f64> {
        let mut parameters = Array1::zeros(self.x.ncols() + 1);
        let times = self.log_times.iter().zip(&self.observed).zip(&self.frequencies);
        let (mut total, mut events) = (0.0, 0.0);
        for ((log_time, &observed), f) in times {
            total += f * log_time.exp();
            events += if observed { *f } else { 0.0 };
        }
        parameters[0] = (total / events).ln();
        parameters
    }
}

/// information⁻¹ gradient. Far from the maximum the information may not be positive definite; then
/// its diagonal is raised until it is.
fn step(at: &Evaluation, names: &[String]) -> Result<Array1<f64>> {
    let gradient = at.gradient.view().insert_axis(Axis(1));
    let scale = at.information.diag().iter().fold(0.0f64, |most, v| most.max(v.abs()));
    let mut failed = 0;
    for damping in [0.0, 1e-4, 1e-2, 1.0] {
        let mut information = at.information.clone();
        information.diag_mut().mapv_inplace(|value| value + damping * scale);
        match Cholesky::new(information.view()) {
            Ok(factor) => return Ok(factor.solve(gradient).column(0).to_owned()),
            Err(error) => failed = error.pivot,
        }
    }
    Err(singular(failed, names))
}

/// The error about a column without information of its own. The first parameter is the intercept.
pub(super) fn singular(pivot: usize, names: &[String]) -> Error {
    let name = pivot.checked_sub(1).and_then(|column| names.get(column));
    Error::Singular {
        what: format!("the information about {:?}", name.map_or("the intercept", String::as_str)),
        pivot,
        advice: "the columns before it determine it: remove it, or set a ridge".to_owned(),
    }
}
