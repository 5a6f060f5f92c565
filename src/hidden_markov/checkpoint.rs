//! A hidden Markov model on disk.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::HiddenMarkov;
use crate::{
    checkpoint::{Contents, Course, Kind, Saved},
    error::Result,
    mixture::NormalsSize,
};

const KIND: Kind = Kind { entry: "elbo.hidden_markov", name: "HiddenMarkov" };

#[derive(Serialize, Deserialize)]
struct Configuration {
    emissions: NormalsSize,
    course: Option<Course>,
}

impl HiddenMarkov {
    /// Writes the model to a safetensors file, at once or not at all.
    ///
    /// # Errors
    /// [`crate::Error::File`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let emissions = NormalsSize::of(&self.normals);
        let configuration = Configuration { emissions, course: Course::of(self.history()) };
        let mut contents = Contents::new(KIND, &configuration)?;
        contents.array("initial", self.initial());
        contents.array("transitions", self.transitions());
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
        let Configuration { emissions, course } = saved.configuration()?;
        let states = emissions.components();
        let initial = saved.vector("initial", states)?;
        let transitions = saved.matrix("transitions", (states, states))?;
        let model = Self::from_parts(initial, transitions, emissions.read(&saved)?)
            .map_err(|error| saved.damaged(error))?;
        let history = course.map(|course| course.read(&saved)).transpose()?;
        Ok(Self { history, ..model })
    }
}
