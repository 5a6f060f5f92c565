//! Principal components on disk.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Pca;
use crate::{
    checkpoint::{Contents, Kind, Saved},
    error::Result,
};

const KIND: Kind = Kind { entry: "elbo.pca", name: "Pca" };

#[derive(Serialize, Deserialize)]
struct Configuration {
    columns: usize,
    components: usize,
    frame: Option<(usize, usize)>,
}

impl Pca {
    /// Writes the model to a safetensors file, at once or not at all.
    ///
    /// # Errors
    /// [`crate::Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let (components, columns) = self.axes.dim();
        let configuration = Configuration { columns, components, frame: self.frame };
        let mut contents = Contents::new(KIND, &configuration)?;
        contents.array("mean", &self.mean);
        contents.array("axes", &self.axes);
        contents.array("explained_variance", &self.explained_variance);
        contents.tensor("total_variance", &[1], [self.total_variance]);
        contents.save(path.as_ref())
    }

    /// Reads a model that [`Self::save`] wrote.
    ///
    /// # Errors
    /// [`crate::Error::File`] for a file that is missing, damaged or holds something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let saved = Saved::read(path.as_ref(), KIND)?;
        let Configuration { columns, components, frame } = saved.configuration()?;
        Ok(Self {
            mean: saved.vector("mean", columns)?,
            axes: saved.matrix("axes", (components, columns))?,
            explained_variance: saved.vector("explained_variance", components)?,
            total_variance: saved.number("total_variance")?,
            frame,
        })
    }
}
