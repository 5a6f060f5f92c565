//! Survival analysis against naive definitions, textbook values, simulations with a known truth, and
//! lifelines 0.30.3, scikit-survival 0.28.0 and pycox 0.3.0 on real data.
//!
//! The files in `peers/` are what these programs say about the files of `survival/` in the folder
//! that `ELBO_DATA` names: `NAME.json` from the peers' `survival.py`, `NAME.more.json` from
//! `peers/more.py`, `NAME.weights.json`, `NAME.strata.json` and `NAME.folds.json` from the programs of
//! these names beside it. An infinite time, which JSON cannot say, is `null` there.

mod cohort;
mod cox;
mod cox_peers;
mod cross_validation;
mod curves;
mod files;
mod gallery;
mod naive;
mod parquet;
mod scores;
mod scores_peers;
mod simulated;
mod strata;
#[path = "../support/real_data.rs"]
mod support;
mod textbook;
mod truncation;
mod weights;
