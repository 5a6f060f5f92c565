//! What is read from a file.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use ndarray::{Array1, Array2};
use safetensors::SafeTensors;
use serde::de::DeserializeOwned;

use super::{FORMAT, FORMAT_VERSION, Kind, Number, TRAINING};
use crate::error::{Error, Result};

/// A file that was read. Every error about it names the file.
pub(crate) struct Saved {
    path: PathBuf,
    kind: Kind,
    bytes: Vec<u8>,
    metadata: HashMap<String, String>,
}

impl Saved {
    /// Reads the file of a model of this kind.
    ///
    /// # Errors
    /// [`Error::File`] for a file that is missing, damaged or holds something else.
    pub fn read(path: &Path, kind: Kind) -> Result<Self> {
        let bytes = fs::read(path).map_err(|error| {
            Error::file(path, format!("cannot be read: {error}"), "check the path")
        })?;
        let mut saved = Self { path: path.to_owned(), kind, bytes, metadata: HashMap::new() };
        let (_, header) = SafeTensors::read_metadata(&saved.bytes)
            .map_err(|error| saved.damaged(format!("is no safetensors file: {error}")))?;
        saved.metadata = header.metadata().clone().unwrap_or_default();
        saved.check_format()?;
        SafeTensors::deserialize(&saved.bytes).map_err(|error| saved.damaged(error))?;
        Ok(saved)
    }

    fn check_format(&self) -> Result<()> {
        match self.metadata.get(FORMAT) {
            Some(version) if version == FORMAT_VERSION => {}
            Some(version) => {
                let problem = format!("has format {version}, this version reads {FORMAT_VERSION}");
                return Err(Error::file(&self.path, problem, "update elbo"));
            }
            None => return Err(self.damaged("holds no elbo model")),
        }
        if self.metadata.contains_key(self.kind.entry) {
            return Ok(());
        }
        let others = self.metadata.keys().filter_map(|entry| entry.strip_prefix("elbo."));
        let mut others = others.filter(|name| !["format", "training"].contains(name));
        Err(match others.next() {
            Some(other) => {
                let problem = format!("holds the model {other:?}, not a {}", self.kind.name);
                Error::file(&self.path, problem, "load it with the type that saved it")
            }
            None => self.damaged("holds no elbo model"),
        })
    }

    /// The error about a damaged file.
    pub fn damaged(&self, problem: impl ToString) -> Error {
        let name = self.kind.name;
        let advice =
            format!("the file is damaged or was not written by {name}::save; save it again");
        Error::file(&self.path, problem, advice)
    }

    /// The configuration.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read.
    pub fn configuration<T: DeserializeOwned>(&self) -> Result<T> {
        let configuration = self.entry(self.kind.entry)?;
        configuration.ok_or_else(|| self.damaged("has no configuration"))
    }

    /// The state of the training, if the file holds one.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read.
    pub fn training<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.entry(TRAINING)
    }

    fn entry<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let parse = |json: &String| {
            serde_json::from_str(json)
                .map_err(|error| self.damaged(format!("its entry {name} cannot be read: {error}")))
        };
        self.metadata.get(name).map(parse).transpose()
    }

    /// The values of a tensor in row-major order, checked against name, type and shape.
    ///
    /// # Errors
    /// [`Error::File`] when there is no such tensor.
    pub fn values<T: Number>(&self, name: &str, shape: &[usize]) -> Result<Vec<T>> {
        let file = SafeTensors::deserialize(&self.bytes).map_err(|error| self.damaged(error))?;
        let missing = |_| self.damaged(format!("the tensor {name} is missing"));
        let tensor = file.tensor(name).map_err(missing)?;
        if tensor.dtype() != T::DTYPE || tensor.shape() != shape {
            let (kind, found) = (tensor.dtype(), tensor.shape());
            let problem = format!("{name} is {kind:?} {found:?}, not {:?} {shape:?}", T::DTYPE);
            return Err(self.damaged(problem));
        }
        Ok(T::read(tensor.data()))
    }

    /// A vector of `length` numbers.
    ///
    /// # Errors
    /// Those of [`Self::values`].
    pub fn vector(&self, name: &str, length: usize) -> Result<Array1<f64>> {
        Ok(self.values(name, &[length])?.into())
    }

    /// A number that stands alone.
    ///
    /// # Errors
    /// Those of [`Self::values`].
    pub fn number(&self, name: &str) -> Result<f64> {
        Ok(self.vector(name, 1)?[0])
    }

    /// A matrix.
    ///
    /// # Errors
    /// Those of [`Self::values`].
    pub fn matrix(&self, name: &str, shape: (usize, usize)) -> Result<Array2<f64>> {
        let values = self.values(name, &[shape.0, shape.1])?;
        Array2::from_shape_vec(shape, values).map_err(|error| self.damaged(error))
    }
}
