//! A SAVAE on disk.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{configuration::Configuration, core::Core, prediction::Prediction};
use crate::{
    checkpoint::{Kind, Saved, load_trained, save_trained},
    device::Device,
    error::{Error, Result},
};

const KIND: Kind = Kind { entry: "elbo.savae", name: "Savae" };

/// What a file says beside the parameters.
#[derive(Serialize, Deserialize)]
struct Header {
    configuration: Configuration,
    prediction: Prediction,
}

impl Core {
    pub fn save(&self, path: &Path) -> Result<()> {
        let header =
            Header { configuration: self.configuration.clone(), prediction: self.prediction };
        save_trained(path, KIND, &header, &*self.engine, self.training.as_ref())
    }

    pub fn load(path: &Path, latent: usize, device: &Device) -> Result<Self> {
        let saved = Saved::read(path, KIND)?;
        let Header { configuration, prediction } = saved.configuration()?;
        let found = configuration.settings.latent;
        if found != latent {
            return Err(Error::Shape {
                what: format!("the model in {}", path.display()),
                got: vec![found],
                want: vec![latent],
                advice: format!("load it as Savae::<{found}>"),
            });
        }
        let mut core = Core::new(configuration, device)
            .map_err(|error| saved.damaged(format!("its configuration is unusable: {error}")))?;
        core.prediction = prediction;
        core.training = load_trained(&saved, &mut *core.engine)?;
        Ok(core)
    }
}
