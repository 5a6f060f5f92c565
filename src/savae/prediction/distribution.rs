//! The distribution of one patient's time until the event.

use super::sum::{root, survival_sum};
use crate::{ops::LocationScale, savae::columns::TimeScale};

/// p(y|t, x) of one patient under some treatments: a mixture over draws of the latent variable
/// (lecture, eq. 15). Times are in the unit of the cohort.
#[derive(Clone, Debug)]
pub struct SurvivalDistribution {
    pub(super) family: LocationScale,
    pub(super) scale: TimeScale,
    pub(super) per_draw: usize,
    pub(super) locations: Vec<f64>,
    pub(super) inverse_scales: Vec<f64>,
    /// Of all components; their sum is 1.
    pub(super) weights: Vec<f64>,
}

/// Panels of the integral of a survival function, and nodes of Gauss and Legendre in each.
const PANELS: usize = 8;

impl SurvivalDistribution {
    /// S(t): the probability that the event comes after `time`.
    pub fn survival(&self, time: f64) -> f64 {
        if time <= 0.0 {
            return 1.0;
        }
        self.survival_of(self.scale.exact(time))
    }

    /// S at a standardised log-time.
    fn survival_of(&self, u: f64) -> f64 {
        survival_sum(self.family, u, &self.locations, &self.inverse_scales, &self.weights)
    }

    /// f(t), a unit of time. At 0 it is that of a very small time: it may be 0 or infinite there.
    pub fn density(&self, time: f64) -> f64 {
        if time < 0.0 {
            return 0.0;
        }
        let time = time.max(1e-9 * self.scale.instead_of_zero);
        let of_u = self.sum(time, |family, w, inverse| family.density(w) * inverse);
        of_u / (self.scale.std_log * time)
    }

    /// f(t)/S(t), a unit of time.
    pub fn hazard(&self, time: f64) -> f64 {
        self.density(time) / self.survival(time)
    }

    /// The expected time; infinite where a component has none.
    pub fn mean(&self) -> f64 {
        self.components()
            .map(|(location, inverse, weight)| weight * self.component_mean(location, inverse))
            .sum()
    }

    fn component_mean(&self, location: f64, inverse_scale: f64) -> f64 {
        let moment = self.family.exponential_moment(self.scale.std_log / inverse_scale);
        self.scale.time(location) * moment
    }

    /// The expected time until the event or `horizon`, whichever comes first: the area below the
    /// survival function.
    pub fn restricted_mean(&self, horizon: f64) -> f64 {
        self.nodes(horizon).map(|(time, weight)| weight * self.survival(time)).sum()
    }

    /// The time by which half of such patients have the event.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The time by which a share of such patients have the event: 0 for none of them, infinite for
    /// all.
    pub fn quantile(&self, share: f64) -> f64 {
        if share <= 0.0 {
            return 0.0;
        }
        if share >= 1.0 {
            return f64::INFINITY;
        }
        let target = 1.0 - share;
        let (low, high) = self.bracket(target);
        self.scale.time(root(|u| self.survival_of(u) - target, low, high))
    }

    /// Log-times between which S comes to a value: the components' own quantiles.
    fn bracket(&self, survival: f64) -> (f64, f64) {
        let w = self.family.quantile(survival);
        let of_components =
            self.components().filter(|(_, _, weight)| *weight > 0.0).map(|(a, r, _)| a + w / r);
        of_components
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), u| (low.min(u), high.max(u)))
    }

    /// Times and weights whose sum of values is an integral from 0 to `horizon`: Gauss's and
    /// Legendre's nodes in v with t = horizon·v², because survival functions may be steep at 0.
    fn nodes(&self, horizon: f64) -> impl Iterator<Item = (f64, f64)> {
        let panels = (0..PANELS).flat_map(|panel| GAUSS.map(|(x, weight)| (panel, x, weight)));
        panels.flat_map(move |(panel, x, weight)| {
            [-x, x].map(|x| {
                let v = (panel as f64 + 0.5 * (1.0 + x)) / PANELS as f64;
                (horizon * v * v, weight * horizon * v / PANELS as f64)
            })
        })
    }

    /// A value of every draw, which a component's location and inverse scale decide.
    pub(in crate::savae) fn by_draw(&self, of: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let values: Vec<f64> = self.components().map(|(a, r, w)| w * of(a, r)).collect();
        let weights = self.weights.chunks(self.per_draw);
        values
            .chunks(self.per_draw)
            .zip(weights)
            .map(|(values, weights)| {
                let weight: f64 = weights.iter().sum();
                if weight > 0.0 { values.iter().sum::<f64>() / weight } else { 0.0 }
            })
            .collect()
    }

    /// S of every draw at a time.
    pub(in crate::savae) fn survival_by_draw(&self, time: f64) -> Vec<f64> {
        let u = self.scale.exact(time);
        self.by_draw(|location, inverse| self.family.survival((u - location) * inverse))
    }

    /// The expected time of every draw.
    pub(in crate::savae) fn mean_by_draw(&self) -> Vec<f64> {
        self.by_draw(|location, inverse| self.component_mean(location, inverse))
    }

    /// The restricted mean of every draw.
    pub(in crate::savae) fn restricted_mean_by_draw(&self, horizon: f64) -> Vec<f64> {
        let nodes: Vec<_> =
            self.nodes(horizon).map(|(time, weight)| (self.scale.exact(time), weight)).collect();
        self.by_draw(|location, inverse| {
            let at =
                |(u, weight): &(f64, f64)| weight * self.family.survival((u - location) * inverse);
            nodes.iter().map(at).sum()
        })
    }

    /// The weight of every draw.
    pub(in crate::savae) fn draw_weights(&self) -> Vec<f64> {
        self.weights.chunks(self.per_draw).map(|weights| weights.iter().sum()).collect()
    }

    fn components(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let parameters = self.locations.iter().zip(&self.inverse_scales);
        parameters.zip(&self.weights).map(|((a, r), w)| (*a, *r, *w))
    }

    fn sum(&self, time: f64, of: impl Fn(LocationScale, f64, f64) -> f64) -> f64 {
        let u = self.scale.exact(time);
        self.components().map(|(a, r, weight)| weight * of(self.family, (u - a) * r, r)).sum()
    }
}

/// Positive nodes and weights of Gauss's and Legendre's rule of 16 nodes on (−1, 1).
#[allow(clippy::excessive_precision, reason = "as printed in tables")]
const GAUSS: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_096),
];
