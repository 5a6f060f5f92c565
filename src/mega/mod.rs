//! How well a generative model matches the first two moments of data: MEGA, the moment estimators
//! gap (Beaulac 2021, arXiv 2111.00875; lecture, eq. 22 to 34).
//!
//! By the law of total variance the second moment of x ~ p(x) is
//!
//! E(xxᵀ) = E\[Var(x|z) + E(x|z)E(x|z)ᵀ\]   (lecture, eq. 22 to 25).
//!
//! The data estimate the left side directly, a latent-variable model the right side from draws
//! z ~ p(z). The gap between the two is a matrix; its norm is one number that compares any models
//! whose p(x|z) has a mean and a variance: no samples of x are needed, so that it varies less than
//! what samples would say.
//!
//! - [`mega`] evaluates the gap; [`Mega`] holds it with all its norms and their standard errors.
//! - [`Mega::exact`] does without draws where the model's moments have a closed form.
//! - [`mmd`] and [`frechet`] compare samples; [`GenerativeComparison`] sets models side by side by all
//!   of these.
//! - [`ComplexityPath`] chooses the number of components of a mixture by log-likelihood − α·MEGA,
//!   beside AIC and BIC.
//! - [`Regulariser`] has the gradient; [`crate::Fit::mega`] adds the gap to the objective of a
//!   training.

mod comparison;
mod discrepancy;
mod frechet;
mod metric;
mod norms;
mod path;
mod penalty;
mod regulariser;
mod second_moment;
mod standard_error;
#[cfg(test)]
mod tests;

pub use comparison::{Generated, GenerativeComparison, GenerativeComparisonParams};
pub use discrepancy::{Discrepancy, mmd};
pub use frechet::{frechet, frechet_in};
pub use metric::{Mega, MegaParams, Source, mega};
pub use path::{ComplexityPath, ComplexityPathParams, PathChoice, PathEntry};
pub use penalty::{MegaForm, MegaPenalty};
pub use regulariser::{GapAt, GapGradient, Regulariser};
pub use standard_error::Estimate;
