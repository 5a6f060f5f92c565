//! What is written to a file.

use std::{collections::HashMap, fs, io::Write, path::Path};

use ndarray::{ArrayBase, Data, Dimension};
use safetensors::{Dtype, tensor::TensorView};
use serde::Serialize;

use super::{FORMAT, FORMAT_VERSION, Kind, Number};
use crate::error::{Error, Result};

/// The contents of a file, in the making.
pub(crate) struct Contents {
    metadata: HashMap<String, String>,
    tensors: Vec<Tensor>,
}

struct Tensor {
    name: String,
    shape: Vec<usize>,
    dtype: Dtype,
    bytes: Vec<u8>,
}

impl Contents {
    /// A model without parameters yet.
    pub fn new(kind: Kind, configuration: &impl Serialize) -> Result<Self> {
        let metadata = HashMap::from([(FORMAT.to_owned(), FORMAT_VERSION.to_owned())]);
        let mut contents = Self { metadata, tensors: Vec::new() };
        contents.entry(kind.entry, configuration)?;
        Ok(contents)
    }

    /// Adds an entry to the metadata, as JSON.
    pub fn entry(&mut self, name: &str, value: &impl Serialize) -> Result<()> {
        let json = serde_json::to_string(value).map_err(|error| {
            Error::setting("configuration", error, "it must have a form as JSON")
        })?;
        self.metadata.insert(name.to_owned(), json);
        Ok(())
    }

    /// Adds a tensor; `values` in row-major order are as many as `shape` says.
    pub fn tensor<T: Number>(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        values: impl IntoIterator<Item = T>,
    ) {
        let mut bytes = Vec::new();
        values.into_iter().for_each(|value| value.write(&mut bytes));
        let (name, shape, dtype) = (name.into(), shape.to_vec(), T::DTYPE);
        self.tensors.push(Tensor { name, shape, dtype, bytes });
    }

    /// Adds an array.
    pub fn array<S: Data<Elem = f64>, D: Dimension>(
        &mut self,
        name: &str,
        array: &ArrayBase<S, D>,
    ) {
        self.tensor(name, array.shape(), array.iter().copied());
    }

    /// Writes to a temporary file beside `path` first: a crash leaves the old file whole. Folders
    /// that are missing are made.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let bytes =
            self.encode().map_err(|error| Error::file(path, error, "nothing was written"))?;
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
            let problem = format!("cannot be written: {error}");
            Error::file(path, problem, "check the folder and the disk")
        })
    }

    fn encode(&self) -> Result<Vec<u8>, safetensors::SafeTensorError> {
        let views = self
            .tensors
            .iter()
            .map(|tensor| {
                let Tensor { name, shape, dtype, bytes } = tensor;
                Ok((name.as_str(), TensorView::new(*dtype, shape.clone(), bytes)?))
            })
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
        safetensors::serialize(views, Some(self.metadata.clone()))
    }
}
