use ndarray::Array2;

use super::*;
use crate::classify::{MajorityVote, NearestNeighbours};
use crate::data::{ImageSet, handwriting};
use crate::display::RichDisplay;

fn scores(name: &str, accuracies: &[f64]) -> MethodScores {
    let confusion = ConfusionMatrix::of("digit", &[0], &[0]).unwrap();
    MethodScores { name: name.to_owned(), accuracies: accuracies.to_vec(), confusion }
}

#[track_caller]
fn close(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "got {got}, want {want}");
}

#[test]
fn paired_tests_are_those_of_a_worked_example() {
    // Differences 0.02, 0.01, 0.03, 0.02: mean 0.02, s = √(0.0002/3).
    let (a, b) = (scores("a", &[0.92, 0.91, 0.95, 0.90]), scores("b", &[0.90, 0.90, 0.92, 0.88]));
    let sizes = [(1000, 400); 4];
    let test = PairedTest::new(&a, &b, &sizes).unwrap();
    close(test.mean_difference, 0.02, 1e-12);
    let s = (0.0002f64 / 3.0).sqrt();
    close(test.standard_deviation, s, 1e-12);
    close(test.plain.t, 0.02 / (s / 2.0), 1e-9);
    close(test.corrected.t, 0.02 / (s * (0.25f64 + 0.4).sqrt()), 1e-9);
    // With three degrees of freedom the distribution function is elementary:
    // P(T ≤ t) = 1/2 + (atan(u) + u/(1 + u²))/π with u = t/√3.
    let tail = |t: f64| {
        let u = t / 3f64.sqrt();
        1.0 - 2.0 * (u.atan() + u / (1.0 + u * u)) / std::f64::consts::PI
    };
    close(test.plain.p_value, tail(test.plain.t), 1e-10);
    close(test.corrected.p_value, tail(test.corrected.t), 1e-10);
    // scipy.stats.ttest_rel([.92, .91, .95, .90], [.90, .90, .92, .88]): t 4.898979, p 0.0162764.
    close(test.plain.t, 4.898979, 1e-6);
    close(test.plain.p_value, 0.0162764, 1e-6);
    let reverse = PairedTest::new(&b, &a, &sizes).unwrap();
    assert_eq!((reverse.plain.t, reverse.plain.p_value), (-test.plain.t, test.plain.p_value));
}

#[test]
fn tables_of_the_t_distribution_are_met() {
    // Two-sided 5 % and 1 % points as printed, to three decimals.
    for (degrees, five, one) in [(1.0, 12.706, 63.657), (4.0, 2.776, 4.604), (9.0, 2.262, 3.250)] {
        for (t, p) in [(five, 0.05), (one, 0.01)] {
            let test = TTest::new(t, 1.0, degrees);
            // Half of the last printed digit moves p by less than this.
            close(test.p_value, p, 5e-5);
        }
    }
}

#[test]
fn equal_and_constantly_different_methods_have_a_test() {
    let (a, b) = (scores("a", &[0.5, 0.75]), scores("b", &[0.25, 0.5]));
    let same = PairedTest::new(&a, &a, &[(10, 5); 2]).unwrap();
    assert_eq!((same.plain.t, same.plain.p_value, same.corrected.p_value), (0.0, 1.0, 1.0));
    let always = PairedTest::new(&a, &b, &[(10, 5); 2]).unwrap();
    assert_eq!((always.plain.p_value, always.corrected.p_value), (0.0, 0.0));
    assert!(PairedTest::new(&a, &b, &[(10, 5)]).is_err());
}

#[test]
fn under_no_difference_the_corrected_test_keeps_its_level_and_the_plain_one_does_not() {
    // Differences as the correction assumes them: what all partitions have in common has the
    // variance n₂/n₁ of what each has of its own, a correlation of n₂/(n₁ + n₂).
    use rand::SeedableRng;
    use rand_distr::{Distribution, StandardNormal};
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let (trials, partitions, ratio) = (4000, 10, 0.4f64);
    let (mut plain, mut corrected) = (0, 0);
    for _ in 0..trials {
        let common = ratio.sqrt() * normal();
        let differences: Vec<f64> = (0..partitions).map(|_| common + normal()).collect();
        let a = scores("a", &differences);
        let b = scores("b", &vec![0.0; partitions]);
        let test = PairedTest::new(&a, &b, &vec![(1000, 400); partitions]).unwrap();
        plain += usize::from(test.plain.p_value < 0.05);
        corrected += usize::from(test.corrected.p_value < 0.05);
    }
    let share = |count: usize| count as f64 / f64::from(trials);
    println!("level of the plain test {:.3}, corrected {:.3}", share(plain), share(corrected));
    // Four standard errors of a share of 5 %.
    close(share(corrected), 0.05, 4.0 * (0.05f64 * 0.95 / 4000.0).sqrt());
    assert!(share(plain) > 0.2);
}

/// Predicts the true label plus a shift, except for every n-th image.
struct Shifted(Classes, usize);

impl Classifier for Shifted {
    fn name(&self) -> String {
        "shifted".to_owned()
    }

    fn classes(&self) -> &Classes {
        &self.0
    }

    fn probabilities(&self, images: &dyn ImageSet) -> Result<Array2<f64>> {
        let truth = self.0.encode(images.label("digit")?)?;
        let mut sure = Array2::zeros((truth.len(), self.0.len()));
        for (image, class) in truth.into_iter().enumerate() {
            let right = (image + 1) % self.1 == 0;
            sure[[image, if right { class } else { (class + 1) % self.0.len() }]] = 1.0;
        }
        Ok(sure)
    }
}

#[test]
fn accuracies_means_and_confusions_of_known_classifiers() {
    let images = handwriting().writers(4).repeats(5).images::<28>();
    let evaluation = evaluate("digit")
        .partition(Partition::by_digits(0.6))
        .repeats(3)
        .method("every fourth", |train, _| {
            Ok(Shifted(Classes::of("digit", train.label("digit")?)?, 4))
        })
        .method("majority", |train, _| MajorityVote::fit(train, "digit"))
        .run(&images)
        .unwrap();
    assert_eq!(evaluation.sizes, [(120, 80); 3]);
    let known = evaluation.of("every fourth").unwrap();
    assert_eq!(known.accuracies, [0.25; 3]);
    assert_eq!((known.mean(), known.standard_deviation()), (0.25, 0.0));
    assert_eq!(known.confusion.counts().sum(), 240);
    assert_eq!(known.confusion.accuracy(), 0.25);
    // Of ten classes with as many images each any is the majority: a tenth, always.
    let majority = evaluation.of("majority").unwrap();
    assert!(majority.accuracies.iter().all(|accuracy| (accuracy - 0.1).abs() < 1e-12));
    let test = evaluation.paired("every fourth", "majority").unwrap();
    close(test.mean_difference, 0.15, 1e-12);
    close(test.test_by_train, 80.0 / 120.0, 1e-12);
    let text = evaluation.of("nothing").unwrap_err().to_string();
    assert!(text.contains("\"every fourth\", \"majority\""), "{text}");
}

#[test]
fn partitions_repeat_with_the_seed_and_methods_see_their_seed() {
    let images = handwriting().writers(6).repeats(2).images::<28>();
    let run = |seed: u64| {
        let mut seeds = Vec::new();
        let evaluation = evaluate("digit")
            .partition(Partition::by_individuals(0.5))
            .repeats(4)
            .seed(seed)
            .method("1-NN", |train, seed| {
                seeds.push(seed);
                NearestNeighbours::params(1).fit(train, "digit")
            })
            .run(&images)
            .unwrap();
        (evaluation, seeds)
    };
    let ((first, seeds), (again, _)) = (run(7), run(7));
    assert_eq!(seeds, [7, 8, 9, 10]);
    assert_eq!(first, again);
    let (shifted, _) = run(8);
    let (old, new) = (&first.methods[0].accuracies, &shifted.methods[0].accuracies);
    assert_eq!(old[1..], new[..3]);
}

#[test]
fn settings_that_cannot_be_are_errors() {
    let images = handwriting().writers(2).repeats(2).images::<28>();
    let majority = |train: &Images<28, 28>, _| MajorityVote::fit(train, "digit");
    let text = |outcome: Result<Evaluation>| outcome.unwrap_err().to_string();
    assert!(text(evaluate("digit").run(&images)).contains("at least one"));
    let twice = evaluate("digit").method("a", majority).method("a", majority);
    assert!(text(twice.run(&images)).contains("a name of its own"));
    assert!(
        text(evaluate("digit").method("a", majority).repeats(0).run(&images)).contains("repeats")
    );
    assert!(text(evaluate("age").method("a", majority).run(&images)).contains("\"age\""));
}

#[test]
fn later_methods_are_added_to_the_same_partitions_only() {
    let images = handwriting().writers(2).repeats(2).images::<28>();
    let majority = |train: &Images<28, 28>, _| MajorityVote::fit(train, "digit");
    let run = |name: &str, repeats| {
        evaluate("digit").method(name, majority).repeats(repeats).run(&images).unwrap()
    };
    let both = run("a", 2).with(run("b", 2)).unwrap();
    assert_eq!(both.methods.len(), 2);
    assert!(both.clone().with(run("b", 2)).unwrap_err().to_string().contains("\"b\""));
    assert!(both.with(run("c", 3)).is_err());
}

#[test]
fn tables_have_the_form_of_the_lecture() {
    let evaluation = |label: &str, methods: &[(&str, [f64; 2])]| Evaluation {
        label: label.to_owned(),
        partition: Partition::by_digits(10.0 / 14.0),
        sizes: vec![(9700, 3880); 2],
        methods: methods.iter().map(|(name, accuracies)| scores(name, accuracies)).collect(),
    };
    let digit = evaluation("digit", &[("kNN", [0.74, 0.75]), ("LeNet-5", [0.93, 0.95])]);
    let writer = evaluation("writer", &[("kNN", [0.16, 0.18])]);
    let table = AccuracyTable::of("Accuracies", [&digit, &writer]);
    let want = "Accuracies\n\
                target              kNN          LeNet-5\n\
                ------  ---------------  ---------------\n\
                digit   0.7450 (0.0071)  0.9400 (0.0141)\n\
                writer  0.1700 (0.0141)                –";
    assert_eq!(table.mime_bundle().unwrap().text(), want);
    let text = digit.mime_bundle().unwrap().text().to_owned();
    println!("{text}");
    assert!(text.contains("2 partitions, learnt from 71 % of the images of each writer, digit"));
    assert!(text.contains("(9700 images), tested on 3880"));
    assert!(text.lines().any(|line| line.starts_with("LeNet-5    0.9400  0.0141")), "{text}");
}
