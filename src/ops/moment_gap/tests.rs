use dfdx::{tensor::OwnedTape, tensor_ops::Backward};
use ndarray::{Array2, ArrayView2};

use super::*;
use crate::ops::testing::{Case, check, matrix, weighted};

/// The column means and the second moment of the data, as the lecture defines them, in f64.
struct Data {
    centre: Vec<f64>,
    second: Vec<f64>,
}

fn average(values: &[f64], width: usize, j: usize) -> f64 {
    let rows = (values.len() / width) as f64;
    values.iter().skip(j).step_by(width).sum::<f64>() / rows
}

impl Data {
    fn new(x: &Array2<f32>) -> Self {
        let width = x.ncols();
        let values: Vec<f64> = x.iter().copied().map(f64::from).collect();
        let centre: Vec<f64> = (0..width).map(|j| average(&values, width, j)).collect();
        let entry = |(i, j): (usize, usize)| {
            let rows = values.chunks(width);
            let products = rows.map(|x| (x[i] - centre[i]) * (x[j] - centre[j]));
            products.sum::<f64>() / (x.nrows() as f64 - 1.0) + centre[i] * centre[j]
        };
        let pairs = (0..width).flat_map(|i| (0..width).map(move |j| (i, j)));
        Self { second: pairs.map(entry).collect(), centre }
    }

    /// [1MEGA-F, 2MEGA-F]
    fn norms(&self, mean: &[f64], variance: &[f64]) -> [f64; 2] {
        let width = self.centre.len();
        let gap = |j: usize| average(mean, width, j) - self.centre[j];
        let first = (0..width).map(|j| gap(j).powi(2)).sum::<f64>().sqrt();
        let draws = (mean.len() / width) as f64;
        let mut second = 0.0;
        for i in 0..width {
            for j in 0..width {
                let model = mean.chunks(width).map(|mean| mean[i] * mean[j]).sum::<f64>() / draws;
                let spread = if i == j { average(variance, width, i) } else { 0.0 };
                second += (self.second[i * width + j] - model - spread).powi(2);
            }
        }
        [first, second.sqrt()]
    }
}

/// Data from a formula, (n, width), about 0.3.
fn data(rows: usize, width: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, width), |(i, j)| ((7 * i + 3 * j * j) as f32).sin() + 0.3)
}

fn observed(x: &Array2<f32>) -> ObservedMoments {
    ObservedMoments::new(x.view(), &(0..x.nrows()).collect::<Vec<_>>())
}

/// One number of both norms.
fn mixed<T: Tape<f32, Cpu>>(
    tape: &mut T,
    (first, second): Norms<Cpu>,
) -> OpResult<Cpu, Tensor<Rank0, f32, Cpu>> {
    compose(tape, &first, |first| first.try_mul(0.7)?.try_add(second.retaped::<T>().try_mul(0.4)?))
}

#[test]
fn norms_and_gradients_agree_with_the_definition() {
    // (n, m, D, rows of variances): the square form, the Gram form, a shared variance, several
    // panels and threads.
    for (n, m, width, variances) in [(9, 7, 4, 7), (4, 3, 12, 3), (4, 3, 12, 1), (300, 60, 210, 60)]
    {
        let x = data(n, width);
        let data = Data::new(&x);
        let observed = observed(&x);
        let device = observed.upload(&Cpu::default()).unwrap();
        check(Case {
            inputs: vec![matrix(m, width, 1), matrix(variances, width, 2)],
            definition: &|inputs| {
                let [first, second] = data.norms(&inputs[0], &inputs[1]);
                vec![0.7 * first + 0.4 * second]
            },
            fused: &|tape, t| {
                let norms = fused(tape, &t[0], &t[1], &observed)?;
                mixed(tape, norms)
            },
            composed: &|tape, t| {
                let norms = composed(tape, &t[0], &t[1], &device)?;
                mixed(tape, norms)
            },
        });
    }
}

/// A constant added to the data and to the means moves the second moment by its square, and the
/// gap only by what the means differ: with an offset of 1000 a plain difference of second moments
/// would have an error of about 1000²·6e-8·D.
#[test]
fn an_offset_of_the_data_takes_no_digits() {
    for (n, m, width) in [(40, 30, 6), (4, 5, 40)] {
        let offset = 1000.0f32;
        let x = data(n, width) + offset;
        let values: Vec<f32> = data(m, width).iter().map(|v| 0.5 * v + offset).collect();
        let variances = vec![0.2f32; width];
        let wide = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<_>>();
        let want = Data::new(&x).norms(&wide(&values), &wide(&variances));
        let gap = Gap::new(&observed(&x), &values, &variances);
        for (got, want) in [gap.first, gap.second].into_iter().zip(want) {
            // A handful of roundings of the norm itself to 6e-8.
            assert!((got / want - 1.0).abs() < 1e-6, "got {got}, want {want}");
        }
    }
}

#[test]
fn the_gram_form_is_the_square_form() {
    let (x, width) = (data(5, 40), 40);
    let (means, variances) = (data(6, width) * 0.5, data(6, width).mapv(f32::abs));
    let slice = |a: &Array2<f32>| a.iter().copied().collect::<Vec<f32>>();
    let (means, variances) = (slice(&means), slice(&variances));
    let wide = observed(&x);
    // Without the centred rows there is only the square form.
    let square = ObservedMoments { centred: None, ..observed(&x) };
    square.covariance.set(wide.covariance().to_vec()).unwrap();
    let weights = Weights { first: 0.3, second: 1.2 };
    let all = |observed: &ObservedMoments| {
        let gap = Gap::new(observed, &means, &variances);
        let mut gradient = vec![0.0; means.len()];
        gap.add_mean_gradient(&mut gradient, &means, weights);
        let norms = vec![gap.first as f32, gap.second as f32];
        [norms, gradient, gap.variance_gradient(weights)].concat()
    };
    for (gram, square) in all(&wide).into_iter().zip(all(&square)) {
        // Sums of 40 products of size 1 in f32; norms of about 15.
        assert!((gram - square).abs() < 2e-5, "{gram} and {square}");
    }
}

#[test]
fn a_gap_that_nobody_asks_for_has_no_gradient() {
    let x = data(9, 4);
    let (mean, variance) = (matrix(7, 4, 1), matrix(7, 4, 2));
    let mut tape = OwnedTape::default();
    let (first, _) = fused(&mut tape, &mean, &variance, &observed(&x)).unwrap();
    let mut gradients = weighted(&first, tape).backward();
    assert!(gradients.get_or_alloc_mut(&variance).unwrap().iter().all(|value| *value == 0.0));
    assert!(gradients.get(&mean).as_vec().iter().all(|value| *value != 0.0));
}

#[test]
fn only_the_chosen_rows_count() {
    let x = data(20, 3);
    let chosen = [1, 4, 7, 8, 19];
    let few = x.select(ndarray::Axis(0), &chosen);
    let (all, few) = (ObservedMoments::new(x.view(), &chosen), observed(&few));
    assert_eq!((all.mean.as_slice(), all.covariance()), (few.mean.as_slice(), few.covariance()));
    let empty: ArrayView2<f32> = x.slice(ndarray::s![..2, ..]);
    assert!(ObservedMoments::new(empty, &[0, 1]).covariance().iter().all(|v| v.is_finite()));
}
