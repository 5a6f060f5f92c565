//! Lecture, eq. (26) to (30), word for word, and models to try them on.

use elbo::{
    Emission, GaussianMixture, HiddenMarkov, LatentModel, ProbabilisticPca, Vae,
    latent::Moments,
    mixture::Normals,
    ndarray::{Array1, Array2, Axis, array},
};

pub fn pca() -> ProbabilisticPca {
    let weights = array![[1.0, 0.2], [0.5, -0.5], [0.0, 0.8]];
    ProbabilisticPca::from_parts(weights, array![1.0, 0.0, -1.0], 0.3).unwrap()
}

pub fn mixture() -> GaussianMixture {
    let covariances = vec![
        array![[1.0, 0.6, 0.0], [0.6, 1.0, 0.2], [0.0, 0.2, 0.5]],
        array![[0.5, -0.3, 0.1], [-0.3, 0.8, 0.0], [0.1, 0.0, 1.5]],
    ];
    let means = array![[0.0, 0.0, 1.0], [2.0, 1.0, 0.0]];
    let normals = Normals::full(means, covariances).unwrap();
    GaussianMixture::from_parts(array![0.4, 0.6], normals).unwrap()
}

/// A chain that stays in its states for about ten rows.
pub fn markov() -> HiddenMarkov {
    let means = array![[0.0, 0.0, 1.0], [2.0, 1.0, 0.0]];
    let variances = array![[1.0, 0.5, 0.2], [0.3, 1.0, 1.0]];
    let normals = Normals::diagonal(means, variances).unwrap();
    let transitions = array![[0.9, 0.1], [0.1, 0.9]];
    HiddenMarkov::from_parts(array![0.5, 0.5], transitions, normals).unwrap()
}

pub fn vae(emission: Emission) -> Vae<3, 2> {
    Vae::params().hidden([8]).emission(emission).seed(1).build().unwrap()
}

/// (26): the sample covariance with n − 1, plus x̄ᵀx̄.
pub fn data_estimate(x: &Array2<f64>) -> Array2<f64> {
    let (n, columns) = x.dim();
    let mean = x.mean_axis(Axis(0)).unwrap();
    Array2::from_shape_fn((columns, columns), |(i, j)| {
        let products = (0..n).map(|row| (x[[row, i]] - mean[i]) * (x[[row, j]] - mean[j]));
        products.sum::<f64>() / (n as f64 - 1.0) + mean[i] * mean[j]
    })
}

/// (27): the mean of Var(x|z) + E(x|z)ᵀE(x|z) over draws of z.
pub fn forward_estimate(conditional: &Moments) -> Array2<f64> {
    let (draws, columns) = conditional.mean.dim();
    let mut total = Array2::zeros((columns, columns));
    for draw in 0..draws {
        total += &conditional.covariances.matrix(draw).unwrap();
        for i in 0..columns {
            for j in 0..columns {
                total[[i, j]] += conditional.mean[[draw, i]] * conditional.mean[[draw, j]];
            }
        }
    }
    total / draws as f64
}

/// The mean of E(x|z) less x̄.
pub fn first_gap(x: &Array2<f64>, conditional: &Moments) -> Array1<f64> {
    conditional.mean.mean_axis(Axis(0)).unwrap() - x.mean_axis(Axis(0)).unwrap()
}

/// (30) before its norm, at the draws that MEGA takes.
pub fn second_gap(
    model: &dyn LatentModel,
    x: &Array2<f64>,
    draws: usize,
    seed: u64,
) -> (Array1<f64>, Array2<f64>) {
    let z = model.draw_latent(draws, seed).unwrap();
    let conditional = model.conditional(z.view()).unwrap();
    (first_gap(x, &conditional), data_estimate(x) - forward_estimate(&conditional))
}
