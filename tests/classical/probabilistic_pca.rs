use elbo::{
    Error, LatentModel, ProbabilisticPca,
    display::RichDisplay,
    latent::ClassConditional,
    ndarray::{Array1, Array2, array},
    probabilistic_pca::Method,
};

use crate::reference::{
    assert_all_close, assert_close, conditional_normal, log_normal, made, second_moment,
};

/// Dense and structured algebra of 6×6 matrices with condition numbers below 1,000.
const ALGEBRA: f64 = 1e-10;

/// Six columns, two dimensions, with a pattern of missing cells that never empties a row.
fn truth() -> ProbabilisticPca {
    let weights = array![[2.0, 0.0], [1.0, -1.0], [0.5, 1.0], [0.0, 1.5], [-1.0, 0.3], [0.2, 0.1]];
    ProbabilisticPca::from_parts(weights, array![1.0, 0.0, -1.0, 2.0, 0.0, 5.0], 0.25).unwrap()
}

fn with_holes(mut x: Array2<f64>) -> Array2<f64> {
    for ((row, column), value) in x.indexed_iter_mut() {
        if (row * 13 + column * 29 + row * column * 7) % 11 < 2 {
            *value = f64::NAN;
        }
    }
    x
}

/// Columns of row `row` that are observed, and those that are not.
fn split(x: &Array2<f64>, row: usize) -> (Vec<usize>, Vec<usize>) {
    (0..x.ncols()).partition(|&column| !x[[row, column]].is_nan())
}

#[test]
fn the_likelihood_of_observed_cells_is_that_of_the_marginal_normal() {
    let model = truth();
    let x = with_holes(model.draw(40, 1).unwrap().observed);
    let covariance = model.covariance();
    let values = model.evidence(&x).unwrap().values;
    for (row, got) in values.iter().enumerate() {
        let (seen, _) = split(&x, row);
        let pick =
            |values: &Array1<f64>| -> Array1<f64> { seen.iter().map(|&c| values[c]).collect() };
        let block = Array2::from_shape_fn((seen.len(), seen.len()), |(i, j)| {
            covariance[[seen[i], seen[j]]]
        });
        let cells = pick(&x.row(row).to_owned());
        assert_close(*got, log_normal(cells.view(), pick(model.mean()).view(), &block), ALGEBRA);
    }
}

#[test]
fn the_posterior_is_that_of_the_joint_normal_of_z_and_x() {
    let model = truth();
    let x = with_holes(model.draw(30, 2).unwrap().observed);
    // (z, x) is normal with the covariance [[I, Wᵀ], [W, C]].
    let joint = Array2::from_shape_fn((8, 8), |(i, j)| match (i < 2, j < 2) {
        (true, true) => f64::from(u8::from(i == j)),
        (true, false) => model.weights()[[j - 2, i]],
        (false, true) => model.weights()[[i - 2, j]],
        (false, false) => model.covariance()[[i - 2, j - 2]],
    });
    let mean = Array1::from_shape_fn(8, |i| if i < 2 { 0.0 } else { model.mean()[i - 2] });
    let posterior = model.encode(&x).unwrap();
    for row in 0..x.nrows() {
        let given: Vec<usize> = split(&x, row).0.into_iter().map(|column| column + 2).collect();
        let all = Array1::from_shape_fn(8, |i| if i < 2 { 0.0 } else { x[[row, i - 2]] });
        let (m, v) = conditional_normal(all.view(), &given, &[0, 1], &mean, &joint);
        assert_all_close(posterior.mean.row(row), &m, ALGEBRA);
        assert_all_close(&posterior.covariances.matrix(row).unwrap(), &v, ALGEBRA);
    }
}

#[test]
fn predictions_and_imputations_are_those_of_the_conditional_normal() {
    let model = truth();
    let x = with_holes(model.draw(30, 3).unwrap().observed);
    let (columns, covariance) = ([4, 1], model.covariance());
    let prediction = model.predict(&columns, &x).unwrap();
    let imputed = model.impute(&x).unwrap();
    for row in 0..x.nrows() {
        let (seen, missing) = split(&x, row);
        let given: Vec<usize> = seen.iter().copied().filter(|c| !columns.contains(c)).collect();
        let (m, v) = conditional_normal(x.row(row), &given, &columns, model.mean(), &covariance);
        assert_all_close(prediction.moments.mean.row(row), &m, ALGEBRA);
        assert_all_close(&prediction.moments.covariances.matrix(row).unwrap(), &v, ALGEBRA);
        let (m, v) = conditional_normal(x.row(row), &seen, &missing, model.mean(), &covariance);
        for (index, &column) in missing.iter().enumerate() {
            assert_close(imputed.values[[row, column]], m[index], ALGEBRA);
            assert_close(imputed.std[[row, column]], v[[index, index]].sqrt(), ALGEBRA);
        }
        assert!(seen.iter().all(|&c| imputed.values[[row, c]] == x[[row, c]]));
        assert!(seen.iter().all(|&c| imputed.std[[row, c]] == 0.0));
    }
}

#[test]
fn em_on_complete_rows_reaches_the_closed_form() {
    let x = made(80, 6);
    let closed = ProbabilisticPca::params(2).fit(&x).unwrap();
    let em = ProbabilisticPca::params(2).method(Method::Em).tolerance(0.0).fit(&x).unwrap();
    assert!(closed.history().is_none() && em.history().is_some());
    // EM stops where rounding hides the rise; the error of the parameters is about its root.
    assert_all_close(&em.covariance(), &closed.covariance(), 1e-6);
    assert_all_close(em.weights(), closed.weights(), 1e-5);
    assert_close(em.noise_variance(), closed.noise_variance(), 1e-6);
    assert_close(em.evidence(&x).unwrap().mean(), closed.evidence(&x).unwrap().mean(), 1e-12);
}

#[test]
fn em_with_missing_cells_ends_where_the_gradient_vanishes() {
    let x = with_holes(truth().draw(120, 4).unwrap().observed);
    let fitted = ProbabilisticPca::params(2).tolerance(0.0).fit(&x).unwrap();
    let objective = &fitted.history().unwrap().objective;
    // Rounding of sums of 120 terms of size 10.
    assert!(objective.windows(2).all(|pair| pair[1] >= pair[0] - 1e-12));
    let at = |weights: Array2<f64>, mean: Array1<f64>, noise: f64| {
        let model = ProbabilisticPca::from_parts(weights, mean, noise).unwrap();
        model.evidence(&x).unwrap().mean()
    };
    let (weights, mean) = (fitted.weights().to_owned(), fitted.mean().clone());
    let noise = fitted.noise_variance();
    let step = 1e-4;
    // Central differences: their own error is of order step², 1e-8. A third of a percent off in
    // one parameter gives a derivative of about 1e-3.
    let check = |up: f64, down: f64| {
        let slope = (up - down) / (2.0 * step);
        assert!(slope.abs() <= 1e-5, "the derivative is {slope}");
    };
    for place in [[0, 0], [3, 1], [5, 0], [4, 1]] {
        let moved = |by: f64| {
            let mut weights = weights.clone();
            weights[place] += by;
            at(weights, mean.clone(), noise)
        };
        check(moved(step), moved(-step));
    }
    for column in 0..6 {
        let moved = |by: f64| {
            let mut mean = mean.clone();
            mean[column] += by;
            at(weights.clone(), mean, noise)
        };
        check(moved(step), moved(-step));
    }
    let moved = |by: f64| at(weights.clone(), mean.clone(), noise + by);
    check(moved(step), moved(-step));
}

#[test]
fn the_truth_is_recovered_from_rows_with_a_fifth_of_the_cells_missing() {
    let truth = truth();
    let complete = truth.draw(4000, 5).unwrap().observed;
    let x = with_holes(complete.clone());
    let fitted = ProbabilisticPca::params(2).fit(&x).unwrap();
    // The standard error of a covariance of size ≤ 4.25 from 3,200 pairs is below
    // 4.25·√(2/2,400) = 0.12; three of them. That of σ² is below 0.25·√(2/10,000).
    for (got, want) in fitted.covariance().iter().zip(&truth.covariance()) {
        assert!((got - want).abs() < 0.36, "got {got}, want {want}");
    }
    assert!((fitted.noise_variance() - 0.25).abs() < 0.014, "{}", fitted.noise_variance());
    let imputed = fitted.impute(&x).unwrap();
    let mut scores = Vec::new();
    for ((place, &std), &want) in imputed.std.indexed_iter().zip(&complete) {
        if std > 0.0 {
            scores.push(((imputed.values[place] - want) / std).powi(2));
        }
    }
    let mean = scores.iter().sum::<f64>() / scores.len() as f64;
    // Squared standardised errors have mean 1 and variance 2; those of a row are correlated, so
    // that four standard errors of 4,000 rows: 4·√(2/4,000) = 0.09.
    assert!(scores.len() > 4000 && (mean - 1.0).abs() < 0.09, "{mean} of {}", scores.len());
}

#[test]
fn relevance_determination_finds_the_dimensions_that_made_the_rows() {
    // Bishop (1999), section 3: 300 rows of 10 columns, standard deviation 1 in three directions and
    // 0.5 in the other seven; nine dimensions are offered.
    let mut weights = Array2::zeros((10, 3));
    (0..3).for_each(|i| weights[[i, i]] = 0.75f64.sqrt());
    let truth = ProbabilisticPca::from_parts(weights, Array1::zeros(10), 0.25).unwrap();
    let x = truth.draw(300, 6).unwrap().observed;
    let settings = ProbabilisticPca::params(9).iterations(5000).relevance_determination(true);
    let bayesian = settings.fit(&x).unwrap();
    assert_eq!(bayesian.effective_dimensions(), 3);
    let alpha = bayesian.relevance().unwrap();
    assert!(alpha.iter().take(3).all(|alpha| alpha.is_finite()), "{alpha}");
    assert!(alpha.iter().skip(3).all(|alpha| alpha.is_infinite()), "{alpha}");
    let objective = &bayesian.history().unwrap().objective;
    assert!(objective.windows(2).all(|pair| pair[1] >= pair[0] - 1e-9), "{objective:?}");
    // Maximum likelihood keeps all nine.
    assert_eq!(ProbabilisticPca::params(9).fit(&x).unwrap().effective_dimensions(), 9);
    assert!(bayesian.mime_bundle().unwrap().text().contains("off"));
    // With missing cells, too.
    let with_missing = ProbabilisticPca::params(5)
        .iterations(5000)
        .relevance_determination(true)
        .fit(&with_holes(truth.draw(800, 7).unwrap().observed))
        .unwrap();
    assert_eq!(with_missing.effective_dimensions(), 3);
}

#[test]
fn draws_have_the_moments_of_the_model() {
    let model = truth();
    let x = model.draw(40_000, 8).unwrap().observed;
    let centred = &x - model.mean();
    for (got, want) in second_moment(centred.view()).iter().zip(&model.covariance()) {
        // Four standard errors: 4·4.25·√(2/40,000) = 0.12.
        assert!((got - want).abs() < 0.12, "got {got}, want {want}");
    }
}

#[test]
fn a_model_for_each_class_tells_classes_apart_as_bayes_rule_does() {
    let first = truth();
    let second =
        ProbabilisticPca::from_parts(first.weights().to_owned(), first.mean() + 1.5, 0.25).unwrap();
    let draw = |model: &ProbabilisticPca, seed| model.draw(1500, seed).unwrap().observed;
    let rows = |seed| {
        elbo::ndarray::concatenate![
            elbo::ndarray::Axis(0),
            draw(&first, seed),
            draw(&second, seed + 1)
        ]
    };
    let classes: Vec<u32> = (0..3000).map(|i| if i < 1500 { 3 } else { 8 }).collect();
    let fit = |rows: elbo::ndarray::ArrayView2<f64>| ProbabilisticPca::params(2).fit(&rows);
    let classifier = ClassConditional::fit(&rows(10), &classes, fit).unwrap();
    assert_eq!(classifier.classes, [3, 8]);
    let test = rows(20);
    let best = ClassConditional {
        classes: vec![3, 8],
        shares: array![0.5, 0.5],
        models: vec![first, second],
    };
    let (got, want) =
        (classifier.accuracy(&test, &classes).unwrap(), best.accuracy(&test, &classes).unwrap());
    // The loss from estimated parameters is of order (parameters / rows); a standard error of the
    // accuracy is 0.009.
    assert!(want > 0.8 && got > want - 0.02, "{got} against {want}");
    assert!(classifier.accuracy(&test, &classes[1..]).is_err());
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let x = with_holes(truth().draw(300, 9).unwrap().observed);
    let fit = |seed| ProbabilisticPca::params(2).seed(seed).iterations(20).fit(&x).unwrap();
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
    assert_eq!(truth().draw(5, 3).unwrap(), truth().draw(5, 3).unwrap());
    assert_ne!(truth().draw(5, 3).unwrap(), truth().draw(5, 4).unwrap());
}

#[test]
fn wrong_rows_and_settings_are_named() {
    let mut x = made(20, 4);
    let fit = |dimensions, x: &Array2<f64>| ProbabilisticPca::params(dimensions).fit(x);
    for dimensions in [0, 4] {
        let error = fit(dimensions, &x);
        assert!(matches!(error, Err(Error::Setting { setting: "dimensions", .. })), "{error:?}");
    }
    // Rows in a plane leave no noise.
    let plane = Array2::from_shape_fn((20, 4), |(i, j)| (i as f64).sin() * (j as f64 + 1.0));
    assert!(matches!(fit(2, &plane), Err(Error::Setting { setting: "dimensions", .. })));
    let model = fit(2, &x).unwrap();
    assert!(matches!(model.predict(&[1, 1], &x), Err(Error::Setting { setting: "columns", .. })));
    assert!(matches!(model.predict(&[4], &x), Err(Error::Setting { setting: "columns", .. })));
    assert!(matches!(model.decode(&made(2, 3)), Err(Error::Shape { .. })));
    x[[3, 1]] = f64::INFINITY;
    assert!(matches!(fit(2, &x), Err(Error::Value { row: 3, column: 1, .. })));
    x.column_mut(2).fill(f64::NAN);
    x[[3, 1]] = 0.0;
    let error = fit(2, &x).unwrap_err();
    assert!(error.to_string().contains("column 2"), "{error}");
    let parts = |noise| ProbabilisticPca::from_parts(array![[1.0]], array![0.0], noise);
    assert!(matches!(parts(0.0), Err(Error::Setting { setting: "noise_variance", .. })));
    assert!(matches!(parts(f64::NAN), Err(Error::Setting { setting: "noise_variance", .. })));
}
