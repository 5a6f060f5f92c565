//! Models on disk: safetensors files with the configuration in their metadata.

use std::{collections::HashMap, fs, io::Write, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};

use super::{configuration::Configuration, core::Core, model::NamedTensor};
use crate::{
    device::Device,
    error::{Error, Result},
    train::Snapshot,
};

/// The metadata entries of a checkpoint.
const CONFIGURATION: &str = "elbo.vae";
const FORMAT: &str = "elbo.format";
const FORMAT_VERSION: &str = "1";

impl Core {
    /// Writes to a temporary file beside `path` first: a crash leaves the old file whole.
    pub fn save(&self, path: &Path) -> Result<()> {
        let bytes = encode(&self.configuration, &self.engine.tensors()?)
            .map_err(|error| Error::file(path, error, "nothing was written"))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(&bytes)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(|error| {
            Error::file(
                path,
                format!("cannot be written: {error}"),
                "check the folder and the disk",
            )
        })
    }

    /// `wanted` is (inputs, latent) of the type to load.
    pub fn load(path: &Path, wanted: (usize, usize), device: &Device) -> Result<Self> {
        let bytes = fs::read(path).map_err(|error| {
            Error::file(path, format!("cannot be read: {error}"), "check the path")
        })?;
        let configuration = configuration(path, &bytes)?;
        check_sizes(path, &configuration, wanted)?;
        let mut core = Core::new(configuration, device)
            .map_err(|error| damaged(path, format!("its configuration is unusable: {error}")))?;
        let snapshot = parameters(path, &bytes, &core.engine.tensors()?)?;
        core.engine.restore(&snapshot)?;
        Ok(core)
    }
}

fn encode(configuration: &Configuration, tensors: &[NamedTensor]) -> Result<Vec<u8>, String> {
    let json = serde_json::to_string(configuration).map_err(|error| error.to_string())?;
    let metadata = HashMap::from([
        (CONFIGURATION.to_owned(), json),
        (FORMAT.to_owned(), FORMAT_VERSION.to_owned()),
    ]);
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, shape, _), bytes)| {
            let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes);
            Ok((name.as_str(), view.map_err(|error| error.to_string())?))
        })
        .collect::<Result<Vec<_>, String>>()?;
    safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

fn damaged(path: &Path, problem: impl ToString) -> Error {
    Error::file(path, problem, "the file is damaged or was not written by Vae::save; save it again")
}

fn configuration(path: &Path, bytes: &[u8]) -> Result<Configuration> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|error| damaged(path, format!("is no safetensors file: {error}")))?;
    let entries = metadata.metadata().as_ref();
    let entry = |name: &str| entries.and_then(|entries| entries.get(name));
    match entry(FORMAT) {
        Some(version) if version == FORMAT_VERSION => {}
        Some(version) => {
            let problem = format!("has format {version}, this version reads {FORMAT_VERSION}");
            return Err(Error::file(path, problem, "update elbo"));
        }
        None => return Err(damaged(path, "holds no elbo model")),
    }
    let json = entry(CONFIGURATION).ok_or_else(|| damaged(path, "holds another kind of model"))?;
    serde_json::from_str(json)
        .map_err(|error| damaged(path, format!("its configuration cannot be read: {error}")))
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

/// The values of the parameters in the order of `wanted`, each checked against name and shape.
fn parameters(path: &Path, bytes: &[u8], wanted: &[NamedTensor]) -> Result<Snapshot> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(path, error))?;
    wanted
        .iter()
        .map(|(name, shape, _)| {
            let tensor = file
                .tensor(name)
                .map_err(|_| damaged(path, format!("the tensor {name} is missing")))?;
            if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
                let (kind, found) = (tensor.dtype(), tensor.shape());
                let problem = format!("{name} is {kind:?} {found:?}, not F32 {shape:?}");
                return Err(damaged(path, problem));
            }
            let (words, _) = tensor.data().as_chunks::<4>();
            Ok(words.iter().map(|word| f32::from_le_bytes(*word)).collect())
        })
        .collect()
}
