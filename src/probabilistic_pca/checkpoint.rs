//! A probabilistic PCA on disk.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ProbabilisticPca;
use crate::{
    checkpoint::{Contents, Course, Kind, Saved},
    error::Result,
};

const KIND: Kind = Kind { entry: "elbo.probabilistic_pca", name: "ProbabilisticPca" };

#[derive(Serialize, Deserialize)]
struct Configuration {
    columns: usize,
    dimensions: usize,
    has_relevance: bool,
    course: Option<Course>,
}

impl ProbabilisticPca {
    /// Writes the model to a safetensors file, at once or not at all.
    ///
    /// # Errors
    /// [`crate::Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let (columns, dimensions) = self.weights().dim();
        let course = Course::of(self.history());
        let has_relevance = self.relevance.is_some();
        let configuration = Configuration { columns, dimensions, has_relevance, course };
        let mut contents = Contents::new(KIND, &configuration)?;
        contents.array("weights", &self.weights());
        contents.array("mean", self.mean());
        contents.tensor("noise_variance", &[1], [self.noise_variance()]);
        if let Some(relevance) = &self.relevance {
            contents.array("relevance", relevance);
        }
        contents.history(self.history());
        contents.save(path.as_ref())
    }

    /// Reads a model that [`Self::save`] wrote.
    ///
    /// # Errors
    /// [`crate::Error::File`] for a file that is missing, damaged or holds something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let saved = Saved::read(path.as_ref(), KIND)?;
        let Configuration { columns, dimensions, has_relevance, course } = saved.configuration()?;
        let weights = saved.matrix("weights", (columns, dimensions))?;
        let mean = saved.vector("mean", columns)?;
        let model = Self::from_parts(weights, mean, saved.number("noise_variance")?)
            .map_err(|error| saved.damaged(error))?;
        let relevance = has_relevance.then(|| saved.vector("relevance", dimensions));
        let history = course.map(|course| course.read(&saved)).transpose()?;
        Ok(Self { relevance: relevance.transpose()?, history, ..model })
    }
}
