//! Notebook files: reading, writing, parameters, the outputs of cells and how they compare.

mod compare;
mod file;
mod numbers;
mod outputs;
mod params;
mod record;
mod tags;
mod terminal;

pub use compare::{Tolerance, agree, in_stored_words, transcript};
pub use file::{load, other_language, save, source_text, write_whole};
pub use outputs::{Outputs, bundle_as_media};
pub use params::{Parameter, inject};
pub use record::Record;
pub use tags::{MAY_FAIL, NOT_COMPARED, has_tag};
