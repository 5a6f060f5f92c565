//! Makes `elbo` and the crates of [`AT_HAND`] available to cells without a `:dep` line.
//!
//! The library and all it needs are compiled once, into one dynamic library, in the cache folder.
//! Sessions compile their cells against it where it lies: it is never changed, a new build gets a
//! new folder. Being one dynamic library also means that all cells share one copy of every static,
//! and link fast.

mod artifacts;
mod cargo;
mod extent;
mod folders;
mod interface;
mod key;
mod library;
pub mod lock;
mod rest;
mod source;
// Cells use all of both, this program's tests a part.
#[cfg(test)]
#[expect(dead_code)]
mod cell_report;
#[cfg(test)]
#[expect(dead_code)]
mod variable_store;

pub use artifacts::{AT_HAND, Artifact, read as read_artifacts};
pub use cargo::{Progress, Stopped, Tools};
pub use extent::Extent;
pub use folders::{cache_folder, own_folder, sessions_folder};
pub use interface::LIGHT;
pub use key::short_hash;
pub use library::{CELL_REPORT, IMPORTS, Prelude, State, plain_settings, state_of_file};
pub use rest::Rest;
pub use source::Source;
