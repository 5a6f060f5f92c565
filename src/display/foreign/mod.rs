//! Displays of types of other crates: what notebooks hold besides the models.

mod array;
mod element;
#[cfg(feature = "polars")]
mod frame;
mod heat_map;
#[cfg(feature = "polars")]
mod lazy_frame;
mod outcome;
mod picture;
mod pointer;
mod tensor;

#[cfg(all(test, feature = "polars"))]
mod gallery;

pub use element::Element;

pub(crate) use outcome::captioned;
pub(super) use outcome::failure;
