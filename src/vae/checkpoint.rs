//! A VAE on disk.

use std::path::Path;

use super::{configuration::Configuration, core::Core};
use crate::{
    checkpoint::{Kind, Saved, load_trained, save_trained},
    device::Device,
    error::{Error, Result},
};

const KIND: Kind = Kind { entry: "elbo.vae", name: "Vae" };

impl Core {
    pub fn save(&self, path: &Path) -> Result<()> {
        save_trained(path, KIND, &self.configuration, &*self.engine, self.training.as_ref())
    }

    /// `wanted` is (inputs, latent) of the type to load.
    pub fn load(path: &Path, wanted: (usize, usize), device: &Device) -> Result<Self> {
        let saved = Saved::read(path, KIND)?;
        let configuration: Configuration = saved.configuration()?;
        check_sizes(path, &configuration, wanted)?;
        let mut core = Core::new(configuration, device)
            .map_err(|error| saved.damaged(format!("its configuration is unusable: {error}")))?;
        core.training = load_trained(&saved, &mut *core.engine)?;
        Ok(core)
    }
}

fn check_sizes(path: &Path, found: &Configuration, (inputs, latent): (usize, usize)) -> Result<()> {
    if (found.inputs, found.latent) == (inputs, latent) {
        return Ok(());
    }
    Err(Error::Shape {
        what: format!("the model in {}", path.display()),
        got: vec![found.inputs, found.latent],
        want: vec![inputs, latent],
        advice: format!("load it as Vae::<{}, {}>", found.inputs, found.latent),
    })
}
