//! The covariates of the simulated trial: p(x|z), and which cells are missing.

use ndarray::{Array2, ArrayView1};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

use super::logistic;
use crate::survival::{Covariate, Family};

/// A weight of each dimension of z.
type Weights = [f64; 4];

/// How a covariate depends on z.
struct Spec {
    name: &'static str,
    family: Drawn,
    weights: Weights,
    /// The probability that a cell is missing.
    missing: f64,
}

/// A family with its parameters at z = 0; the weights move the first of them.
enum Drawn {
    /// Mean and standard deviation, cut at two ends.
    Normal { mean: f64, sd: f64, ends: (f64, f64) },
    /// Mean and standard deviation of the logarithm.
    LogNormal { mean: f64, sd: f64 },
    /// The logarithm of the mean.
    Poisson { log_mean: f64 },
    /// The logarithm of the odds.
    Bernoulli { log_odds: f64, levels: [&'static str; 2] },
    /// Ordered levels by thresholds of a standard normal number.
    Ordered { thresholds: &'static [f64], levels: &'static [&'static str] },
}

const fn yes(name: &'static str, log_odds: f64, weights: Weights, missing: f64) -> Spec {
    Spec { name, family: Drawn::Bernoulli { log_odds, levels: ["no", "yes"] }, weights, missing }
}

/// z₁ is general health, z₂ the mass of the tumour, z₃ inflammation (the lower the worse), z₄ what
/// comes with age.
const SPECS: [Spec; 16] = [
    Spec {
        name: "age",
        family: Drawn::Normal { mean: 14.3, sd: 3.0, ends: (2.0, 22.0) },
        weights: [-0.5, 0.0, 0.0, -1.8],
        missing: 0.0,
    },
    Spec {
        name: "gender",
        family: Drawn::Bernoulli { log_odds: 0.15, levels: ["female", "male"] },
        weights: [0.0, 0.1, 0.0, 0.3],
        missing: 0.0,
    },
    yes("b_symptoms", -1.3, [-0.7, 0.3, -0.9, 0.0], 0.0),
    yes("bulk", 0.3, [-0.2, 1.3, 0.0, 0.0], 0.02),
    yes("extralymphatic", -1.2, [-0.8, 0.5, 0.0, 0.0], 0.02),
    yes("fever", -2.0, [-0.6, 0.0, -1.1, 0.0], 0.03),
    yes("night_sweats", -1.9, [-0.4, 0.2, -1.0, 0.0], 0.03),
    yes("weight_loss", -2.2, [-0.9, 0.0, -0.7, 0.0], 0.03),
    yes("nodal_aggregate", -0.6, [0.0, 1.1, 0.0, 0.0], 0.12),
    yes("mediastinal_mass", -0.2, [0.0, 1.4, 0.0, 0.2], 0.1),
    Spec {
        name: "stage",
        family: Drawn::Ordered {
            thresholds: &[-1.3, 0.35, 1.15],
            levels: &["I", "II", "III", "IV"],
        },
        weights: [-0.7, 0.4, -0.2, 0.0],
        missing: 0.0,
    },
    Spec {
        name: "histology",
        family: Drawn::Ordered {
            thresholds: &[0.75, 1.25, 1.6, 2.1],
            levels: &[
                "nodular sclerosis",
                "mixed cellularity",
                "unspecified",
                "lymphocyte rich",
                "lymphocyte depleted",
            ],
        },
        weights: [0.0, -0.4, 0.0, -0.4],
        missing: 0.01,
    },
    Spec {
        name: "esr",
        family: Drawn::LogNormal { mean: 3.3, sd: 0.6 },
        weights: [-0.2, 0.15, -0.55, 0.0],
        missing: 0.18,
    },
    Spec {
        name: "nodal_sites",
        family: Drawn::Poisson { log_mean: 1.3 },
        weights: [-0.2, 0.35, 0.0, 0.0],
        missing: 0.04,
    },
    Spec {
        name: "albumin",
        family: Drawn::Normal { mean: 3.8, sd: 0.35, ends: (1.0, 5.6) },
        weights: [0.3, -0.1, 0.25, 0.0],
        missing: 0.2,
    },
    yes("rapid_response", 1.4, [0.9, -0.6, 0.2, 0.0], 0.05),
];

/// All cells, before any is lost.
pub(super) struct Complete {
    /// One for each of [`SPECS`]; levels by their index.
    columns: Vec<Vec<f64>>,
}

/// x given z, (n, 4).
pub(super) fn draw(z: &Array2<f64>, rng: &mut ChaCha8Rng) -> Complete {
    let column = |spec: &Spec| z.rows().into_iter().map(|z| spec.draw(z, rng)).collect();
    Complete { columns: SPECS.iter().map(column).collect() }
}

impl Spec {
    fn draw(&self, z: ArrayView1<f64>, rng: &mut ChaCha8Rng) -> f64 {
        let shift: f64 = z.iter().zip(self.weights).map(|(z, weight)| z * weight).sum();
        let normal = |rng: &mut ChaCha8Rng| Distribution::<f64>::sample(&StandardNormal, rng);
        match self.family {
            Drawn::Normal { mean, sd, ends } => {
                (mean + shift + sd * normal(rng)).clamp(ends.0, ends.1)
            }
            Drawn::LogNormal { mean, sd } => (mean + shift + sd * normal(rng)).exp(),
            Drawn::Poisson { log_mean } => {
                let mean = (log_mean + shift).exp();
                // A mean that is positive and finite always has a distribution.
                Poisson::new(mean).map_or(mean.round(), |poisson| poisson.sample(rng))
            }
            Drawn::Bernoulli { log_odds, .. } => {
                f64::from(u8::from(rng.random::<f64>() < logistic(log_odds + shift)))
            }
            Drawn::Ordered { thresholds, .. } => {
                let hidden = shift + normal(rng);
                thresholds.iter().filter(|&&threshold| hidden > threshold).count() as f64
            }
        }
    }

    fn covariate(&self, values: Vec<f64>) -> Covariate {
        match self.family {
            Drawn::Normal { .. } => Covariate::of_values(self.name, Family::Normal, values),
            Drawn::LogNormal { .. } => Covariate::of_values(self.name, Family::LogNormal, values),
            Drawn::Poisson { .. } => Covariate::of_values(self.name, Family::Poisson, values),
            Drawn::Bernoulli { levels, .. } => Covariate::of_levels(self.name, &levels, values),
            Drawn::Ordered { levels, .. } => Covariate::of_levels(self.name, levels, values),
        }
    }
}

impl Complete {
    fn get(&self, name: &str, patient: usize) -> f64 {
        let column = SPECS.iter().position(|spec| spec.name == name);
        column.map_or(0.0, |column| self.columns[column][patient])
    }

    /// The logarithms of the odds with which the physician gives each treatment: p(t|x). Those with
    /// advanced disease or a slow response get more of both.
    pub fn treatment_odds(&self, patient: usize) -> [f64; 2] {
        let x = |name: &str| self.get(name, patient);
        let slow = 1.0 - x("rapid_response");
        [
            -1.9 + 1.6 * slow + 0.5 * x("stage") + 0.4 * x("b_symptoms")
                - 0.3 * (x("albumin") - 3.8),
            -0.4 + 1.0 * slow + 0.9 * x("bulk") - 0.25 * x("stage") - 0.05 * (x("age") - 14.3),
        ]
    }

    /// The covariates with the cells that got lost, each by itself.
    pub fn with_missing(self, rng: &mut ChaCha8Rng) -> Vec<Covariate> {
        let lose = |(spec, mut values): (&Spec, Vec<f64>)| {
            for value in &mut values {
                if rng.random::<f64>() < spec.missing {
                    *value = f64::NAN;
                }
            }
            spec.covariate(values)
        };
        SPECS.iter().zip(self.columns).map(lose).collect()
    }
}
