//! The gap as something to descend. Its gradients are held against finite differences of the
//! definition where it is computed, in `src/ops/moment_gap`.

use elbo::{
    Error, LatentModel,
    mega::{Mega, Regulariser},
    ndarray::{Array2, s},
};

use crate::{definition::pca, reference::made};

#[test]
fn the_regulariser_is_the_metric_in_single_precision() {
    // More rows than columns, and the Gram form: fewer rows and draws than columns.
    for (rows, columns, draws) in [(40, 3, 50), (6, 30, 9)] {
        let weights = made(columns, 2);
        let model =
            elbo::ProbabilisticPca::from_parts(weights, made(1, columns).row(0).to_owned(), 0.3);
        let model = model.unwrap();
        let x = made(rows, columns);
        let metric = Mega::params(draws).seed(4).of(&model, &x).unwrap();
        let z = model.draw_latent(draws, 4).unwrap();
        let conditional = LatentModel::conditional(&model, z.view()).unwrap();
        let mean = conditional.mean.mapv(|value| value as f32);
        let variance = conditional.covariances.variances().mapv(|value| value as f32);
        let gap = Regulariser::new(&x).unwrap();
        let gap = gap.at(mean.view(), variance.view()).unwrap();
        // Sums of 50 products of size 10 in f32.
        let close = |got: f64, want: f64| (got - want).abs() <= 2e-6 * (1.0 + want);
        assert!(close(gap.first(), metric.first().value));
        assert!(close(gap.second(), metric.second().value));
    }
}

#[test]
fn descent_closes_the_gap() {
    let x = made(60, 5);
    let regulariser = Regulariser::new(&x).unwrap();
    let mut mean = made(200, 5).mapv(|value| 0.3 * value as f32 + 1.0);
    let mut variance = Array2::from_elem((1, 5), 0.1f32);
    let start = regulariser.at(mean.view(), variance.view()).unwrap();
    let (first, second) = (start.first(), start.second());
    for step in 0..2000 {
        let gap = regulariser.at(mean.view(), variance.view()).unwrap();
        let gradient = gap.gradient(1.0, 1.0);
        drop(gap);
        let rate = 0.05 / (1.0 + 0.01 * step as f32);
        mean.scaled_add(-rate * 200.0, &gradient.mean);
        variance.row_mut(0).scaled_add(-rate, &gradient.variance);
        variance.mapv_inplace(|value| value.max(1e-3));
    }
    let end = regulariser.at(mean.view(), variance.view()).unwrap();
    assert!(end.first() < 0.05 * first, "{} from {first}", end.first());
    assert!(end.second() < 0.05 * second, "{} from {second}", end.second());
}

#[test]
fn views_of_any_layout_and_one_row_of_variances_are_taken() {
    let regulariser = Regulariser::new(&made(20, 3)).unwrap();
    let wide = made(14, 6).mapv(|value| value as f32);
    let every_second = wide.slice(s![.., ..;2]);
    let dense = every_second.as_standard_layout().into_owned();
    let one = Array2::from_elem((1, 3), 0.2f32);
    let all = Array2::from_elem((14, 3), 0.2f32);
    let got = regulariser.at(every_second, one.view()).unwrap();
    let want = regulariser.at(dense.view(), all.view()).unwrap();
    // The mean of fourteen equal variances is rounded; products may be, in another order.
    let close = |got: f64, want: f64| (got - want).abs() <= 1e-6 * (1.0 + want.abs());
    assert!(close(got.first(), want.first()) && close(got.second(), want.second()));
    let (dense, view) = (got.gradient(1.0, 2.0).mean, want.gradient(1.0, 2.0).mean);
    assert!(dense.iter().zip(&view).all(|(a, b)| close(f64::from(*a), f64::from(*b))));
    // One row for all stands for fourteen.
    let (one, all) = (got.gradient(0.0, 1.0).variance, want.gradient(0.0, 1.0).variance);
    assert!(one.iter().zip(&all).all(|(one, all)| (one / all - 14.0).abs() < 1e-4));
}

#[test]
fn wrong_shapes_are_named() {
    let regulariser = Regulariser::new(&made(20, 3)).unwrap();
    let shaped = |rows, columns| Array2::<f32>::zeros((rows, columns));
    let at = |mean: (usize, usize), variance: (usize, usize)| {
        let (mean, variance) = (shaped(mean.0, mean.1), shaped(variance.0, variance.1));
        regulariser.at(mean.view(), variance.view()).map(|gap| gap.second())
    };
    assert!(at((5, 3), (5, 3)).is_ok());
    for (mean, variance) in [((5, 2), (5, 3)), ((0, 3), (1, 3)), ((5, 3), (4, 3)), ((5, 3), (5, 2))]
    {
        assert!(matches!(at(mean, variance), Err(Error::Shape { .. })), "{mean:?} {variance:?}");
    }
    assert!(matches!(Regulariser::new(&made(1, 3)), Err(Error::Shape { .. })));
    assert!(pca().draw(2, 0).is_ok());
}
