//! Training, shared by all models: the settings, the loop, the history, interruption.

mod em;
mod fit;
mod history;
mod interrupt;
mod objective;
mod progress;
mod run;
mod watch;

pub(crate) use em::EmSettings;
pub use em::{EmEnd, EmHistory};
pub use fit::{EpochReport, Fit, Then};
pub use history::{History, StopReason, Terms};
pub use objective::Annealing;
pub(crate) use objective::Objective;
pub(crate) use run::{Snapshot, Trainable, run, stream};
pub use watch::Watched;
pub(crate) use watch::{Alone, Subject};
