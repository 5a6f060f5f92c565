use ndarray::{Array1, Array2};

use super::likelihood::LogTimes;

/// −H(t) + H(entry) + δ log h(t), summed as it stands.
fn naive(problem: &LogTimes, parameters: &Array1<f64>) -> f64 {
    let p = problem.x.ncols();
    let shape = parameters[p].exp();
    let hazard = |time: f64, scale: f64| (time / scale).powf(shape);
    let patient = |i: usize| {
        let scale = problem.x.row(i).dot(&parameters.slice(ndarray::s![..p])).exp();
        let time = problem.log_times[i].exp();
        let entry = problem.log_entries.as_ref().map_or(0.0, |entries| entries[i].exp());
        let density = (shape / scale * (time / scale).powf(shape - 1.0)).ln();
        let event = if problem.observed[i] { density } else { 0.0 };
        problem.frequencies[i] * (event - hazard(time, scale) + hazard(entry, scale))
    };
    (0..problem.x.nrows()).map(patient).sum()
}

#[test]
fn the_likelihood_is_its_definition_and_derivatives_are_its_differences() {
    let n = 40;
    let problem = LogTimes {
        x: Array2::from_shape_fn(
            (n, 3),
            |(i, j)| if j == 0 { 1.0 } else { ((i * j) as f64).sin() },
        ),
        log_times: (0..n).map(|i| (1.0 + (i * 7 % 11) as f64).ln()).collect(),
        observed: (0..n).map(|i| i % 3 != 0).collect(),
        frequencies: (0..n).map(|i| 0.5 + (i % 4) as f64).collect(),
        log_entries: Some((0..n).map(|i| (f64::from(u8::from(i % 4 == 0)) * 0.5).ln()).collect()),
        ridge: 0.0,
    };
    let parameters = Array1::from(vec![1.2, 0.3, -0.4, 0.25]);
    let at = problem.evaluate(&parameters);
    assert!((at.log_likelihood - naive(&problem, &parameters)).abs() < 1e-10);
    // The error of a central difference with this step is about 1e-9.
    let step = 1e-5;
    for j in 0..4 {
        let moved = |step: f64| {
            let mut moved = parameters.clone();
            moved[j] += step;
            moved
        };
        let slope = (naive(&problem, &moved(step)) - naive(&problem, &moved(-step))) / (2.0 * step);
        assert!((at.gradient[j] - slope).abs() < 1e-6, "{j}: {} {slope}", at.gradient[j]);
        let gradient = |step: f64| problem.evaluate(&moved(step)).gradient;
        let column = (gradient(-step) - gradient(step)) / (2.0 * step);
        for (got, want) in at.information.column(j).iter().zip(&column) {
            assert!((got - want).abs() < 1e-6, "{j}: {got} {want}");
        }
    }
}
