//! An autoencoder on disk.

use std::path::Path;

use super::{Autoencoder, network::Configuration, params::build};
use crate::{
    checkpoint::{Kind, Saved, load_trained, save_trained},
    device::Device,
    error::{Error, Result},
};

const KIND: Kind = Kind { entry: "elbo.autoencoder", name: "Autoencoder" };

pub(super) fn save<const D: usize, const M: usize>(
    model: &Autoencoder<D, M>,
    path: &Path,
) -> Result<()> {
    save_trained(path, KIND, &model.configuration, &*model.engine, model.training.as_ref())
}

pub(super) fn load<const D: usize, const M: usize>(
    path: &Path,
    device: &Device,
) -> Result<Autoencoder<D, M>> {
    let saved = Saved::read(path, KIND)?;
    let configuration: Configuration = saved.configuration()?;
    let (inputs, latent) = (configuration.inputs, configuration.latent);
    if (inputs, latent) != (D, M) {
        return Err(Error::Shape {
            what: format!("the model in {}", path.display()),
            got: vec![inputs, latent],
            want: vec![D, M],
            advice: format!("load it as Autoencoder::<{inputs}, {latent}>"),
        });
    }
    let mut model = build(configuration, device.clone())
        .map_err(|error| saved.damaged(format!("its configuration is unusable: {error}")))?;
    model.training = load_trained(&saved, &mut *model.engine)?;
    Ok(model)
}
