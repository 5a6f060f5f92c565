use super::*;
use crate::ops::{
    Matrix,
    testing::{Case, check, matrix},
};

fn layout() -> MixedLayout {
    MixedLayout { normals: 3, counts: 2, binaries: 2, levels: vec![3, 4], log_std_floor: -0.7 }
}

/// Cells that fit their families, and which of them are observed.
fn cells(
    layout: &MixedLayout,
    rows: usize,
) -> (Matrix<dfdx::tensor::Cpu>, Matrix<dfdx::tensor::Cpu>) {
    use crate::ops::storage::values_mut;
    let width = layout.cells();
    let (mut x, mut observed) = (matrix(rows, width, 5), matrix(rows, width, 6));
    for row in 0..rows {
        let x = &mut values_mut(&mut x)[row * width..][..width];
        let seen = &mut values_mut(&mut observed)[row * width..][..width];
        seen.iter_mut().for_each(|seen| *seen = f32::from(u8::from(*seen > -0.4)));
        let singles = layout.normals..layout.normals + layout.counts + layout.binaries;
        for (i, at) in singles.clone().enumerate() {
            x[at] = if i < layout.counts { ((row + i) % 5) as f32 } else { ((row + i) % 2) as f32 };
        }
        let mut first = singles.end;
        for &levels in &layout.levels {
            let there = seen[first];
            for level in 0..levels {
                x[first + level] = f32::from(u8::from(level == row % levels));
                seen[first + level] = there;
            }
            first += levels;
        }
    }
    (x, observed)
}

/// Every family's log-density as textbooks have it, without ln x! of the counts.
fn definition(layout: &MixedLayout, x: &[f32], observed: &[f32], parameters: &[f64]) -> Vec<f64> {
    let (cells, width) = (layout.cells(), layout.parameters());
    let row = |row: usize| {
        let x = |i: usize| f64::from(x[row * cells + i]);
        let seen = |i: usize| observed[row * cells + i] == 1.0;
        let p = &parameters[row * width..][..width];
        let mut sum = 0.0;
        let n = layout.normals;
        for i in (0..n).filter(|&i| seen(i)) {
            let floor = f64::from(layout.log_std_floor);
            let std = (floor + (p[n + i] - floor).exp().ln_1p()).exp();
            let density = (-0.5 * ((x(i) - p[i]) / std).powi(2)).exp()
                / (std * (2.0 * std::f64::consts::PI).sqrt());
            sum += density.ln();
        }
        for i in (n..n + layout.counts).filter(|&i| seen(i)) {
            let rate = p[n + i].exp();
            sum += x(i) * rate.ln() - rate;
        }
        let mut first = n + layout.counts;
        for i in (first..first + layout.binaries).filter(|&i| seen(i)) {
            let one = 1.0 / (1.0 + (-p[n + i]).exp());
            sum += if x(i) == 1.0 { one.ln() } else { (1.0 - one).ln() };
        }
        first += layout.binaries;
        for &levels in &layout.levels {
            let total: f64 = (0..levels).map(|i| p[n + first + i].exp()).sum();
            let share = |i: usize| p[n + first + i].exp() / total;
            let of = (0..levels).find(|&i| x(first + i) == 1.0);
            sum += if seen(first) { of.map_or(0.0, |i| share(i).ln()) } else { 0.0 };
            first += levels;
        }
        sum
    };
    (0..parameters.len() / width).map(row).collect()
}

fn agrees(layout: &MixedLayout, rows: usize) {
    use crate::ops::storage::values;
    let (x, observed) = cells(layout, rows);
    let (plain_x, plain_observed) = (values(&x).to_vec(), values(&observed).to_vec());
    check(Case {
        inputs: vec![matrix(rows, layout.parameters(), 7)],
        definition: &|inputs| definition(layout, &plain_x, &plain_observed, &inputs[0]),
        fused: &|tape, t| fused(tape, layout, (&x, &observed), &t[0]),
        composed: &|tape, t| composed(tape, layout, (&x, &observed), &t[0]),
    });
}

#[test]
fn the_log_likelihood_agrees_with_its_definition_and_finite_differences() {
    agrees(&layout(), 7);
}

#[test]
fn rows_enough_for_threads_agree() {
    agrees(&layout(), 400);
}

#[test]
fn families_may_be_absent() {
    let none = MixedLayout { log_std_floor: -2.0, ..MixedLayout::default() };
    agrees(&MixedLayout { normals: 2, ..none.clone() }, 4);
    agrees(&MixedLayout { counts: 2, ..none.clone() }, 4);
    agrees(&MixedLayout { binaries: 1, ..none.clone() }, 4);
    agrees(&MixedLayout { levels: vec![5], ..none }, 4);
}

#[test]
fn cells_that_were_not_observed_add_nothing_whatever_stands_there() {
    use dfdx::tensor::NoneTape;

    use crate::ops::storage::{values, values_mut};
    let layout = layout();
    let (x, observed) = cells(&layout, 6);
    let parameters = matrix(6, layout.parameters(), 8);
    let mut other = x.clone();
    let seen = values(&observed).to_vec();
    for (value, seen) in values_mut(&mut other).iter_mut().zip(&seen) {
        *value += 3.0 * (1.0 - seen);
    }
    let log_prob = |x| fused(&mut NoneTape, &layout, (x, &observed), &parameters).unwrap().as_vec();
    assert_eq!(log_prob(&x), log_prob(&other));
}
