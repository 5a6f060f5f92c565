//! The reparameterised normal draw z = μ + exp(log σ)·ε (Kingma and Welling 2014, section 2.4).

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Gradients, Tape, ZerosTensor},
    tensor_ops::{TryAdd, TryMul},
};

use super::{
    Backend, Matrix, OpResult, elementary,
    operand::{compose, return_gradient, take_gradient},
    parallel::for_each_row,
    storage::{values, values_mut},
};

pub(super) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    mean: &Matrix<Cpu>,
    log_std: &Matrix<Cpu>,
    noise: &Matrix<Cpu>,
) -> OpResult<Cpu, Matrix<Cpu>> {
    let (_, width) = *mean.shape();
    let mut z = mean.device().try_zeros_like(mean)?;
    {
        let (mean, log_std, noise) = (values(mean), values(log_std), values(noise));
        for_each_row(values_mut(&mut z), width, width, |row, z| {
            let at = row * width;
            let (mean, log_std) = (&mean[at..][..width], &log_std[at..][..width]);
            let noise = &noise[at..][..width];
            for i in 0..width {
                z[i] = mean[i] + elementary::exp(log_std[i]) * noise[i];
            }
        });
    }
    if T::OWNS_TAPE {
        let (mean, log_std, draw) = (mean.clone(), log_std.clone(), z.clone());
        tape.add_backward_op(move |gradients| backward(gradients, &mean, &log_std, &draw));
    }
    Ok(z)
}

/// ∂z/∂μ = 1 and ∂z/∂log σ = σε = z − μ.
fn backward(
    gradients: &mut Gradients<f32, Cpu>,
    mean: &Matrix<Cpu>,
    log_std: &Matrix<Cpu>,
    z: &Matrix<Cpu>,
) -> OpResult<Cpu, ()> {
    let upstream = take_gradient(gradients, z)?;
    let to_mean = gradients.get_or_alloc_mut(mean)?;
    to_mean.iter_mut().zip(&upstream.0).for_each(|(sum, g)| *sum += g);
    let to_log_std = gradients.get_or_alloc_mut(log_std)?;
    let (z_values, mean) = (values(z), values(mean));
    for (i, sum) in to_log_std.iter_mut().enumerate() {
        *sum += upstream.0[i] * (z_values[i] - mean[i]);
    }
    return_gradient(gradients, z, upstream)
}

pub(super) fn composed<B: Backend, T: Tape<f32, B>>(
    tape: &mut T,
    mean: &Matrix<B>,
    log_std: &Matrix<B>,
    noise: &Matrix<B>,
) -> OpResult<B, Matrix<B>> {
    compose(tape, mean, |mean| {
        let step = log_std.retaped::<T>().try_exp()?.try_mul(noise.clone())?;
        mean.try_add(step)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::{Case, check, matrix};

    #[test]
    fn draws_and_gradients_agree_with_the_definition() {
        let noise = matrix(6, 5, 3);
        let noise_values: Vec<f64> = noise.as_vec().into_iter().map(f64::from).collect();
        check(Case {
            inputs: vec![matrix(6, 5, 1), matrix(6, 5, 2)],
            definition: &|inputs| {
                (0..30).map(|i| inputs[0][i] + inputs[1][i].exp() * noise_values[i]).collect()
            },
            fused: &|tape, t| fused(tape, &t[0], &t[1], &noise),
            composed: &|tape, t| composed(tape, &t[0], &t[1], &noise),
        });
    }
}
