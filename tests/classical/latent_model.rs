//! What every latent-variable model has to fulfil, through the interface that they share.

use elbo::{
    Emission, Fit, GaussianMixture, HiddenMarkov, LatentModel, ProbabilisticPca, Vae,
    display::RichDisplay,
    latent::{Meaning, compare},
    mixture::Normals,
    ndarray::{Array2, Axis, array},
};

use crate::reference::second_moment;

fn pca() -> ProbabilisticPca {
    let weights = array![[1.0, 0.2], [0.5, -0.5], [0.0, 0.8]];
    ProbabilisticPca::from_parts(weights, array![1.0, 0.0, -1.0], 0.3).unwrap()
}

fn normals() -> Normals {
    Normals::diagonal(
        array![[0.0, 0.0, 1.0], [2.0, 1.0, 0.0]],
        array![[1.0, 0.5, 0.2], [0.3, 1.0, 1.0]],
    )
    .unwrap()
}

fn mixture() -> GaussianMixture {
    GaussianMixture::from_parts(array![0.4, 0.6], normals()).unwrap()
}

fn markov() -> HiddenMarkov {
    let transitions = array![[0.6, 0.4], [0.3, 0.7]];
    HiddenMarkov::from_parts(array![0.5, 0.5], transitions, normals()).unwrap()
}

fn vae() -> Vae<3, 2> {
    Vae::params().hidden([8]).emission(Emission::NormalSharedStd).seed(1).build().unwrap()
}

/// Lecture, eq. (22) to (25): the second moment of draws of x is the mean of
/// Var(x|z) + E(x|z)E(x|z)ᵀ over draws of z.
#[test]
fn the_law_of_total_variance_holds_for_every_model() {
    let models: [&dyn LatentModel; 4] = [&pca(), &mixture(), &markov(), &vae()];
    let count = 40_000;
    for model in models {
        assert_eq!(model.data_dimensions(), 3, "{}", model.name());
        let direct = second_moment(model.draw(count, 1).unwrap().observed.view());
        let z = model.draw_latent(count, 2).unwrap();
        assert_eq!(z.dim(), (count, model.latent_dimensions()));
        let moments = model.conditional(z.view()).unwrap();
        let by_parts = moments.covariances.mean() + second_moment(moments.mean.view());
        for (direct, by_parts) in direct.iter().zip(&by_parts) {
            // Products of two coordinates have a standard deviation below 8 in these models; the
            // rows of the chain count for a third. Four standard errors of a difference:
            // 4·8·√(2·3/40,000) = 0.39.
            let close = (direct - by_parts).abs() <= 0.39;
            assert!(close, "{}: {direct} and {by_parts}", model.name());
        }
    }
}

/// Averaged over draws of x the posterior is the prior.
#[test]
fn the_mean_posterior_of_draws_is_the_prior() {
    let models: [&dyn LatentModel; 3] = [&pca(), &mixture(), &markov()];
    for model in models {
        let draws = model.draw(20_000, 3).unwrap();
        let posterior = model.posterior(draws.observed.view()).unwrap();
        let got = posterior.mean.mean_axis(Axis(0)).unwrap();
        let want = draws.latent.mean_axis(Axis(0)).unwrap();
        for (got, want) in got.iter().zip(&want) {
            // z has variance 1 at most, and the chain's rows count for a third: 4·√(3/20,000).
            assert!((got - want).abs() <= 0.05, "{}: {got} and {want}", model.name());
        }
        // Var z = E Var(z|x) + Var E(z|x).
        let total = posterior.covariances.mean() + second_moment(posterior.mean.view());
        let prior = second_moment(draws.latent.view());
        for (got, want) in total.iter().zip(&prior) {
            assert!((got - want).abs() <= 0.07, "{}: {got} and {want}", model.name());
        }
    }
}

#[test]
fn one_function_compares_all_models_and_says_which_values_are_bounds() {
    let truth = mixture();
    let (train, test) =
        (truth.draw(500, 4).unwrap().observed, truth.draw(400, 5).unwrap().observed);
    let mut vae = vae();
    let rows: Array2<f32> = train.mapv(|value| value as f32);
    vae.fit(&rows, Fit::new().epochs(3)).unwrap();
    let comparison = compare(&[&truth, &pca(), &markov(), &vae], &test).unwrap();
    let means: Vec<f64> =
        comparison.entries.iter().map(|entry| entry.log_likelihood.mean()).collect();
    // Nothing is more probable than the model that made the rows, by far less than the standard
    // error of 400 rows.
    assert!(means[1..].iter().all(|mean| *mean < means[0] + 0.1), "{means:?}");
    let meanings: Vec<Meaning> =
        comparison.entries.iter().map(|entry| entry.log_likelihood.meaning).collect();
    assert_eq!(meanings[..3], [Meaning::Exact; 3]);
    assert_eq!(meanings[3], Meaning::LowerBound { draws: 100 });
    let text = comparison.mime_bundle().unwrap().text().to_owned();
    assert!(
        text.contains("lower bound, 100 draws") && text.contains("Probabilistic PCA"),
        "{text}"
    );
}

#[test]
fn a_discrete_latent_variable_must_be_one_hot() {
    let models: [&dyn LatentModel; 2] = [&mixture(), &markov()];
    for model in models {
        let error = model.conditional(array![[1.0, 0.0], [0.5, 0.5]].view()).unwrap_err();
        assert!(matches!(error, elbo::Error::Value { row: 1, .. }), "{error}");
        assert!(model.conditional(array![[1.0, 0.0, 0.0]].view()).is_err());
    }
}
