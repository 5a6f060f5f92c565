//! The gradients of the whole networks against finite differences of their definition in double
//! precision, and what committees are made of.

use std::collections::HashMap;

use ndarray::{Array2, s};
use rand::{RngExt, SeedableRng, seq::index::sample};
use rand_chacha::ChaCha8Rng;

use super::*;

type Parameters = HashMap<String, Vec<f64>>;

/// Images of noise with random labels.
fn noise(count: usize) -> Images<12, 13> {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let pixels = Array2::from_shape_simple_fn((count, 12 * 13), || rng.random::<f32>());
    let mut labels = |values: [u32; 3]| -> Vec<u32> {
        (0..count).map(|row| values[(row + rng.random_range(0..2)) % 3]).collect()
    };
    let (digits, writers) = (labels([1, 5, 9]), labels([20, 10, 30]));
    Images::from_array(pixels)
        .and_then(|images| images.with_label("digit", digits))
        .and_then(|images| images.with_label("writer", writers))
        .unwrap()
}

fn parameters(core: &Core) -> Parameters {
    let wide = |(name, _, values): (String, [usize; 2], Vec<f32>)| {
        (name, values.into_iter().map(f64::from).collect())
    };
    core.engine.tensors().unwrap().into_iter().map(wide).collect()
}

/// relu(W x + b), or without the relu.
fn dense(x: &[f64], weight: &[f64], bias: &[f64], relu: bool) -> Vec<f64> {
    let unit = |(weights, bias): (&[f64], &f64)| {
        let sum = bias + weights.iter().zip(x).map(|(weight, x)| weight * x).sum::<f64>();
        if relu { sum.max(0.0) } else { sum }
    };
    weight.chunks(x.len()).zip(bias).map(unit).collect()
}

/// Zeros around, 5×5 convolution, rectifiers, 2×2 pooling; returns the maps and their size.
fn convolution(
    x: &[f64],
    (channels, height, width): (usize, usize, usize),
    (weight, bias): (&[f64], &[f64]),
    padding: usize,
) -> (Vec<f64>, usize, usize) {
    let pixel = |channel: usize, row: usize, column: usize| {
        let inside = row >= padding && column >= padding;
        let (row, column) = (row.wrapping_sub(padding), column.wrapping_sub(padding));
        let inside = inside && row < height && column < width;
        if inside { x[(channel * height + row) * width + column] } else { 0.0 }
    };
    let (rows, columns) = ((height + 2 * padding - 4) / 2, (width + 2 * padding - 4) / 2);
    let mut maps = Vec::new();
    for (map, bias) in bias.iter().enumerate() {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |c| (row, c))) {
            let at = |row: usize, column: usize| {
                let mut sum = *bias;
                for tap in 0..channels * 25 {
                    let (channel, i, j) = (tap / 25, tap / 5 % 5, tap % 5);
                    sum += weight[map * channels * 25 + tap] * pixel(channel, row + i, column + j);
                }
                sum
            };
            let window = [(0, 0), (0, 1), (1, 0), (1, 1)];
            let values = window.map(|(i, j)| at(2 * row + i, 2 * column + j));
            maps.push(values.into_iter().fold(0.0, f64::max));
        }
    }
    (maps, rows, columns)
}

/// The mean of log p(digit | image, writer), as the lecture's picture of LeNet-5 says.
fn definition(parameters: &Parameters, examples: &Array2<f32>) -> f64 {
    let of = |name: &str| parameters[name].as_slice();
    let log_prob = |example: ndarray::ArrayView1<f32>| {
        let example: Vec<f64> = example.iter().copied().map(f64::from).collect();
        let first = (of("first.weight"), of("first.bias"));
        let (maps, rows, columns) = convolution(&example[..12 * 13], (1, 12, 13), first, 2);
        let second = (of("second.weight"), of("second.bias"));
        let (maps, ..) = convolution(&maps, (6, rows, columns), second, 0);
        let writer = example[12 * 13] as usize;
        // The column of a one-hot input's weights.
        let of_writer = &of("dense.classes.0")[writer * 120..][..120];
        let bias: Vec<f64> =
            of("dense.bias").iter().zip(of_writer).map(|(bias, writer)| bias + writer).collect();
        let hidden = dense(&maps, of("dense.weight.0"), &bias, true);
        let hidden = dense(&hidden, of("dense.rest.0.weight"), of("dense.rest.0.bias"), true);
        let logits = dense(&hidden, of("last.weight"), of("last.bias"), false);
        let normaliser = logits.iter().map(|logit| logit.exp()).sum::<f64>().ln();
        logits[example[12 * 13 + 1] as usize] - normaliser
    };
    examples.rows().into_iter().map(log_prob).sum::<f64>() / examples.nrows() as f64
}

#[test]
fn a_lenet_given_a_label_agrees_with_the_definition_and_its_finite_differences() {
    let images = noise(7);
    let params = LeNet::<12, 13>::params().predictors(["writer"]).seed(4);
    let lenet = params.build(&images, "digit").unwrap();
    let examples = lenet.core.examples(&images).unwrap();
    let parameters = parameters(&lenet.core);
    let likelihood = lenet.mean_log_likelihood(&images).unwrap();
    // Single precision.
    assert!((likelihood - definition(&parameters, &examples)).abs() < 1e-6);
    let gradients = lenet.core.engine.gradients(examples.view()).unwrap();
    let names = lenet.core.engine.tensors().unwrap().into_iter().map(|(name, ..)| name);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (name, gradient) in names.zip(gradients) {
        assert!(gradient.iter().any(|value| *value != 0.0), "{name}");
        for place in sample(&mut rng, gradient.len(), gradient.len().min(12)) {
            let at = |shift: f64| {
                let mut moved = parameters.clone();
                moved.get_mut(&name).unwrap()[place] += shift;
                definition(&moved, &examples)
            };
            let h = 1e-6;
            let want = (at(h) - at(-h)) / (2.0 * h);
            // Gradients of size 0.1 in single precision, over five layers.
            let close = (f64::from(gradient[place]) - want).abs() < 1e-6;
            assert!(close, "{name} {place}: got {}, want {want}", gradient[place]);
        }
    }
}

#[test]
fn a_committee_averages_the_probabilities_of_its_members_and_learns_as_they_do() {
    let images = noise(40);
    let fit = || Fit::new().epochs(2).batch(8).validation(0.2);
    let (committee, history) =
        Committee::<12, 13>::params().members(3).seed(5).fit(&images, "digit", fit()).unwrap();
    let (first, alone) = LeNet::<12, 13>::params().seed(5).fit(&images, "digit", fit()).unwrap();
    // The first member is the network of the same seed, to the last bit.
    let of_committee = committee.core.engine.snapshot().unwrap();
    let of_first = first.core.engine.snapshot().unwrap();
    assert_eq!(of_committee[..of_first.len()], of_first);
    // The others differ from it and from each other.
    let [a, b, c] = [0, 1, 2].map(|member| &of_committee[member * of_first.len()]);
    assert!(a != b && b != c && a != c);
    assert_ne!(history.train, alone.train);

    let mut members = Vec::new();
    for member in of_committee.chunks(of_first.len()) {
        let mut lenet = LeNet::<12, 13>::params().build(&images, "digit").unwrap();
        lenet.core.engine.restore(&member.to_vec()).unwrap();
        members.push(lenet.probabilities(&images).unwrap());
    }
    let mean = (&members[0] + &members[1] + &members[2]) / 3.0;
    let got = committee.probabilities(&images).unwrap();
    // Probabilities pass through f32.
    assert!((&got - &mean).iter().all(|error| error.abs() < 1e-6));

    // Trained again it is the same, whatever the number of threads.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    let again = pool.install(|| {
        let params = Committee::<12, 13>::params().members(3).seed(5);
        params.fit(&images, "digit", fit()).unwrap().0.core.engine.snapshot()
    });
    assert_eq!(again.unwrap(), of_committee);
}

#[test]
fn the_accuracy_of_the_validation_is_the_share_of_its_images_predicted_right() {
    fn check<N: NetworkKind>(params: NetworkClassifierParams<N, 12, 13>) {
        let images = noise(40);
        let fit = Fit::new().epochs(3).batch(8).validation(0.25);
        let (network, history) = params.fit(&images, "digit", fit).unwrap();
        let (_, validation) = network.core.training.as_ref().unwrap().basis.split();
        let want = network.accuracy(&images.select(&validation).unwrap()).unwrap();
        let accuracies: Vec<_> = history.validation.iter().map(|terms| terms.accuracy).collect();
        assert_eq!((accuracies.len(), accuracies[2]), (3, Some(want)));
        assert!(history.train.iter().all(|terms| terms.accuracy.is_none()));
        let shown = history.unseen().mime_bundle().unwrap();
        assert!(shown.text().contains("accuracy, validation"), "{}", shown.text());
        let columns = history.to_frame().unwrap();
        let column = columns.column("validation_accuracy").unwrap();
        assert_eq!(column.f64().unwrap().get(2), Some(want));
    }
    check(LeNet::params().predictors(["writer"]));
    check(DeepNetwork::params().hidden([8]));
    check(Committee::params().members(3));
}

#[test]
fn the_validation_of_a_committee_is_that_of_its_average() {
    let images = noise(40);
    let params = Committee::<12, 13>::params().members(2);
    let fit = Fit::new().epochs(1).batch(8).validation(0.25);
    let (committee, history) = params.fit(&images, "digit", fit).unwrap();
    let (_, validation) = committee.core.training.as_ref().unwrap().basis.split();
    let examples = committee.core.examples(&images).unwrap();
    let examples = examples.select(Axis(0), &validation);
    let inputs = examples.slice(s![.., ..12 * 13]);
    let log_probabilities = committee.core.engine.output((), inputs, 3).unwrap();
    let want = mean_of_own_class(&log_probabilities, examples.view());
    assert_eq!(history.validation[0].elbo, want);
}
