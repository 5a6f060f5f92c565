//! The Kullback-Leibler divergence of two normals with diagonal covariances:
//! KL(N(μ, σ²) ‖ N(μ₀, σ₀²)) = Σ log σ₀ − log σ + (σ² + (μ − μ₀)²)/(2σ₀²) − ½.

use dfdx::{
    shapes::{Axis, HasShape},
    tensor::{Cpu, Gradients, Tape, WithEmptyTape, ZerosTensor},
    tensor_ops::{SumTo, TryAdd, TryMul, TrySub},
};

use super::{
    Backend, Matrix, OpResult, Vector,
    elementary::exp,
    operand::{compose, return_gradient, take_gradient},
    parallel::for_each_row,
    storage::{values, values_mut},
};

type Prior<'a, B> = Option<(&'a Matrix<B>, &'a Matrix<B>)>;

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    mean: &Matrix<Cpu>,
    log_std: &Matrix<Cpu>,
    prior: Prior<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, _) = *mean.shape();
    let mut divergence = mean.device().try_zeros_like(&(rows,))?;
    let recorded = Recorded {
        mean: mean.clone(),
        log_std: log_std.clone(),
        prior: prior.map(|(mean, log_std)| (mean.clone(), log_std.clone())),
    };
    recorded.forward(values_mut(&mut divergence));
    if T::OWNS_TAPE {
        let result = divergence.clone();
        tape.add_backward_op(move |gradients| {
            let upstream = take_gradient(gradients, &result)?;
            recorded.backward(gradients, &upstream.0)?;
            return_gradient(gradients, &result, upstream)
        });
    }
    Ok(divergence)
}

struct Recorded {
    mean: Matrix<Cpu>,
    log_std: Matrix<Cpu>,
    prior: Option<(Matrix<Cpu>, Matrix<Cpu>)>,
}

/// One dimension: the posterior's and the prior's mean and log standard deviation.
#[derive(Clone, Copy)]
struct Cell {
    mean: f32,
    log_std: f32,
    prior_mean: f32,
    prior_log_std: f32,
}

impl Cell {
    #[inline(always)]
    fn divergence(self) -> f32 {
        let ratio = self.log_std - self.prior_log_std;
        let distance = (self.mean - self.prior_mean) * exp(-self.prior_log_std);
        0.5 * (exp(2.0 * ratio) + distance * distance - 1.0) - ratio
    }

    #[inline(always)]
    fn by_mean(self) -> f32 {
        (self.mean - self.prior_mean) * exp(-2.0 * self.prior_log_std)
    }

    #[inline(always)]
    fn by_log_std(self) -> f32 {
        exp(2.0 * (self.log_std - self.prior_log_std)) - 1.0
    }

    #[inline(always)]
    fn by_prior_log_std(self) -> f32 {
        let distance = (self.mean - self.prior_mean) * exp(-self.prior_log_std);
        -self.by_log_std() - distance * distance
    }
}

impl Recorded {
    /// A function from a position to its cell.
    fn cells(&self) -> impl Fn(usize) -> Cell + Sync + '_ {
        let (mean, log_std) = (values(&self.mean), values(&self.log_std));
        let prior = self.prior.as_ref().map(|(mean, log_std)| (values(mean), values(log_std)));
        move |at| {
            let (prior_mean, prior_log_std) =
                prior.as_ref().map_or((0.0, 0.0), |(mean, log_std)| (mean[at], log_std[at]));
            Cell { mean: mean[at], log_std: log_std[at], prior_mean, prior_log_std }
        }
    }

    fn forward(&self, divergence: &mut [f32]) {
        let (_, width) = *self.mean.shape();
        let cell = self.cells();
        for_each_row(divergence, 1, width, |row, sum| {
            sum[0] = (0..width).map(|i| cell(row * width + i).divergence()).sum();
        });
    }

    fn backward(&self, gradients: &mut Gradients<f32, Cpu>, upstream: &[f32]) -> OpResult<Cpu, ()> {
        self.add(gradients, upstream, &self.mean, Cell::by_mean)?;
        self.add(gradients, upstream, &self.log_std, Cell::by_log_std)?;
        if let Some((prior_mean, prior_log_std)) = &self.prior {
            self.add(gradients, upstream, prior_mean, |cell| -cell.by_mean())?;
            self.add(gradients, upstream, prior_log_std, Cell::by_prior_log_std)?;
        }
        Ok(())
    }

    fn add(
        &self,
        gradients: &mut Gradients<f32, Cpu>,
        upstream: &[f32],
        input: &Matrix<Cpu>,
        derivative: impl Fn(Cell) -> f32 + Sync,
    ) -> OpResult<Cpu, ()> {
        let (_, width) = *self.mean.shape();
        let cell = self.cells();
        for_each_row(gradients.get_or_alloc_mut(input)?, width, width, |row, sum| {
            for (i, sum) in sum.iter_mut().enumerate() {
                *sum += upstream[row] * derivative(cell(row * width + i));
            }
        });
        Ok(())
    }
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    mean: &Matrix<B>,
    log_std: &Matrix<B>,
    prior: Prior<B>,
) -> OpResult<B, Vector<B>> {
    compose(tape, mean, |mean| {
        let (distance, ratio) = match prior {
            None => (mean, log_std.retaped::<T>()),
            Some((prior_mean, prior_log_std)) => {
                let scale = prior_log_std.retaped::<T>().try_negate()?.try_exp()?;
                let distance = mean.try_sub(prior_mean.retaped::<T>())?.try_mul(scale)?;
                (distance, log_std.retaped::<T>().try_sub(prior_log_std.retaped::<T>())?)
            }
        };
        let variance_ratio = ratio.with_empty_tape().try_mul(2.0)?.try_exp()?;
        let halves = distance.try_square()?.try_add(variance_ratio)?.try_sub(1.0)?.try_mul(0.5)?;
        halves.try_sub(ratio)?.try_sum::<(usize,), Axis<1>>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    fn definition(inputs: &[Vec<f64>], width: usize) -> Vec<f64> {
        let prior = |input: usize, at: usize| inputs.get(input).map_or(0.0, |values| values[at]);
        let cell = |at: usize| {
            let (mean, variance) = (inputs[0][at], (2.0 * inputs[1][at]).exp());
            let (prior_mean, prior_variance) = (prior(2, at), (2.0 * prior(3, at)).exp());
            0.5 * ((variance + (mean - prior_mean).powi(2)) / prior_variance - 1.0
                + (prior_variance / variance).ln())
        };
        let rows = inputs[0].len() / width;
        (0..rows).map(|row| (0..width).map(|i| cell(row * width + i)).sum()).collect()
    }

    #[test]
    fn divergence_from_the_standard_normal_agrees_with_the_definition() {
        check(Case {
            inputs: vec![matrix(6, 5, 1), matrix(6, 5, 2)],
            definition: &|inputs| definition(inputs, 5),
            fused: &|tape, t| fused(tape, &t[0], &t[1], None),
            composed: &|tape, t| composed(tape, &t[0], &t[1], None),
        });
    }

    #[test]
    fn divergence_from_any_normal_agrees_with_the_definition() {
        check(Case {
            inputs: (1..=4).map(|seed| matrix(6, 5, seed)).collect(),
            definition: &|inputs| definition(inputs, 5),
            fused: &|tape, t| fused(tape, &t[0], &t[1], Some((&t[2], &t[3]))),
            composed: &|tape, t| composed(tape, &t[0], &t[1], Some((&t[2], &t[3]))),
        });
    }

    #[test]
    fn the_divergence_of_a_normal_from_itself_is_zero() {
        let (mean, log_std) = (matrix(6, 5, 1), matrix(6, 5, 2));
        let tape = &mut dfdx::tensor::NoneTape;
        let got = fused(tape, &mean, &log_std, Some((&mean, &log_std))).unwrap();
        // Each of the five terms is rounded to 1e-7.
        assert!(got.as_vec().iter().all(|value| value.abs() < 1e-6));
    }
}
