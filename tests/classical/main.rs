//! The classical latent-variable models against dense algebra, enumeration, simulations with a
//! known truth, and scikit-learn 1.9.1 and hmmlearn 0.3.3 (NumPy 2.4.6).
//!
//! The embedded reference values are from these programs on the rows of [`reference::made`], in
//! Python `sin(7i + 3j² + 1) + 0.5 (j + 1) cos(0.37 i) + 0.3 sin(1.7 i (j % 2 + 1))`.

mod checkpoint;
mod hidden_markov;
mod latent_model;
mod mixture;
mod pca;
mod probabilistic_pca;
mod real_data;
mod reference;
#[path = "../support/real_data.rs"]
mod support;
