//! The objective and its gradients against a naive form in f64: inputs beside one-hot classes, each
//! row repeated for each class, one number at a time.

use std::collections::HashMap;

use dfdx::tensor::Cpu;
use ndarray::{Array2, array};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{
    ClassifierNetwork, Configuration, LabelSpace, Weighting,
    bound::RowWeights,
    model::{Model, Step},
    part::UNKNOWN,
};
use crate::{
    Activation, Emission,
    nn::{ClassNetwork, Columns, Inputs, Parameters, Trained},
    train::{Learnable, Objective, Trainable},
};

const INPUTS: usize = 3;
const LATENT: usize = 2;

/// Tanh, so that finite differences have no kinks.
fn configuration(auxiliary: Option<usize>, classes: &[usize], emission: Emission) -> Configuration {
    let labels = classes.iter().map(|&classes| LabelSpace::new("class", classes)).collect();
    Configuration {
        labels,
        hidden: vec![4, 3],
        activation: Activation::Tanh,
        emission,
        classifier: ClassifierNetwork::Dense(vec![5]),
        seed: 3,
        ..Configuration::new(INPUTS, LATENT, auxiliary)
    }
}

/// Parameters by name: rows, columns, values.
type Tensors = HashMap<String, (usize, usize, Vec<f64>)>;

/// A model in f64, from the parameters of one in f32.
struct Naive<'a> {
    configuration: &'a Configuration,
    tensors: Tensors,
}

impl Naive<'_> {
    /// Wx + b of the dense layer with this name.
    fn dense(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let (outputs, inputs, weight) = &self.tensors[&format!("{name}.weight")];
        let bias = &self.tensors[&format!("{name}.bias")].2;
        assert_eq!(x.len(), *inputs, "{name}");
        let dot = |unit: usize| {
            weight[unit * inputs..][..*inputs].iter().zip(x).map(|(w, x)| w * x).sum::<f64>()
        };
        (0..*outputs).map(|unit| dot(unit) + bias[unit]).collect()
    }

    /// Dense layers with tanh after each.
    fn perceptron(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let mut hidden = x.to_vec();
        for layer in 0.. {
            let name = format!("{name}.{layer}");
            if !self.tensors.contains_key(&format!("{name}.weight")) {
                break;
            }
            hidden = self.dense(&name, &hidden).into_iter().map(f64::tanh).collect();
        }
        hidden
    }

    /// A network of several inputs and one-hot classes.
    fn conditional(&self, name: &str, inputs: &[&[f64]], classes: &[usize]) -> Vec<f64> {
        let mut sum = self.tensors[&format!("{name}.bias")].2.clone();
        let units = sum.len();
        for (number, input) in inputs.iter().enumerate() {
            let (_, columns, weight) = &self.tensors[&format!("{name}.weight.{number}")];
            for unit in 0..units {
                sum[unit] +=
                    (0..*columns).map(|i| weight[unit * columns + i] * input[i]).sum::<f64>();
            }
        }
        for (number, &class) in classes.iter().enumerate() {
            let (count, _, columns) = &self.tensors[&format!("{name}.classes.{number}")];
            let one_hot: Vec<f64> = (0..*count).map(|k| f64::from(u8::from(k == class))).collect();
            for unit in 0..units {
                sum[unit] +=
                    (0..*count).map(|k| one_hot[k] * columns[k * units + unit]).sum::<f64>();
            }
        }
        let hidden: Vec<f64> = sum.into_iter().map(f64::tanh).collect();
        self.perceptron(&format!("{name}.rest"), &hidden)
    }

    fn normal(&self, name: &str, hidden: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let std = self.dense(&format!("{name}.log_std"), hidden).into_iter().map(f64::exp);
        (self.dense(&format!("{name}.mean"), hidden), std.collect())
    }

    /// log q(y|x) of every class of a label.
    fn classify(&self, label: usize, x: &[f64], a: Option<&[f64]>) -> Vec<f64> {
        let name = format!("classifier.{label}");
        let hidden = match a {
            None => self.conditional(&format!("{name}.hidden"), &[x], &[]),
            Some(a) => self.conditional(&format!("{name}.hidden"), &[x, a], &[]),
        };
        let logits = self.dense(&format!("{name}.last"), &hidden);
        let normaliser = logits.iter().map(|logit| logit.exp()).sum::<f64>().ln();
        logits.into_iter().map(|logit| logit - normaliser).collect()
    }

    /// log p(x|z, y), term by term.
    fn emission(&self, x: &[f64], hidden: &[f64]) -> f64 {
        match self.configuration.emission {
            Emission::Bernoulli => {
                let logits = self.dense("emission.logits", hidden);
                let p = logits.into_iter().map(|logit| 1.0 / (1.0 + (-logit).exp()));
                x.iter().zip(p).map(|(x, p)| x * p.ln() + (1.0 - x) * (1.0 - p).ln()).sum()
            }
            Emission::NormalSharedStd => {
                let mean = self.dense("emission.mean", hidden);
                let std = self.tensors["emission.log_std"].2[0].exp();
                log_normal(x, &mean, &vec![std; x.len()])
            }
            Emission::Normal { minimum_std } => {
                let floor = f64::from(minimum_std).ln();
                let mean = self.dense("emission.mean", hidden);
                let logs = self.dense("emission.log_std", hidden).into_iter();
                let std = logs.map(|log| (floor + (log - floor).exp().ln_1p()).exp());
                log_normal(x, &mean, &std.collect::<Vec<_>>())
            }
        }
    }

    /// L(x, y), eq. (17), with given draws of z and a, apart from log q(a|x).
    fn labelled(&self, x: &[f64], a: Option<&[f64]>, classes: &[usize], noise: &[f64]) -> f64 {
        let encoded: Vec<&[f64]> = [x].into_iter().chain(a).collect();
        let hidden = self.conditional("encoder", &encoded, classes);
        let (mean, std) = self.normal("latent", &hidden);
        let z: Vec<f64> = (0..LATENT).map(|i| mean[i] + std[i] * noise[i]).collect();
        let kl: f64 =
            (0..LATENT).map(|i| 0.5 * (mean[i].powi(2) + std[i].powi(2) - 1.0) - std[i].ln()).sum();
        let decoded: Vec<&[f64]> = [z.as_slice()].into_iter().chain(a).collect();
        let hidden = self.conditional("decoder", &decoded, classes);
        let log_prior: f64 =
            self.configuration.classes().iter().map(|&classes| -(classes as f64).ln()).sum();
        let auxiliary = a.map_or(0.0, |a| {
            let hidden = self.conditional("auxiliary.decoder", &[&z], classes);
            let (mean, std) = self.normal("auxiliary.prior", &hidden);
            log_normal(a, &mean, &std)
        });
        self.emission(x, &hidden) + log_prior + auxiliary - kl
    }

    /// The bound of a row and log q of its known labels. `noise` is that of a, then that of z.
    fn row(&self, x: &[f64], known: &[Option<usize>], noise: (&[f64], &[f64])) -> (f64, f64) {
        let a = self.configuration.auxiliary.map(|width| {
            let hidden = self.perceptron("auxiliary.encoder", x);
            let (mean, std) = self.normal("auxiliary.posterior", &hidden);
            let a: Vec<f64> = (0..width).map(|i| mean[i] + std[i] * noise.0[i]).collect();
            let log_q = log_normal(&a, &mean, &std);
            (a, log_q)
        });
        let (a, log_q_a) = (a.as_ref().map(|(a, _)| a.as_slice()), a.as_ref().map_or(0.0, |a| a.1));
        let log_q: Vec<Vec<f64>> =
            (0..known.len()).map(|label| self.classify(label, x, a)).collect();
        let mut bound = -log_q_a;
        for classes in combinations(known, &self.configuration.classes()) {
            let missing = (0..known.len()).filter(|&label| known[label].is_none());
            let log_q: f64 = missing.map(|label| log_q[label][classes[label]]).sum();
            bound += log_q.exp() * (self.labelled(x, a, &classes, noise.1) - log_q);
        }
        let known = known.iter().enumerate().filter_map(|(label, class)| Some((label, (*class)?)));
        (bound, known.map(|(label, class)| log_q[label][class]).sum())
    }
}

/// All classes that a row may have.
fn combinations(known: &[Option<usize>], classes: &[usize]) -> Vec<Vec<usize>> {
    known.iter().zip(classes).fold(vec![vec![]], |lists, (known, &classes)| {
        let of_label: Vec<usize> = known.map_or((0..classes).collect(), |class| vec![class]);
        let longer = |list: &Vec<usize>| {
            let list = list.clone();
            of_label
                .iter()
                .map(move |&class| [list.clone(), vec![class]].concat())
                .collect::<Vec<_>>()
        };
        lists.iter().flat_map(longer).collect()
    })
}

fn log_normal(x: &[f64], mean: &[f64], std: &[f64]) -> f64 {
    let half_ln_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    let cell = |i: usize| -0.5 * ((x[i] - mean[i]) / std[i]).powi(2) - std[i].ln() - half_ln_two_pi;
    (0..x.len()).map(cell).sum()
}

fn tensors(model: &Model<Cpu>) -> Tensors {
    let named = model.tensors().unwrap().into_iter();
    named
        .map(|(name, [rows, columns], values)| {
            (name, (rows, columns, values.into_iter().map(f64::from).collect()))
        })
        .collect()
}

/// The weighted sums over rows, from the same random numbers as the model draws.
fn naive_objective(naive: &Naive, data: &Array2<f32>, weights: RowWeights, seed: u64) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = |count: usize| -> Vec<f64> {
        let draw = |_| {
            let value: f32 = StandardNormal.sample(&mut rng);
            f64::from(value)
        };
        (0..count).map(draw).collect()
    };
    let (n, width) = (data.nrows(), naive.configuration.auxiliary.unwrap_or(0));
    let (of_a, of_z) = (normal(n * width), normal(n * LATENT));
    let row = |row: usize| {
        let x: Vec<f64> = (0..INPUTS).map(|i| f64::from(data[[row, i]])).collect();
        let class = |label: usize| data[[row, INPUTS + label]];
        let known: Vec<Option<usize>> = (0..naive.configuration.labels.len())
            .map(|label| (class(label) != UNKNOWN).then_some(class(label) as usize))
            .collect();
        let noise = (&of_a[row * width..][..width], &of_z[row * LATENT..][..LATENT]);
        let (bound, classification) = naive.row(&x, &known, noise);
        weights.bound * bound + weights.classification.unwrap_or(0.0) * classification
    };
    (0..n).map(row).sum()
}

/// Rows with these classes; −1 is unknown.
fn data(classes: &[&[f32]]) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(17);
    Array2::from_shape_fn((classes.len(), INPUTS + classes[0].len()), |(row, column)| match column
        .checked_sub(INPUTS)
    {
        Some(label) => classes[row][label],
        None => rng.random::<f32>(),
    })
}

/// Objective and gradients of one part of a step against the naive form and its differences.
fn check(configuration: &Configuration, classes: &[&[f32]]) {
    let data = data(classes);
    let weights = RowWeights { bound: 0.7, classification: Some(-1.3) };
    let model = Model::new(Cpu::default(), configuration.clone()).unwrap();
    let mut step = Step::new();
    let rows: Vec<usize> = (0..data.nrows()).collect();
    let rng = &mut ChaCha8Rng::seed_from_u64(5);
    let sums = model.learn(&mut step, data.view(), &rows, weights, rng).unwrap();
    let mut naive = Naive { configuration, tensors: tensors(&model) };
    let want = naive_objective(&naive, &data, weights, 5);
    let got = 0.7 * sums.bound - 1.3 * sums.classification;
    // f32 against f64: some hundred additions of numbers of this size.
    assert!((got - want).abs() < 1e-5 * want.abs().max(1.0), "{got} {want}, {configuration:?}");
    let gradients = step.gradients.unwrap();
    for (name, parameter) in model.network.parameters() {
        let gradient = gradients.get(parameter).as_vec();
        for (index, got) in gradient.iter().enumerate().step_by(3) {
            let h = 1e-5;
            let mut shifted = |by: f64| {
                naive.tensors.get_mut(&name).unwrap().2[index] += by;
                let value = naive_objective(&naive, &data, weights, 5);
                naive.tensors.get_mut(&name).unwrap().2[index] -= by;
                value
            };
            // The loss is the negative objective.
            let want = -(shifted(h) - shifted(-h)) / (2.0 * h);
            let close = (f64::from(*got) - want).abs() < 1e-4 * want.abs().max(1.0);
            assert!(close, "{name} {index}: {got} {want}, {configuration:?}");
        }
    }
}

#[test]
fn with_all_labels_the_bound_and_its_gradients_are_those_of_a_conditional_vae() {
    for emission in
        [Emission::Bernoulli, Emission::Normal { minimum_std: 0.1 }, Emission::NormalSharedStd]
    {
        check(&configuration(None, &[4], emission), &[&[0.0], &[3.0], &[3.0]]);
        check(&configuration(None, &[2, 3], emission), &[&[0.0, 2.0], &[1.0, 1.0]]);
    }
}

#[test]
fn without_labels_the_bound_and_its_gradients_are_those_of_the_sum_over_classes() {
    for emission in
        [Emission::Bernoulli, Emission::Normal { minimum_std: 0.1 }, Emission::NormalSharedStd]
    {
        check(&configuration(None, &[4], emission), &[&[UNKNOWN], &[UNKNOWN], &[UNKNOWN]]);
    }
}

#[test]
fn two_labels_may_lack_either_or_both() {
    let configuration = configuration(None, &[2, 3], Emission::Bernoulli);
    check(&configuration, &[&[1.0, UNKNOWN], &[0.0, UNKNOWN]]);
    check(&configuration, &[&[UNKNOWN, 2.0], &[UNKNOWN, 0.0]]);
    check(&configuration, &[&[UNKNOWN, UNKNOWN], &[UNKNOWN, UNKNOWN]]);
}

#[test]
fn an_auxiliary_variable_enters_every_network() {
    for emission in [Emission::Bernoulli, Emission::Normal { minimum_std: 0.1 }] {
        let one = configuration(Some(2), &[3], emission);
        check(&one, &[&[0.0], &[2.0], &[2.0]]);
        check(&one, &[&[UNKNOWN], &[UNKNOWN]]);
        let two = configuration(Some(1), &[2, 3], emission);
        check(&two, &[&[0.0, 2.0], &[1.0, 1.0]]);
        check(&two, &[&[0.0, UNKNOWN], &[1.0, UNKNOWN]]);
    }
}

#[test]
fn parts_add_up_to_the_whole() {
    let configuration = configuration(None, &[3], Emission::Bernoulli);
    let model = Model::new(Cpu::default(), configuration).unwrap();
    let data = data(&[&[0.0], &[UNKNOWN], &[2.0], &[UNKNOWN], &[1.0], &[UNKNOWN]]);
    let weights = RowWeights { bound: 1.0, classification: Some(1.0) };
    // Each row alone, so that each has its own seed; then the sum of their gradients.
    let mut together = Step::new();
    let mut apart: Vec<Vec<f32>> = Vec::new();
    for row in 0..6 {
        let rng = || ChaCha8Rng::seed_from_u64(row as u64);
        let view = data.view();
        model.learn(&mut together, view, &[row], weights, &mut rng()).unwrap();
        let mut alone = Step::new();
        model.learn(&mut alone, view, &[row], weights, &mut rng()).unwrap();
        let gradients = alone.gradients.unwrap();
        let all =
            model.network.parameters().into_iter().map(|(_, value)| gradients.get(value).as_vec());
        let all: Vec<Vec<f32>> = all.collect();
        if apart.is_empty() {
            apart = all;
        } else {
            for (sum, more) in apart.iter_mut().flatten().zip(all.into_iter().flatten()) {
                *sum += more;
            }
        }
    }
    let gradients = together.gradients.unwrap();
    for ((name, value), want) in model.network.parameters().into_iter().zip(&apart) {
        for (got, want) in gradients.get(value).as_vec().iter().zip(want) {
            // Six terms in f32.
            assert!((got - want).abs() < 1e-5 * want.abs().max(1.0), "{name}: {got} {want}");
        }
    }
}

#[test]
fn with_alpha_zero_the_alternative_weighting_is_the_plain_classifier_bit_for_bit() {
    let classes = 3;
    let mut configuration = configuration(None, &[classes], Emission::Bernoulli);
    configuration.weighting = Weighting::Bound(0.0);
    let known: Vec<[f32; 1]> = (0..40).map(|row| [(row % classes) as f32]).collect();
    let data = data(&known.iter().map(|row| row.as_slice()).collect::<Vec<_>>());
    let mut m2 = Model::new(Cpu::default(), configuration.clone()).unwrap();
    m2.set_unlabelled(Some(std::sync::Arc::new(array![[0.1, 0.2, 0.3, UNKNOWN]])));

    let rng = &mut ChaCha8Rng::seed_from_u64(configuration.seed);
    let (architecture, frame) = configuration.architecture();
    let nothing = Inputs { widths: &[], classes: &[] };
    let cpu = Cpu::default();
    let network = ClassNetwork::new(&cpu, &architecture, frame, nothing, classes, rng).unwrap();
    let columns = Columns { inputs: INPUTS, labels: 0, classes: Some(classes) };
    let mut plain = Trained::new(cpu, network, columns).unwrap();
    let rows: Vec<usize> = (0..40).collect();
    m2.begin(data.view(), &rows, &Objective::ELBO).unwrap();
    for batch in rows.chunks(16) {
        let rng = &mut ChaCha8Rng::seed_from_u64(0);
        let got = m2.step(data.view(), batch, 0.01, rng).unwrap();
        let want = plain.step(data.view(), batch, 0.01, rng).unwrap();
        assert_eq!(got.elbo, want.elbo);
        assert!(got.semi_supervised.unwrap().labelled.is_none());
    }
    let (got, want) = (m2.snapshot().unwrap(), plain.snapshot().unwrap());
    assert_eq!(got[..want.len()], want[..]);
    let fresh = Model::new(Cpu::default(), configuration).unwrap().snapshot().unwrap();
    assert_ne!(got[..want.len()], fresh[..want.len()], "the classifier learned");
    assert_eq!(got[want.len()..], fresh[want.len()..], "nothing else did");
}
