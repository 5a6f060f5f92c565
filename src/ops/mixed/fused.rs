//! One pass over the cells of every row, on the CPU.

use dfdx::{
    shapes::HasShape,
    tensor::{Cpu, Tape, ZerosTensor},
};

use super::MixedLayout;
use crate::ops::{
    Matrix, OpResult, Vector,
    elementary::{exp, logistic, softplus},
    normal::HALF_LN_TWO_PI,
    parallel::for_each_row,
    row_derivatives::row_by_row,
    storage::{values, values_mut},
};

/// As [`crate::ops::Backend::mixed_log_prob`].
pub(in crate::ops) fn fused<T: Tape<f32, Cpu>>(
    tape: &mut T,
    layout: &MixedLayout,
    (x, observed): (&Matrix<Cpu>, &Matrix<Cpu>),
    parameters: &Matrix<Cpu>,
) -> OpResult<Cpu, Vector<Cpu>> {
    let (rows, width) = *parameters.shape();
    assert_eq!(width, layout.parameters(), "the parameters of the layout");
    let (x, observed) = (values(x), values(observed));
    let row = |row: usize, parameters: &[f32], derivatives: Option<&mut [f32]>| {
        Row::at(row, layout, &x, &observed, parameters).log_prob(derivatives)
    };
    if T::OWNS_TAPE {
        return row_by_row(tape, parameters, WORK * width, |number, parameters, derivatives| {
            row(number, parameters, Some(derivatives))
        });
    }
    let mut log_prob = parameters.device().try_zeros_like(&(rows,))?;
    let parameters = values(parameters);
    for_each_row(values_mut(&mut log_prob), 1, WORK * width, |number, sum| {
        sum[0] = row(number, &parameters[number * width..][..width], None);
    });
    Ok(log_prob)
}

/// What a parameter costs, in elements of simple loops: an exponential and a logarithm.
const WORK: usize = 4;

/// A row's cells and parameters.
struct Row<'a> {
    layout: &'a MixedLayout,
    x: &'a [f32],
    observed: &'a [f32],
    parameters: &'a [f32],
}

impl<'a> Row<'a> {
    #[inline(always)]
    fn at(
        row: usize,
        layout: &'a MixedLayout,
        x: &'a [f32],
        observed: &'a [f32],
        parameters: &'a [f32],
    ) -> Self {
        let cells = layout.cells();
        Self {
            layout,
            x: &x[row * cells..][..cells],
            observed: &observed[row * cells..][..cells],
            parameters,
        }
    }

    /// The value; writes the derivatives by the parameters, if they are wanted.
    #[inline(always)]
    fn log_prob(self, derivatives: Option<&mut [f32]>) -> f32 {
        let Self { layout, x, observed, parameters } = self;
        let mut none = [];
        let wanted = derivatives.is_some();
        let derivatives = derivatives.unwrap_or(&mut none);
        let (normals, singles) = (layout.normals, layout.counts + layout.binaries);
        let (to_normals, rest) = derivatives.split_at_mut(if wanted { 2 * normals } else { 0 });
        let (to_singles, to_levels) = rest.split_at_mut(if wanted { singles } else { 0 });
        let (of_normals, of_rest) = parameters.split_at(2 * normals);
        let (of_singles, of_levels) = of_rest.split_at(singles);
        let (x, observed) =
            ((&x[..normals], &x[normals..]), (&observed[..normals], &observed[normals..]));
        let floor = layout.log_std_floor;
        normal(floor, (x.0, observed.0), of_normals, to_normals)
            + single(layout.counts, (x.1, observed.1), of_singles, to_singles)
            + categorical(
                &layout.levels,
                (&x.1[singles..], &observed.1[singles..]),
                of_levels,
                to_levels,
            )
    }
}

type Cells<'a> = (&'a [f32], &'a [f32]);

#[inline(always)]
fn normal(floor: f32, (x, observed): Cells, parameters: &[f32], derivatives: &mut [f32]) -> f32 {
    let count = x.len();
    let (means, raw) = parameters.split_at(count);
    let mut sum = 0.0;
    for i in 0..count {
        let log_std = floor + softplus(raw[i] - floor);
        let precision_root = exp(-log_std);
        let standardised = (x[i] - means[i]) * precision_root;
        let square = standardised * standardised;
        sum -= observed[i] * (0.5 * square + log_std + HALF_LN_TWO_PI);
        if !derivatives.is_empty() {
            derivatives[i] = observed[i] * standardised * precision_root;
            derivatives[count + i] = observed[i] * (square - 1.0) * logistic(raw[i] - floor);
        }
    }
    sum
}

/// Counts, without ln x!, and truth values: x·η − A(η) with A = eʸ or ln(1 + eʸ).
#[inline(always)]
fn single(counts: usize, (x, observed): Cells, parameters: &[f32], derivatives: &mut [f32]) -> f32 {
    let mut sum = 0.0;
    for (i, &eta) in parameters.iter().enumerate() {
        let (normaliser, mean) = if i < counts {
            let rate = exp(eta);
            (rate, rate)
        } else {
            (softplus(eta), logistic(eta))
        };
        sum += observed[i] * (x[i] * eta - normaliser);
        if !derivatives.is_empty() {
            derivatives[i] = observed[i] * (x[i] - mean);
        }
    }
    sum
}

#[inline(always)]
fn categorical(
    levels: &[usize],
    (x, observed): Cells,
    logits: &[f32],
    derivatives: &mut [f32],
) -> f32 {
    let (mut sum, mut first) = (0.0, 0);
    for &count in levels {
        let block = first..first + count;
        let logits = &logits[block.clone()];
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let total: f32 = logits.iter().map(|logit| exp(logit - largest)).sum();
        let normaliser = largest + total.ln();
        for (i, logit) in block.zip(logits) {
            // Over a whole block the cells of x sum to 1.
            sum += observed[i] * x[i] * (logit - normaliser);
            if !derivatives.is_empty() {
                derivatives[i] = observed[i] * (x[i] - exp(logit - normaliser));
            }
        }
        first += count;
    }
    sum
}
