//! Normals, and mixtures of them, on disk.

use std::path::Path;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{
    GaussianMixture,
    normals::{Covariance, Normals, Spread},
};
use crate::{
    checkpoint::{Contents, Course, Kind, Saved},
    error::Result,
};

const KIND: Kind = Kind { entry: "elbo.gaussian_mixture", name: "GaussianMixture" };

/// What a configuration says of normals; their parameters are tensors.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct NormalsSize {
    components: usize,
    columns: usize,
    covariance: Covariance,
}

impl NormalsSize {
    pub fn of(normals: &Normals) -> Self {
        let (components, columns) = normals.means().dim();
        Self { components, columns, covariance: normals.covariance() }
    }

    /// K
    pub fn components(self) -> usize {
        self.components
    }

    /// The normals of this size, checked as if they were given.
    ///
    /// # Errors
    /// [`crate::Error::File`] when a parameter is missing or impossible.
    pub fn read(self, saved: &Saved) -> Result<Normals> {
        let Self { components: k, columns: d, covariance } = self;
        let means = saved.matrix("means", (k, d))?;
        let normals = match covariance {
            Covariance::Full => {
                let cells = saved.values::<f64>("covariances", &[k, d, d])?;
                let matrix = |cells: &[f64]| Array2::from_shape_vec((d, d), cells.to_vec());
                let matrices = cells.chunks((d * d).max(1)).map(matrix).collect::<Result<_, _>>();
                Normals::full(means, matrices.map_err(|error| saved.damaged(error))?)
            }
            Covariance::Tied => Normals::tied(means, saved.matrix("covariances", (d, d))?),
            Covariance::Diagonal => Normals::diagonal(means, saved.matrix("covariances", (k, d))?),
            Covariance::Spherical => Normals::spherical(means, saved.vector("covariances", k)?),
        };
        normals.map_err(|error| saved.damaged(error))
    }
}

impl Contents {
    /// Adds normals.
    pub fn normals(&mut self, normals: &Normals) {
        self.array("means", &normals.means);
        match &normals.spread {
            Spread::Full(matrices) => {
                let (k, d) = normals.means.dim();
                let cells = matrices.iter().flat_map(|matrix| matrix.iter().copied());
                self.tensor("covariances", &[k, d, d], cells);
            }
            Spread::Tied(matrix) | Spread::Diagonal(matrix) => self.array("covariances", matrix),
            Spread::Spherical(variances) => self.array("covariances", variances),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Configuration {
    normals: NormalsSize,
    course: Option<Course>,
}

impl GaussianMixture {
    /// Writes the model to a safetensors file, at once or not at all.
    ///
    /// # Errors
    /// [`crate::Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let normals = NormalsSize::of(&self.normals);
        let configuration = Configuration { normals, course: Course::of(self.history()) };
        let mut contents = Contents::new(KIND, &configuration)?;
        contents.array("weights", &self.weights);
        contents.normals(&self.normals);
        contents.history(self.history());
        contents.save(path.as_ref())
    }

    /// Reads a model that [`Self::save`] wrote.
    ///
    /// # Errors
    /// [`crate::Error::File`] for a file that is missing, damaged or holds something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let saved = Saved::read(path.as_ref(), KIND)?;
        let Configuration { normals, course } = saved.configuration()?;
        let weights = saved.vector("weights", normals.components())?;
        let model = Self::from_parts(weights, normals.read(&saved)?)
            .map_err(|error| saved.damaged(error))?;
        let history = course.map(|course| course.read(&saved)).transpose()?;
        Ok(Self { history, ..model })
    }
}
