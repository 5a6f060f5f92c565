//! The objective's weights.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a semi-supervised objective weighs the bounds against the classifier q(y|x).
///
/// With J/N the mean bound of all N rows, labelled or not, and E the mean over the labelled rows,
/// training ascends one of
///
/// - J/N + α E\[log q(y|x)\]   (lecture, eq. 20, divided by N)
/// - α J/N + E\[log q(y|x)\]   (lecture, eq. 21, with α/N for α)
///
/// in nats a row. Both are means, so that α says how much one row's bound is worth against one
/// label, whatever the numbers of rows: where J and E stand as a sum and a mean, as in Kingma et al.
/// 2014, multiply α by N (divide it, in 21). Their usual 0.1·N is `Classification(0.1)`. The bound
/// of an image is hundreds of nats and its label is a few at most, so a gain in accuracy usually
/// asks for much larger α. α in one form is 1/α in the other, up to the scale of the objective, which
/// Adam does not notice; the second form has the plain classifier as its limit α = 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Weighting {
    /// J/N + α E\[log q(y|x)\], eq. (20).
    Classification(f64),
    /// α J/N + E\[log q(y|x)\], eq. (21); 0 trains the classifier alone.
    Bound(f64),
}

/// What the terms of the objective are multiplied with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weights {
    /// Of the mean bound of labelled rows.
    pub labelled: f64,
    /// Of the mean bound of unlabelled rows.
    pub unlabelled: f64,
    /// Of the mean log q(y|x) of labelled rows.
    pub classification: f64,
}

impl Weighting {
    /// # Errors
    /// [`Error::Setting`] for a weight that is negative or not finite.
    pub(super) fn check(self) -> Result<()> {
        let (Weighting::Classification(alpha) | Weighting::Bound(alpha)) = self;
        if alpha >= 0.0 && alpha.is_finite() {
            return Ok(());
        }
        Err(Error::setting("weighting", format!("{self:?}"), "α must not be negative"))
    }

    /// The weights for so many rows of each kind, at least one of them labelled.
    pub(super) fn weights(self, labelled: usize, unlabelled: usize) -> Weights {
        let (bound, classification) = match self {
            Weighting::Classification(alpha) => (1.0, alpha),
            Weighting::Bound(alpha) => (alpha, 1.0),
        };
        let share = |rows: usize| bound * rows as f64 / (labelled + unlabelled) as f64;
        Weights { labelled: share(labelled), unlabelled: share(unlabelled), classification }
    }

    /// What a model's card says of it.
    pub(super) fn described(self) -> String {
        match self {
            Weighting::Classification(alpha) => format!("J/N + {alpha}·E log q(y|x)"),
            Weighting::Bound(alpha) => format!("{alpha}·J/N + E log q(y|x)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_weigh_rows_alike_and_have_inverse_alphas() {
        let weights = Weighting::Classification(50.0).weights(100, 300);
        assert_eq!(weights, Weights { labelled: 0.25, unlabelled: 0.75, classification: 50.0 });
        let other = Weighting::Bound(1.0 / 50.0).weights(100, 300);
        assert!((other.labelled * 50.0 - weights.labelled).abs() < 1e-12);
        assert!((other.unlabelled * 50.0 - weights.unlabelled).abs() < 1e-12);
        assert_eq!(other.classification, 1.0);
        let supervised = Weighting::Bound(0.0).weights(5, 100);
        assert_eq!((supervised.labelled, supervised.unlabelled), (0.0, 0.0));
        for wrong in [Weighting::Bound(-1.0), Weighting::Classification(f64::NAN)] {
            assert!(matches!(wrong.check(), Err(Error::Setting { setting: "weighting", .. })));
        }
    }
}
