//! What kind of number a covariate is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The family of distributions that a covariate is modelled with (LECTURE eq. 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Family {
    /// Any real number.
    Normal,
    /// A positive number with a long tail to the right.
    LogNormal,
    /// A count.
    Poisson,
    /// One of two values, coded 0 and 1.
    Bernoulli,
    /// One of several values, coded by the index of their level.
    Categorical,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Normal => "normal",
            Family::LogNormal => "log-normal",
            Family::Poisson => "Poisson",
            Family::Bernoulli => "Bernoulli",
            Family::Categorical => "categorical",
        })
    }
}

impl Family {
    /// Whether values are levels and not amounts.
    pub fn is_discrete(self) -> bool {
        matches!(self, Family::Bernoulli | Family::Categorical)
    }

    /// What numbers look like, of which `distinct` are the different ones, sorted, and `values` all
    /// that are not missing.
    ///
    /// - two distinct values: Bernoulli
    /// - three to five whole numbers in a row, such as a stage: categorical
    /// - whole numbers from 0 or 1 to at most 50: Poisson
    /// - positive and far more skewed than their logarithms: log-normal
    /// - all else: normal
    pub(super) fn of_numbers(distinct: &[f64], values: &[f64]) -> Self {
        let whole = distinct.iter().all(|value| value.fract() == 0.0);
        let (first, last) = match distinct {
            [first, .., last] => (*first, *last),
            _ => return Family::Bernoulli,
        };
        if distinct.len() == 2 {
            return Family::Bernoulli;
        }
        if whole && distinct.len() <= 5 && last - first < 5.0 {
            return Family::Categorical;
        }
        if whole && (0.0..=1.0).contains(&first) && last <= 50.0 {
            return Family::Poisson;
        }
        if first > 0.0 {
            let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
            let skew = skewness(values);
            if skew > 1.0 && skewness(&logs).abs() < 0.5 * skew {
                return Family::LogNormal;
            }
        }
        Family::Normal
    }
}

/// The third standardised moment.
fn skewness(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let moment = |power: i32| values.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / count;
    moment(3) / moment(2).powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(values: &[f64]) -> Family {
        let mut distinct = values.to_vec();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        Family::of_numbers(&distinct, values)
    }

    #[test]
    fn the_family_follows_from_the_values() {
        assert_eq!(inferred(&[0.0, 1.0, 1.0]), Family::Bernoulli);
        assert_eq!(inferred(&[1.0, 2.0, 4.0, 3.0]), Family::Categorical);
        assert_eq!(inferred(&[0.0, 2.0, 7.0, 1.0, 3.0, 12.0]), Family::Poisson);
        assert_eq!(inferred(&[1995.0, 1996.0, 2003.0, 1999.0, 2001.0, 1998.0]), Family::Normal);
        let log_normal: Vec<f64> = (-20..=20).map(|i| (f64::from(i) / 8.0).exp()).collect();
        assert_eq!(inferred(&log_normal), Family::LogNormal);
        let normal: Vec<f64> = (-20..=20).map(|i| f64::from(i) / 8.0 + 9.3).collect();
        assert_eq!(inferred(&normal), Family::Normal);
    }
}
