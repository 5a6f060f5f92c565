//! Training, shared by all models: the settings, the loop, the history, interruption.

mod em;
mod fit;
mod history;
mod interrupt;
mod objective;
mod progress;
mod rounds;
mod run;
mod trainable;
mod training;
mod watch;

pub(crate) use em::EmSettings;
pub use em::{EmEnd, EmHistory};
pub use fit::{EpochReport, Fit, Then};
pub(crate) use history::fit_facts;
pub use history::{Criterion, History, SemiSupervised, StopReason, Terms};
pub(crate) use interrupt::Interrupt;
#[cfg(feature = "notebook")]
pub(crate) use interrupt::forget as forget_interrupt;
pub use interrupt::interrupted;
pub use objective::Annealing;
pub(crate) use objective::Objective;
pub(crate) use progress::Quiet;
pub(crate) use rounds::Rounds;
pub(crate) use run::run;
pub(crate) use trainable::{Learnable, Moments, NamedTensor, Snapshot, Trainable};
pub(crate) use training::{Basis, Training, Unfinished, digest, stream};
pub use watch::Watched;
pub(crate) use watch::{Alone, Subject};
