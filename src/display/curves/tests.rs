use super::*;

fn series(name: &str, values: &[f64]) -> Series {
    Series { name: name.into(), values: values.to_vec() }
}

fn curves(series: Vec<Series>, marker: Option<usize>) -> Curves {
    let panel = Panel { name: "ELBO".into(), unit: "nats".into(), series };
    Curves { title: "Training".into(), panels: vec![panel], marker, ..Curves::default() }
}

fn svg(curves: &Curves) -> String {
    curves.mime_bundle().unwrap().svg().unwrap().to_owned()
}

#[test]
fn the_text_has_the_last_and_the_best_values() {
    let lines =
        vec![series("train", &[-3.0, -2.0, -1.0]), series("validation", &[-3.0, -2.5, -2.75])];
    let want = "Training\n\
                curve                    epoch 3  best epoch 2  lowest  highest\n\
                -----------------------  -------  ------------  ------  -------\n\
                ELBO, train (nats)        -1.000        -2.000  -3.000   -1.000\n\
                ELBO, validation (nats)   -2.750        -2.500  -3.000   -2.500";
    assert_eq!(curves(lines, Some(2)).text(), want);
}

#[test]
fn a_gap_interrupts_the_line_and_a_lone_value_is_a_point() {
    let gap = svg(&curves(vec![series("train", &[1.0, 2.0, f64::NAN, 3.0, 4.0])], None));
    // The legend comes first, then the line itself.
    let path = gap.lines().filter(|line| line.contains("stroke-width=\"2\"")).nth(1).unwrap();
    let steps = path.split('"').nth(1).unwrap();
    assert_eq!((steps.matches('M').count(), steps.matches('l').count()), (2, 2), "{path}");
    let single = svg(&curves(vec![series("train", &[1.0])], None));
    // The disc and its rim.
    assert_eq!(single.matches("h.01").count(), 2);
}

#[test]
fn a_marker_without_values_is_left_out() {
    for marker in [Some(0), Some(3), Some(usize::MAX), None] {
        let drawing = svg(&curves(vec![series("train", &[1.0, 2.0])], marker));
        assert!(!drawing.contains("best epoch"), "{marker:?}");
    }
    assert!(svg(&curves(vec![series("train", &[1.0, 2.0])], Some(2))).contains("best epoch 2"));
}

#[test]
fn nothing_to_draw_has_a_clear_text() {
    let bundle = Curves { title: "Training".into(), ..Curves::default() }.mime_bundle().unwrap();
    assert_eq!((bundle.text(), bundle.svg()), ("Training: no epochs yet", None));
    let drawing = svg(&curves(vec![series("train", &[f64::NAN, f64::INFINITY])], Some(1)));
    assert!(drawing.contains("no finite values"));
    assert!(!drawing.contains("NaN") && !drawing.contains("\"inf"));
}

#[test]
fn names_are_escaped_and_the_drawing_is_always_the_same() {
    let nasty = "<script>&\"";
    let panel =
        Panel { name: nasty.into(), unit: nasty.into(), series: vec![series(nasty, &[1.0, 2.0])] };
    let curves = Curves {
        title: nasty.into(),
        panels: vec![panel; 5],
        marker: Some(1),
        ..Curves::default()
    };
    let drawing = svg(&curves);
    assert!(!drawing.contains("<script>"), "{drawing}");
    assert_eq!(drawing, svg(&curves));
}
