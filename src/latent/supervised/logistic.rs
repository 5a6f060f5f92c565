//! Multinomial logistic regression by Newton's method, each step from conjugate gradients: no
//! Hessian is formed, so that many classes cost no more than their probabilities.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use crate::{
    error::{Error, Result},
    latent::log_sum_exp,
    linalg::product,
};

/// p(c|z) ∝ exp(b_c + w_cᵀz).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Logistic {
    /// (M, classes)
    pub weights: Array2<f64>,
    /// (classes)
    pub intercepts: Array1<f64>,
}

impl Logistic {
    /// (n, M) → (n, classes)
    pub fn probabilities(&self, z: ArrayView2<f64>) -> Array2<f64> {
        softmax(product(z, self.weights.view()) + &self.intercepts).0
    }
}

/// The probabilities of every row, and log Σ exp.
fn softmax(scores: Array2<f64>) -> (Array2<f64>, Array1<f64>) {
    let evidence = log_sum_exp(scores.view());
    ((scores - evidence.view().insert_axis(Axis(1))).mapv(f64::exp), evidence)
}

/// Most steps of Newton's method, and of conjugate gradients in each.
const NEWTON: usize = 100;
const CONJUGATE: usize = 200;
/// The gradient of the mean loss at which the maximum is reached.
const TOLERANCE: f64 = 1e-10;
/// A mean loss below this comes from classes that a plane separates: it would fall for ever.
const SEPARATED: f64 = 1e-6;

/// The weights with the highest penalised likelihood of the `targets`, (n, classes), one-hot.
///
/// # Errors
/// [`Error::Setting`] when there is none: without a ridge, where a plane separates the classes, or
/// with dimensions of z that never vary.
pub(super) fn maximise(
    z: ArrayView2<f64>,
    targets: ArrayView2<f64>,
    ridge: f64,
) -> Result<Logistic> {
    let problem = Problem::new(z, targets, ridge);
    let mut theta = Array2::zeros((z.ncols() + 1, targets.ncols()));
    for _ in 0..NEWTON {
        let (loss, probabilities) = problem.loss(&theta);
        let gradient = problem.gradient(&theta, &probabilities);
        if ridge == 0.0 && loss < SEPARATED {
            break;
        }
        if largest(&gradient) <= TOLERANCE {
            return Ok(problem.solution(theta));
        }
        let direction = problem.newton_direction(&probabilities, &gradient);
        match problem.search(&theta, &direction, (loss, &gradient)) {
            Some(next) => theta = next,
            // Rounding leaves no lower loss: this is the minimum.
            None if largest(&gradient) <= TOLERANCE.sqrt() => {
                return Ok(problem.solution(theta));
            }
            None => break,
        }
    }
    let requirement = "the likelihood has no maximum, because the classes can be separated: use a \
                       ridge above 0";
    Err(Error::setting("ridge", ridge, requirement))
}

/// The mean penalised loss. z is standardised, so that the steps are well conditioned; the penalty
/// is on the weights of z as it was.
struct Problem<'a> {
    /// Standardised z and a column of ones, (n, M + 1).
    design: Array2<f64>,
    targets: ArrayView2<'a, f64>,
    /// The penalty on each row of the parameters, divided by n; none on the intercept.
    penalty: Array2<f64>,
    mean: Array1<f64>,
    std: Array1<f64>,
}

impl<'a> Problem<'a> {
    fn new(z: ArrayView2<f64>, targets: ArrayView2<'a, f64>, ridge: f64) -> Self {
        let (rows, latent) = z.dim();
        let mean = z.mean_axis(Axis(0)).unwrap_or_default();
        let std = z.std_axis(Axis(0), 0.0).mapv(|std| if std > 0.0 { std } else { 1.0 });
        let mut design = Array2::ones((rows, latent + 1));
        design.slice_mut(s![.., ..latent]).assign(&((&z - &mean) / &std));
        let mut penalty = Array2::zeros((latent + 1, 1));
        let of_weights = std.mapv(|std| ridge / (std * std) / rows as f64);
        penalty.slice_mut(s![..latent, 0]).assign(&of_weights);
        Self { design, targets, penalty, mean, std }
    }

    /// The loss and the probabilities.
    fn loss(&self, theta: &Array2<f64>) -> (f64, Array2<f64>) {
        let scores = product(self.design.view(), theta.view());
        let chosen = (&scores * &self.targets).sum();
        let (probabilities, evidence) = softmax(scores);
        let rows = self.design.nrows() as f64;
        let penalty = 0.5 * (&self.penalty * &(theta * theta)).sum();
        ((evidence.sum() - chosen) / rows + penalty, probabilities)
    }

    fn gradient(&self, theta: &Array2<f64>, probabilities: &Array2<f64>) -> Array2<f64> {
        let residuals = probabilities - &self.targets;
        product(self.design.t(), residuals.view()) / self.design.nrows() as f64
            + &self.penalty * theta
    }

    /// The second derivative in a direction v: Zᵀ(P∘(Zv − Σ_c P∘Zv)) / n + penalty·v.
    fn curvature(&self, probabilities: &Array2<f64>, direction: &Array2<f64>) -> Array2<f64> {
        let change = product(self.design.view(), direction.view());
        let mean = (probabilities * &change).sum_axis(Axis(1)).insert_axis(Axis(1));
        let weighted = probabilities * &(change - mean);
        product(self.design.t(), weighted.view()) / self.design.nrows() as f64
            + &self.penalty * direction
    }

    /// −H⁻¹g by conjugate gradients, to a precision that grows with that of the solution (Nocedal
    /// and Wright 2006, algorithm 7.1).
    fn newton_direction(&self, probabilities: &Array2<f64>, gradient: &Array2<f64>) -> Array2<f64> {
        let mut solution = Array2::zeros(gradient.dim());
        let mut residual = -gradient;
        let mut direction = residual.clone();
        let mut squares = dot(&residual, &residual);
        let start = squares.sqrt();
        let enough = start * start.sqrt().min(0.1);
        for _ in 0..CONJUGATE {
            let curved = self.curvature(probabilities, &direction);
            let curvature = dot(&direction, &curved);
            // A shift of all classes together changes nothing: flat directions end the search.
            if curvature <= f64::EPSILON * dot(&direction, &direction) {
                break;
            }
            let step = squares / curvature;
            solution.scaled_add(step, &direction);
            residual.scaled_add(-step, &curved);
            let next = dot(&residual, &residual);
            if next.sqrt() <= enough {
                break;
            }
            direction = &residual + &(direction * (next / squares));
            squares = next;
        }
        if solution.iter().all(|value| *value == 0.0) { -gradient } else { solution }
    }

    /// The first of ever shorter steps that lowers the loss enough (Armijo 1966).
    fn search(
        &self,
        theta: &Array2<f64>,
        direction: &Array2<f64>,
        (loss, gradient): (f64, &Array2<f64>),
    ) -> Option<Array2<f64>> {
        let slope = dot(gradient, direction);
        let steps = (0..40).map(|halvings| 0.5f64.powi(halvings));
        steps.map(|step| (step, theta + &(direction * step))).find_map(|(step, next)| {
            let lower = self.loss(&next).0 <= loss + 1e-4 * step * slope;
            (lower && next != *theta).then_some(next)
        })
    }

    /// The parameters for z as it was.
    fn solution(&self, theta: Array2<f64>) -> Logistic {
        let latent = self.mean.len();
        let weights = &theta.slice(s![..latent, ..]) / &self.std.view().insert_axis(Axis(1));
        let intercepts = &theta.row(latent) - &self.mean.dot(&weights);
        let shift = intercepts.mean().unwrap_or(0.0);
        Logistic { weights, intercepts: intercepts - shift }
    }
}

fn dot(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    (a * b).sum()
}

fn largest(values: &Array2<f64>) -> f64 {
    values.iter().fold(0.0, |most, value| most.max(value.abs()))
}
