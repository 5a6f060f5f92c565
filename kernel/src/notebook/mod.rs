//! Notebook files: reading, writing, parameters and the outputs of cells.

mod file;
mod outputs;
mod params;

pub use file::{load, save, source_text, write_whole};
pub use outputs::{Outputs, bundle_as_media};
pub use params::{Parameter, inject};
