//! How good predictions of survival are: whether patients are in the right order (concordance, area
//! under the curve), whether probabilities are right (calibration), and both at once (Brier score).
//!
//! Scores that weigh by the inverse probability of censoring take it from a [`Censoring`], usually
//! that of the patients whom the model was fitted to.

mod antolini;
mod auc;
mod bootstrap;
mod brier;
mod calibration;
mod censoring;
mod concordance;
mod display;
mod fold;
mod summary;

pub use antolini::antolini;
pub use auc::TimeAuc;
pub use bootstrap::Score;
pub use brier::Brier;
pub use calibration::{Calibration, CalibrationGroup, DCalibration};
pub use censoring::Censoring;
pub use concordance::{Concordance, harrell, uno};
pub use fold::FoldScore;
pub use summary::{ScoreParams, Scores};
