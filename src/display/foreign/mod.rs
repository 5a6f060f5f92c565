//! Displays of types of other crates: what notebooks hold besides the models.

mod array;
mod element;
mod frame;
mod heat_map;
mod lazy_frame;
mod outcome;
mod picture;
mod pointer;
mod tensor;

#[cfg(test)]
mod gallery;

pub use element::Element;

pub(crate) use outcome::captioned;
pub(super) use outcome::failure;
