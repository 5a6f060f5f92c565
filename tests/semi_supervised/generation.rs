//! What is generated is what was asked for.

use elbo::{
    Fit, M2, Sdgm, data,
    display::RichDisplay,
    ndarray::{Array2, Axis},
    semi_supervised::Weighting,
};

fn digits() -> data::Images<28, 28> {
    data::handwriting().writers(12).repeats(4).digits([0, 1, 7]).images::<28>()
}

/// An independent classifier, a LeNet-5 that learned the digits of other writers.
fn judge() -> M2<784, 3, 1> {
    let others = data::handwriting().writers(40).repeats(3).digits([0, 1, 7]).seed(5);
    let params = M2::params().hidden([1]).weighting(Weighting::Bound(0.0)).seed(9);
    let fit = Fit::new().epochs(25).batch(32).learning_rate(2e-3);
    let judge = params.fit(&others.images::<28>(), "digit", fit).unwrap().0;
    let accuracy = judge.accuracy(&digits(), "digit").unwrap();
    assert!(accuracy > 0.97, "it can read: {accuracy}");
    judge
}

fn m2() -> M2<784, 3, 2> {
    let params = M2::params().hidden([64]).weighting(Weighting::Classification(50.0)).seed(1);
    let fit = Fit::new().epochs(150).batch(32).learning_rate(3e-3).validation(0.0);
    params.fit(&digits(), "digit", fit).unwrap().0
}

#[test]
fn generated_and_restyled_digits_carry_the_class_that_was_asked_for() {
    let (digits, m2, judge) = (digits(), m2(), judge());
    assert_eq!(m2.classes(), [0, 1, 7]);
    for digit in [0, 1, 7] {
        let generated = m2.generate(digit, 50).unwrap();
        let judged = judge.predict(&generated.mean.values).unwrap();
        let right = judged.iter().filter(|&&judged| judged == digit).count();
        assert!(right >= 40, "{right} of 50 are {digit}");
    }
    let ones = digits.filter("digit", 1).unwrap().take(12);
    let sevens = m2.restyle(&ones, "digit", 7).unwrap();
    let right =
        judge.predict(&sevens.mean.values).unwrap().into_iter().filter(|&digit| digit == 7).count();
    assert!(right >= 10, "{right} of 12");
    // With its own class a restyled row is its reconstruction, closer to it than to others.
    let again = m2.restyle(&ones, "digit", 1).unwrap().mean.values;
    let error = |a: &Array2<f32>, b: &Array2<f32>| (a - b).mapv(|d| d * d).sum();
    let own = ones.pixels().to_owned();
    let shifted = {
        let order: Vec<usize> = (0..12).map(|row| (row + 5) % 12).collect();
        own.select(Axis(0), &order)
    };
    assert!(error(&again, &own) < error(&again, &shifted));
    assert!(m2.accuracy(&digits, "digit").unwrap() > 0.95);
}

#[test]
fn every_class_in_one_style_a_walk_and_their_pictures() {
    let (digits, m2) = (digits(), m2());
    let all = m2.generate_all(4).unwrap().mean.values;
    assert_eq!(all.nrows(), 12);
    // The same style: what generate draws next is another one.
    assert_ne!(all, m2.generate_all(4).unwrap().mean.values);
    let ends = digits.filter("digit", 0).unwrap().take(2);
    let walk = m2.walk(&ends, "digit", 0, 7).unwrap().mean.values;
    let restyled = m2.restyle(&ends, "digit", 0).unwrap().mean.values;
    // Its ends, up to the rounding of a weighted mean.
    for (step, end) in [(0, 0), (6, 1)] {
        let difference = &walk.row(step) - &restyled.row(end);
        assert!(difference.iter().all(|d| d.abs() < 1e-5));
    }
    assert!(m2.walk(&digits.take(3), "digit", 0, 7).is_err());
    let styles = m2.styles(&digits.take(5), "digit").unwrap().mime_bundle().unwrap();
    assert!(styles.text().contains("20 images") && styles.png().is_some(), "{}", styles.text());
    let card = m2.mime_bundle().unwrap();
    let text = card.text();
    for part in ["p(z) p(y) p(x|z, y)", "q(y|x)", "LeNet5", "J/N + 50", "digit: 3 classes"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let curves = m2.history().unwrap().mime_bundle().unwrap();
    assert!(curves.svg().is_some() || curves.text().contains("epochs"));
}

#[test]
fn an_sdgm_generates_the_digit_that_was_asked_for() {
    let (digits, judge) = (digits(), judge());
    let params = Sdgm::<784, 2, 2>::params().label("digit", 3).label("writer", 12).hidden([64]);
    let fit = Fit::new().epochs(150).batch(32).learning_rate(3e-3).validation(0.0);
    let (sdgm, _) = params.fit(&digits, fit).unwrap();
    for digit in [0, 1, 7] {
        let generated = sdgm.generate(&[digit, 5], 50).unwrap();
        let judged = judge.predict(&generated.mean.values).unwrap();
        let right = judged.iter().filter(|&&judged| judged == digit).count();
        assert!(right >= 40, "{right} of 50 are {digit}");
    }
    let each: Vec<Vec<u32>> = [0, 1, 7].iter().map(|&digit| vec![digit, 3]).collect();
    assert_eq!(sdgm.generate_each(&each, 2).unwrap().mean.values.nrows(), 6);
    let restyled = sdgm.restyle(&digits.take(3), &[7, 0]).unwrap();
    assert_eq!(judge.predict(&restyled.mean.values).unwrap(), [7; 3]);
    let text = sdgm.mime_bundle().unwrap().text().to_owned();
    for part in ["writer: 12 classes", "p(a|z, y)", "q(y|a, x)"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
