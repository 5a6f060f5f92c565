use image::GenericImageView;
use ndarray::{Array2, Array3, ShapeBuilder, array};

use super::support::{assert_says, noise};
use crate::data::Images;

#[test]
fn image_and_pixels_show_the_same_values() {
    let values = Array3::from_shape_fn((2, 2, 3), |(n, y, x)| (6 * n + 3 * y + x) as f32 / 12.0);
    let images = Images::<2, 3>::from_array3(values.clone()).unwrap();
    assert_eq!((images.len(), images.is_empty(), images.frame()), (2, false, (2, 3)));
    assert_eq!(images.image(1), values.index_axis(ndarray::Axis(0), 1));
    assert_eq!(images.pixels()[[1, 4]], values[[1, 1, 1]]);
}

#[test]
fn arrays_in_column_order_give_the_same_images() {
    let rows = Array2::from_shape_fn((3, 6), |(n, p)| (6 * n + p) as f32 / 18.0);
    let mut columns = Array2::zeros((3, 6).f());
    columns.assign(&rows);
    assert!(!columns.is_standard_layout());
    let images = Images::<2, 3>::from_array(columns).unwrap();
    assert_eq!(images, Images::from_array(rows.clone()).unwrap());
    assert_eq!(images.image(2)[[1, 0]], rows[[2, 3]]);

    let mut axes = rows.clone().into_shape_with_order((3, 2, 3)).unwrap();
    axes.invert_axis(ndarray::Axis(2));
    let flipped = Images::<2, 3>::from_array3(axes).unwrap();
    assert_eq!(flipped.image(0)[[0, 0]], rows[[0, 2]]);
}

#[test]
fn wrong_shapes_are_refused() {
    let outcome = Images::<2, 3>::from_array(Array2::zeros((4, 5)));
    assert_says(outcome, &["[4, 5]", "[4, 6]", "2×3"]);
    let outcome = Images::<2, 3>::from_array3(Array3::zeros((4, 3, 2)));
    assert_says(outcome, &["[4, 3, 2]", "[4, 2, 3]"]);
}

#[test]
fn values_that_are_no_gray_levels_are_refused() {
    for (bad, text) in [(f32::NAN, "NaN"), (1.5, "1.5"), (-0.25, "-0.25"), (f32::INFINITY, "inf")] {
        let outcome = Images::<1, 3>::from_array(array![[0.0, 1.0, 0.5], [0.0, bad, 0.0]]);
        assert_says(outcome, &["row 1", "column 1", text, "255"]);
    }
}

#[test]
fn labels_keep_their_order_and_are_checked() {
    let images = noise::<2, 2>(3, 0);
    let names: Vec<_> = images.label_names().collect();
    assert_eq!(names, ["id", "writer"]);
    assert_says(images.label("digit").map(<[u32]>::to_vec), &["digit", "id", "writer"]);
    assert_says(images.clone().with_label("age", vec![1, 2]), &["age", "[2]", "[3]"]);
    let images = images.with_label("id", vec![5, 6, 7]).unwrap();
    assert_eq!(images.label("id").unwrap(), [5, 6, 7]);
    assert_eq!(images.label_names().count(), 2);
}

#[test]
fn png_holds_the_same_gray_levels() {
    let images = noise::<5, 3>(2, 1);
    let png = image::load_from_memory(&images.to_png(1).unwrap()).unwrap();
    assert_eq!(png.dimensions(), (3, 5));
    let gray = png.into_luma8();
    for ((y, x), &value) in images.image(1).indexed_iter() {
        let level = f32::from(gray.get_pixel(x as u32, y as u32)[0]) / 255.0;
        assert_eq!(level, value);
    }
    assert_says(images.to_png(2), &["index", "2", "2 images"]);
}

#[test]
fn debug_is_short() {
    let text = format!("{:?}", noise::<28, 28>(100, 0));
    assert_eq!(text, r#"100 images of 28×28 pixels, labels ["id", "writer"]"#);
}
