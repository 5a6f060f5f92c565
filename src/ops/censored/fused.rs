//! One pass over the rows, on the CPU.

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Tape},
};

use super::{LocationScale, TimeLayout, family::LOG_SCALE_FLOOR};
use crate::ops::{
    Matrix, OpResult, Vector,
    elementary::{exp, logistic, softplus},
    normal::HALF_LN_TWO_PI,
    row_derivatives::row_by_row,
    storage::values,
};

/// e^w stays a number to compute with.
pub(super) const W_MAX: f32 = 40.0;

/// As [`crate::ops::Backend::censored_log_prob`].
pub(in crate::ops) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    layout: TimeLayout,
    outcome: &Matrix<Cpu>,
    parameters: &Matrix<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (_, width) = *parameters.shape();
    assert_eq!(width, layout.parameters(), "the parameters of the layout");
    let outcome = values(outcome);
    row_by_row(tape, parameters, WORK * width, |row, parameters, derivatives| {
        log_prob_of(layout, [outcome[2 * row], outcome[2 * row + 1]], parameters, derivatives)
    })
}

/// What a parameter costs, in elements of simple loops.
const WORK: usize = 16;

/// The value of a row, whose derivatives by the parameters are written to `derivatives`.
#[inline(always)]
fn log_prob_of(
    layout: TimeLayout,
    [u, event]: [f32; 2],
    parameters: &[f32],
    derivatives: &mut [f32],
) -> f32 {
    let components = layout.components();
    let component = |i: usize| {
        let (log_scale, by_raw) = match layout.has_scales() {
            true => {
                let above = parameters[components + i] - LOG_SCALE_FLOOR;
                (LOG_SCALE_FLOOR + softplus(above), logistic(above))
            }
            false => (layout.exponential_log_scale, 0.0),
        };
        Component::of(layout.family(), u, event, parameters[i], log_scale, by_raw)
    };
    if components == 1 {
        let only = component(0);
        only.write(1.0, derivatives, 0, 1);
        return only.log_prob;
    }
    let logits = &parameters[2 * components..];
    let log_share_sum = log_sum_exp(logits.iter().copied());
    // First the joint log-probabilities, in the place of the logits' derivatives.
    for i in 0..components {
        derivatives[2 * components + i] = logits[i] - log_share_sum + component(i).log_prob;
    }
    let total = log_sum_exp(derivatives[2 * components..].iter().copied());
    for i in 0..components {
        let responsibility = exp(derivatives[2 * components + i] - total);
        component(i).write(responsibility, derivatives, i, components);
        derivatives[2 * components + i] = responsibility - exp(logits[i] - log_share_sum);
    }
    total
}

#[inline(always)]
fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let largest = values.clone().fold(f32::NEG_INFINITY, f32::max);
    largest + values.map(|value| exp(value - largest)).sum::<f32>().ln()
}

/// The log-likelihood of one component, and its derivatives by location and raw log scale.
struct Component {
    log_prob: f32,
    by_location: f32,
    by_raw_log_scale: f32,
}

impl Component {
    #[inline(always)]
    fn of(
        family: LocationScale,
        u: f32,
        event: f32,
        location: f32,
        log_scale: f32,
        by_raw: f32,
    ) -> Self {
        let inverse_scale = exp(-log_scale);
        let w = (u - location) * inverse_scale;
        // `min` would turn NaN into a number.
        let w = if w > W_MAX { W_MAX } else { w };
        let (log_survival, survival_by_w, log_density, density_by_w) = match family {
            LocationScale::SmallestExtreme => {
                let hazard = exp(w);
                (-hazard, -hazard, w - hazard, 1.0 - hazard)
            }
            LocationScale::Normal => {
                let (log_survival, hazard) = normal_tail(w);
                (log_survival, -hazard, -0.5 * w * w - HALF_LN_TWO_PI, -w)
            }
            LocationScale::Logistic => {
                let (tail, share) = (softplus(w), logistic(w));
                (-tail, -share, w - 2.0 * tail, 1.0 - 2.0 * share)
            }
        };
        let by_w = event * density_by_w + (1.0 - event) * survival_by_w;
        Self {
            log_prob: event * (log_density - log_scale) + (1.0 - event) * log_survival,
            by_location: -by_w * inverse_scale,
            by_raw_log_scale: (-by_w * w - event) * by_raw,
        }
    }

    #[inline(always)]
    fn write(&self, weight: f32, derivatives: &mut [f32], index: usize, components: usize) {
        derivatives[index] = weight * self.by_location;
        if let Some(to) = derivatives.get_mut(components + index) {
            *to = weight * self.by_raw_log_scale;
        }
    }
}

/// Coefficients of P in erfc(x) ≈ t·exp(−x² + P(t)), t = 1/(1 + x/2), x ≥ 0: relative error 1.2e-7
/// everywhere (Press et al., Numerical Recipes, 6.2). Highest power first.
#[allow(clippy::excessive_precision, reason = "as printed")]
pub(super) const ERFC: [f32; 10] = [
    0.170_872_77,
    -0.822_152_23,
    1.488_515_87,
    -1.135_203_98,
    0.278_868_07,
    -0.186_288_06,
    0.096_784_18,
    0.374_091_96,
    1.000_023_68,
    -1.265_512_23,
];

/// log Φ(−w) and the hazard φ(w)/Φ(−w) of a standard normal.
#[inline(always)]
fn normal_tail(w: f32) -> (f32, f32) {
    let x = w.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.5 * x);
    let polynomial = ERFC.iter().fold(0.0, |sum, c| sum * t + c);
    let upper = t.ln() - x * x + polynomial - std::f32::consts::LN_2;
    let log_tail = if w < 0.0 { (-exp(upper)).ln_1p() } else { upper };
    (log_tail, exp(-0.5 * w * w - HALF_LN_TWO_PI - log_tail))
}
