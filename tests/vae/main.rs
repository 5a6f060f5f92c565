//! The VAE against closed forms, and its promises: seeds, files, errors.

mod checkpoint;
mod learning;
mod linear_gaussian;
mod resume;
