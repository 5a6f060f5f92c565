use super::*;

fn picture(name: &str) -> SurvivalCurves {
    let curve = SurvivalCurve {
        name: name.into(),
        times: vec![1.0, 2.0, 4.0],
        survival: vec![0.8, 0.8, 0.0],
        band: vec![(0.6, 0.9), (0.6, 0.9), (f64::NAN, f64::NAN)],
        censored: vec![2.0],
        smooth: false,
    };
    let below = NumbersBelow {
        caption: "at risk".into(),
        times: vec![0.0, 2.0],
        rows: vec![vec![1_234.0, 4.0]],
    };
    let (title, x_label, y_label) = ("Title".into(), "time (months)".into(), "survival".into());
    SurvivalCurves { title, x_label, y_label, end: 4.0, curves: vec![curve], below: Some(below) }
}

#[test]
fn the_text_has_the_values_at_round_times() {
    let text = picture("").text();
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("survival") && last.ends_with("0.000"), "{text}");
    assert!(last.contains("1.000") && last.contains("0.800"), "{text}");
}

#[test]
fn numbers_stand_under_the_plot_and_ends_that_are_not_finite_are_not_drawn() {
    let svg = picture("all").mime_bundle().unwrap().svg().unwrap().to_owned();
    assert!(svg.contains(">1,234<") && svg.contains(">at risk<"), "{svg}");
    assert!(!svg.contains("NaN"));
}

#[test]
fn names_are_escaped_and_no_curves_have_a_clear_text() {
    let svg = picture("<script>").mime_bundle().unwrap().svg().unwrap().to_owned();
    assert!(!svg.contains("<script>"));
    assert_eq!(SurvivalCurves::default().mime_bundle().unwrap().text(), "no curves");
}

#[test]
fn smooth_curves_are_interpolated() {
    let curve = SurvivalCurve {
        times: vec![2.0, 4.0],
        survival: vec![0.5, 0.25],
        smooth: true,
        ..SurvivalCurve::default()
    };
    assert_eq!((curve.at(1.0), curve.at(3.0), curve.at(9.0)), (0.75, 0.375, 0.25));
    assert_eq!(round_times(4.0).first(), Some(&0.0));
}
