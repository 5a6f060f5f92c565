//! The number of components by log-likelihood − α·MEGA.

use elbo::{
    Error, GaussianMixture, LatentModel,
    display::RichDisplay,
    mega::{ComplexityPath, Mega},
    mixture::{Covariance, Normals},
    ndarray::{Array2, array},
};

use crate::{definition::mixture, reference::assert_close};

fn rows() -> Array2<f64> {
    let covariances = vec![
        array![[1.0, 0.8], [0.8, 1.0]],
        array![[0.5, -0.3], [-0.3, 0.8]],
        array![[0.3, 0.0], [0.0, 2.0]],
    ];
    let means = array![[0.0, 0.0], [5.0, 1.0], [-4.0, 6.0]];
    let normals = Normals::full(means, covariances).unwrap();
    let truth = GaussianMixture::from_parts(array![0.5, 0.3, 0.2], normals).unwrap();
    truth.draw(500, 1).unwrap().observed
}

fn path(covariance: Covariance) -> ComplexityPath {
    let params = |k| GaussianMixture::params(k).covariance(covariance).restarts(3);
    ComplexityPath::params().fit(&rows(), 1..=6, params).unwrap()
}

#[test]
fn entries_are_what_the_mixtures_say_themselves() {
    let (path, x) = (path(Covariance::Diagonal), rows());
    assert_eq!(path.entries.len() + path.collapsed.len(), 6);
    for entry in &path.entries {
        let mixture = &entry.mixture;
        assert_eq!(entry.log_likelihood, mixture.evidence(&x).unwrap().sum());
        assert_eq!((entry.aic, entry.bic), (mixture.aic(&x).unwrap(), mixture.bic(&x).unwrap()));
        assert_eq!(entry.mega, Mega::exact(mixture, &x).unwrap().second().value);
        let want = -2.0 * (entry.log_likelihood - 7.0 * entry.mega);
        assert_close(entry.penalised(7.0), want, 1e-15);
    }
}

/// The breakpoints against a fine grid of α.
#[test]
fn the_path_over_alpha_is_what_every_alpha_chooses() {
    let path = path(Covariance::Spherical);
    let choices = path.choices();
    assert_eq!(choices[0].components, path.by_mega(0.0).components);
    assert!(choices.len() > 1, "{choices:?}");
    assert!(choices.windows(2).all(|pair| pair[0].alpha <= pair[1].alpha));
    let last = choices.last().unwrap().alpha;
    for step in 0..1000 {
        // Between the breakpoints, not on them.
        let alpha = last * 1.5 * (f64::from(step) + 0.5) / 1000.0;
        let at = choices.iter().rev().find(|choice| choice.alpha <= alpha).unwrap();
        let (chosen, best) = (at.components, path.by_mega(alpha));
        let value = path.entries.iter().find(|e| e.components == chosen).unwrap().penalised(alpha);
        // Near a breakpoint two are equally good.
        assert!(value <= best.penalised(alpha) + 1e-8 * value.abs(), "α = {alpha}: {at:?}");
    }
}

/// Maximum likelihood with full covariances matches the second moment by itself: the gap is that of
/// n − 1 against n, whatever the number of components.
#[test]
fn full_covariances_leave_no_gap_to_choose_by() {
    let x = rows();
    let params = |k| GaussianMixture::params(k).restarts(2).ridge(0.0);
    let path = ComplexityPath::params().fit(&x, 1..=4, params).unwrap();
    let covariance = {
        let mean = x.mean_axis(elbo::ndarray::Axis(0)).unwrap();
        let centred = &x - &mean;
        centred.t().dot(&centred) / 499.0
    };
    let want = covariance.iter().map(|entry| entry.powi(2)).sum::<f64>().sqrt() / 500.0;
    for entry in &path.entries {
        assert_close(entry.mega, want, 1e-9);
    }
    assert_eq!(path.choices().len(), 1);
}

#[test]
fn bic_finds_the_truth_and_everything_is_shown() {
    let path = path(Covariance::Full);
    assert_eq!(path.by_bic().components, 3);
    let bundle = path.mime_bundle().unwrap();
    assert!(bundle.text().contains("BIC 3, log p − α·MEGA"), "{}", bundle.text());
    let drawn = path.criteria(&[1.0, 10.0]);
    assert_eq!(drawn.series.len(), 4);
    assert!(drawn.mime_bundle().unwrap().svg().unwrap().contains("α = 10.0"));
}

#[test]
fn sizes_that_collapse_are_left_out_and_noted() {
    // One row far away: a component for it alone is given up in every start.
    let mut x = mixture().draw(50, 3).unwrap().observed;
    x.row_mut(0).fill(1e3);
    let path = ComplexityPath::params().fit(&x, 1..=2, |k| GaussianMixture::params(k).restarts(2));
    let path = path.unwrap();
    assert_eq!((path.entries.len(), path.collapsed.as_slice()), (1, [2].as_slice()));
    assert!(path.mime_bundle().unwrap().text().contains("collapsed in every start: [2]"));
    let none = ComplexityPath::params().fit(&x, [2], |k| GaussianMixture::params(k).restarts(2));
    assert!(matches!(none, Err(Error::Singular { .. })));
    let none = ComplexityPath::params().fit(&x, [], GaussianMixture::params);
    assert!(matches!(none, Err(Error::Setting { setting: "components", .. })));
}
