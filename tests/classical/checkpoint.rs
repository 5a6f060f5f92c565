//! Files of the classical models: everything comes back to the bit, nothing else is accepted.

use std::{fs, path::Path};

use elbo::{
    Error, GaussianMixture, HiddenMarkov, LatentModel, Pca, ProbabilisticPca, Result, data,
    mixture::{Covariance, Normals},
    ndarray::array,
};

use crate::reference::made;

/// `load` gives back `model`, and an error that names the file for every damaged file.
fn check<M: PartialEq + std::fmt::Debug>(
    model: &M,
    save: impl Fn(&M, &Path) -> Result<()>,
    load: impl Fn(&Path) -> Result<M>,
) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/model.safetensors");
    save(model, &path).unwrap();
    assert_eq!(&load(&path).unwrap(), model);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

    let whole = fs::read(&path).unwrap();
    let cuts = [0, 7, 100, whole.len() / 2, whole.len() - 1].map(|cut| whole[..cut].to_vec());
    let renamed = String::from_utf8_lossy(&whole).replace("\"mean", "\"meat").into_bytes();
    let larger = String::from_utf8_lossy(&whole).replace("columns\\\":", "columns\\\":1");
    for bytes in cuts.into_iter().chain([b"no model".to_vec(), renamed, larger.into_bytes()]) {
        fs::write(&path, &bytes).unwrap();
        let error = load(&path).unwrap_err();
        assert!(matches!(error, Error::File { .. }), "{error}");
        assert!(error.to_string().contains("model.safetensors"), "{error}");
    }
}

#[test]
fn principal_components_come_back() {
    check(&Pca::params(2).fit(&made(30, 5)).unwrap(), |m, path| m.save(path), |p| Pca::load(p));
    let digits = data::handwriting().writers(2).repeats(1).images::<28>();
    let pca = Pca::params(3).fit(&digits).unwrap();
    let folder = tempfile::tempdir().unwrap();
    pca.save(folder.path().join("pca")).unwrap();
    let loaded = Pca::load(folder.path().join("pca")).unwrap();
    assert!(loaded.axis_images().is_ok(), "it still knows that rows are images");
}

#[test]
fn probabilistic_pca_comes_back() {
    let load = |path: &Path| ProbabilisticPca::load(path);
    check(&ProbabilisticPca::params(2).fit(&made(30, 5)).unwrap(), |m, path| m.save(path), load);
    let mut missing = made(30, 5);
    missing[[3, 2]] = f64::NAN;
    let params = ProbabilisticPca::params(4).relevance_determination(true).iterations(50);
    let bayesian = params.fit(&missing).unwrap();
    assert!(bayesian.relevance().is_some() && bayesian.history().is_some());
    check(&bayesian, |m, path| m.save(path), load);
}

#[test]
fn mixtures_and_markov_models_of_every_covariance_come_back() {
    let x = made(60, 3);
    for covariance in
        [Covariance::Full, Covariance::Tied, Covariance::Diagonal, Covariance::Spherical]
    {
        let params = GaussianMixture::params(2).restarts(1).covariance(covariance);
        let mixture = params.fit(&x).unwrap();
        check(&mixture, |m, path| m.save(path), |path| GaussianMixture::load(path));
        let params = HiddenMarkov::params(2).restarts(1).covariance(covariance);
        let markov = params.fit(&[x.view()]).unwrap();
        check(&markov, |m, path| m.save(path), |path| HiddenMarkov::load(path));
    }
}

#[test]
fn a_file_of_another_model_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let normals = Normals::spherical(array![[0.0], [3.0]], array![1.0, 1.0]).unwrap();
    let mixture = GaussianMixture::from_parts(array![0.5, 0.5], normals).unwrap();
    mixture.save(&path).unwrap();
    let error = HiddenMarkov::load(&path).unwrap_err().to_string();
    assert!(error.contains("\"gaussian_mixture\"") && error.contains("HiddenMarkov"), "{error}");
    assert!(Pca::load(&path).is_err() && ProbabilisticPca::load(&path).is_err());
    let loaded = GaussianMixture::load(&path).unwrap();
    assert_eq!(loaded.draw(5, 1).unwrap(), mixture.draw(5, 1).unwrap());
}
