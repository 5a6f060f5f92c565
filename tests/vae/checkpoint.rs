//! Files: everything comes back, nothing damaged is accepted.

use std::fs;

use elbo::{Emission, Error, Fit, Vae, data};

fn trained(emission: Emission) -> Vae<784, 3> {
    let digits = data::handwriting().writers(2).repeats(1).images::<28>();
    let params = Vae::params().hidden([16, 8]).emission(emission);
    params.fit(&digits, Fit::new().epochs(1)).unwrap().0
}

#[test]
fn a_saved_model_comes_back_with_its_configuration_and_its_parameters() {
    let folder = tempfile::tempdir().unwrap();
    // The folder is made when it is missing.
    let path = folder.path().join("models/digits.safetensors");
    for emission in
        [Emission::Bernoulli, Emission::Normal { minimum_std: 0.1 }, Emission::NormalSharedStd]
    {
        let vae = trained(emission);
        vae.save(&path).unwrap();
        let loaded = Vae::<784, 3>::load(&path).unwrap();
        assert_eq!(format!("{vae:?}"), format!("{loaded:?}"));
        let z = [[0.1, -0.2, 0.3]];
        assert_eq!(vae.decode(&z).unwrap(), loaded.decode(&z).unwrap());
    }
    let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(files.len(), 1, "no temporary file stays behind");
}

#[test]
fn a_model_of_other_sizes_is_an_error_with_the_file_and_both_sizes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    trained(Emission::Bernoulli).save(&path).unwrap();
    let error = Vae::<784, 2>::load(&path).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Shape { .. }) && text.contains("model.safetensors"), "{text}");
    assert!(text.contains("[784, 3]") && text.contains("[784, 2]"), "{text}");
}

#[test]
fn every_truncation_and_any_other_file_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    trained(Emission::Bernoulli).save(&path).unwrap();
    let whole = fs::read(&path).unwrap();
    let cuts = [0, 1, 7, 8, 100, whole.len() / 2, whole.len() - 1];
    let damaged = cuts.map(|length| whole[..length].to_vec()).into_iter().chain([
        b"not a model at all".to_vec(),
        String::from_utf8_lossy(&whole).replace("decoder.0.weight", "decoder.9.weight").into(),
        String::from_utf8_lossy(&whole).replace("\"latent\\\":3", "\"latent\\\":4").into(),
    ]);
    for bytes in damaged {
        fs::write(&path, &bytes).unwrap();
        let error = Vae::<784, 3>::load(&path).unwrap_err();
        assert!(matches!(error, Error::File { .. } | Error::Shape { .. }), "{error}");
        assert!(error.to_string().contains("model.safetensors"), "{error}");
    }
    let missing = Vae::<784, 3>::load(folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, Error::File { .. }), "{missing}");
}
