//! How long until an event: tables of patients, the classical models, and scores for any model.
//!
//! ```
//! use elbo::{data, survival::{Cox, KaplanMeier, MissingCells, scores::Scores}};
//!
//! let (train, test) = data::cohort(7).cohort.split(0.8, 1)?;
//! let curves = KaplanMeier::fit_by(&train, "stage")?;          // curves with the numbers at risk
//! let cox = Cox::params().missing(MissingCells::Mean).fit(&train)?; // hazard ratios
//! let scores = Scores::params().resamples(20).of(&cox, &train, &test)?; // with intervals
//! assert!(scores.integrated_brier.value < 0.25);
//! # Ok::<(), elbo::Error>(())
//! ```
//!
//! | idea | where |
//! |---|---|
//! | times, events, left truncation, units | [`Durations`], [`Events`], [`FollowUp`] |
//! | a table of patients | [`Cohort`], [`Covariate`], [`Family`], [`Treatment`], [`Grouping`] |
//! | survival and hazard without covariates | [`KaplanMeier`], [`NelsonAalen`] |
//! | do groups differ? | [`LogRank`] |
//! | regression | [`Cox`], [`WeibullAft`] |
//! | what every model can be asked | [`SurvivalModel`] |
//! | how good are predictions? | [`scores`] |
//! | … and on patients that were not fitted to | [`CrossValidation`], [`Recipe`], [`Splits`] |

mod cohort;
mod cox;
mod cross_validation;
pub(crate) mod display;
mod durations;
mod events;
mod follow_up;
mod kaplan_meier;
mod log_rank;
mod model;
mod nelson_aalen;
mod risk_table;
pub mod scores;
mod statistics;
mod steps;
mod weibull_aft;

pub use cohort::{
    Cohort, CohortParams, Covariate, Design, Family, Grouping, MissingCells, Treatment,
};
pub use cox::{
    Coefficient, Cox, CoxParams, CoxWarning, ModelTest, Proportionality, ProportionalityRow, Ties,
    TimeTransform,
};
pub use cross_validation::{
    Choice, Comparison, CrossValidation, CrossValidationParams, FoldResult, Measure, ModelScores,
    Recipe, Split, Splits,
};
pub use display::predicted_curves;
pub use durations::{Durations, TimeUnit};
pub use events::Events;
pub use follow_up::FollowUp;
pub use kaplan_meier::{
    AtRisk, AtRiskRow, Band, Counting, KaplanMeier, KaplanMeierGroups, KaplanMeierParams,
    QuantileTime,
};
pub use log_rank::{LogRank, LogRankGroup, Weighting};
pub use model::SurvivalModel;
pub(crate) use model::check_times;
pub use nelson_aalen::NelsonAalen;
pub use risk_table::RiskTable;
pub use steps::Steps;
pub use weibull_aft::{WeibullAft, WeibullAftParams, WeibullAftWarning};
