use ndarray::{Array2, array};
use plotters::coord::ranged1d::Ranged;

use super::*;
use crate::display::axis::Axis;

fn spiral(n: usize) -> Array2<f32> {
    Array2::from_shape_fn((n, 2), |(i, axis)| {
        let t = i as f32 * 0.01;
        t * if axis == 0 { t.cos() } else { t.sin() }
    })
}

fn svg(map: &LatentMap) -> String {
    map.mime_bundle().unwrap().svg().unwrap().to_owned()
}

#[test]
fn ten_thousand_points_are_small_and_always_the_same() {
    let labels: Vec<usize> = (0..10_000).map(|i| i / 1000).collect();
    let map = LatentMap::new(spiral(10_000).view()).unwrap().labels("digit", &labels).unwrap();
    let drawing = svg(&map);
    assert!(drawing.len() < 300_000, "{} bytes", drawing.len());
    // One mark for each point, and one for each label in the legend: discs, and squares for two of
    // the ten labels.
    assert_eq!(drawing.matches("h.01").count(), 8_000 + 8);
    assert_eq!(drawing.matches("h-3.2z").count() + drawing.matches("h-8.8z").count(), 2_000 + 2);
    assert_eq!(drawing, svg(&map));
    assert!(!drawing.contains("NaN") && !drawing.contains("inf"));
}

#[test]
fn more_points_are_thinned_out_and_the_text_says_so() {
    let map = LatentMap::new(spiral(70_000).view()).unwrap();
    let text = map.text();
    assert!(text.starts_with("Latent space: 70,000 points\n"), "{text}");
    assert!(text.ends_with("20,000 of them drawn, evenly chosen"), "{text}");
    assert_eq!(map.drawn().len(), MOST_POINTS);
    let drawing = svg(&map);
    assert!(drawing.len() < 600_000);
    // Points of one look are spread over layers.
    assert_eq!(drawing.matches(" opacity=\"0.5\"").count(), 16);
}

#[test]
fn titles_and_names_are_escaped() {
    let nasty = "<script>&\"";
    let map = LatentMap::new(array![[0.0, 1.0]].view()).unwrap().title(nasty);
    let map = map.labels(nasty, &[3i64]).unwrap().label_names([(3, nasty)]);
    let drawing = svg(&map);
    assert!(!drawing.contains("<script>"), "{drawing}");
    assert!(drawing.contains(">&lt;script&gt;&amp;&quot;</text>"), "{drawing}");
}

#[test]
fn points_that_are_not_finite_are_left_out() {
    let z = array![[0.0, 0.0], [f32::NAN, 1.0], [1.0, f32::INFINITY], [1.0, 1.0]];
    let map = LatentMap::new(z.view()).unwrap();
    assert!(map.text().ends_with("\n2 points not finite, left out"), "{}", map.text());
    let map = LatentMap::new(array![[f32::NAN, f32::NAN]].view()).unwrap();
    assert!(svg(&map).contains("no finite points"));
}

#[test]
fn one_unit_is_equally_long_on_both_axes() {
    let z = array![[0.0, 0.0], [10.0, 1.0], [10.0, 5.0]];
    let (x, y, width, height) = LatentMap::new(z.view()).unwrap().axes();
    let unit = |axis: &Axis, pixels: f64| pixels / (axis.range().end - axis.range().start);
    assert!((unit(&x, width) - unit(&y, height)).abs() < 1e-9);
}

#[test]
fn equal_and_huge_points_are_drawn_all_the_same() {
    for z in [array![[2.0, 2.0], [2.0, 2.0]], array![[f32::MAX, f32::MIN], [f32::MIN, f32::MAX]]] {
        let drawing = svg(&LatentMap::new(z.view()).unwrap());
        assert!(!drawing.contains("NaN") && !drawing.contains("inf"), "{drawing}");
    }
}

#[test]
fn many_labels_and_values_have_a_legend() {
    let labels: Vec<u16> = (0..600).map(|i| i % 60).collect();
    let map = LatentMap::new(spiral(600).view()).unwrap();
    let many = svg(&map.clone().labels("cluster", &labels).unwrap());
    assert!(many.contains("more</text>"), "{many}");
    let mut values: Vec<f64> = (0..600).map(f64::from).collect();
    values[0] = f64::NAN;
    let scale = map.values("age in years", &values).unwrap();
    assert!(svg(&scale).contains(">age in years</text>"));
    assert!(scale.text().contains("coloured by age in years (1.000 to 599.0)"), "{}", scale.text());
}

#[test]
fn wrong_shapes_are_explained() {
    let error = LatentMap::new(Array2::zeros((5, 3)).view()).unwrap_err().to_string();
    assert!(error.contains("[5, 3]") && error.contains("[5, 2]"), "{error}");
    assert!(LatentMap::new(Array2::zeros((0, 2)).view()).is_err());
    let map = LatentMap::new(spiral(3).view()).unwrap();
    assert!(matches!(map.clone().labels("digit", &[1u8, 2]), Err(Error::Shape { .. })));
    assert!(matches!(map.clone().labels("digit", &[u64::MAX; 3]), Err(Error::Setting { .. })));
    assert!(matches!(map.values("age", &[]), Err(Error::Shape { .. })));
}

#[test]
fn axes_carry_the_numbers_of_their_dimensions() {
    let map = LatentMap::new(spiral(3).view()).unwrap().dimensions([12, 3]);
    let bundle = map.mime_bundle().unwrap();
    assert!(bundle.text().contains("\nz₁₂ from") && bundle.text().contains("\nz₃ from"));
    let drawing = svg(&map);
    assert!(drawing.contains("12\n</text>") || drawing.contains(">12</text>"), "{drawing}");
}
