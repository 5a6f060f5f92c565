use ndarray::{Array, Array2, Array3, arr0, array, s};

use super::*;

fn html(array: &impl RichDisplay) -> String {
    array.mime_bundle().unwrap().html().unwrap().to_owned()
}

#[test]
fn a_matrix_is_a_table_with_indices_and_one_notation() {
    let want = "<table>\n\
        <caption style=\"text-align:left;white-space:nowrap;opacity:.6\">Array of f64, shape [2, 2]</caption>\n\
        <thead><tr><th></th>\
        <th style=\"text-align:right;font-weight:normal;opacity:.6\">0</th>\
        <th style=\"text-align:right;font-weight:normal;opacity:.6\">1</th></tr></thead>\n<tbody>\n\
        <tr><th style=\"text-align:right;font-weight:normal;opacity:.6\">0</th>\
        <td style=\"text-align:right\">1.00</td><td style=\"text-align:right\">NaN</td></tr>\n\
        <tr><th style=\"text-align:right;font-weight:normal;opacity:.6\">1</th>\
        <td style=\"text-align:right\">-2.25</td><td style=\"text-align:right\">4.00</td></tr>\n\
        </tbody>\n</table>";
    assert_eq!(html(&array![[1.0, f64::NAN], [-2.25, 4.0]]), want);
}

#[test]
fn a_vector_is_a_row() {
    let bundle = array![1_u8, 2, 3].mime_bundle().unwrap();
    assert_eq!(bundle.text(), "Array of u8, shape [3]\n[1, 2, 3]");
    let html = bundle.html().unwrap();
    assert_eq!((html.matches("<tr>").count(), html.matches("<td").count()), (2, 3));
    assert!(!html.contains("<th></th>"), "{html}");
}

#[test]
fn of_large_arrays_the_first_and_the_last_numbers_are_shown() {
    let html = html(&Array2::from_shape_fn((1000, 40), |(i, j)| 100 * i + j));
    assert_eq!(html.matches("<tr>").count(), 12);
    // Row 4 is shown, row 5 is not; of row 999 columns 7 and 32 are, 8 and 31 are not.
    assert!(html.contains(">407<") && !html.contains(">507<"));
    assert!(html.contains(">99907<") && html.contains(">99932<"));
    assert!(!html.contains(">99908<") && !html.contains(">99931<"));
    assert_eq!((html.matches("⋱").count(), html.matches("⋮").count()), (1, 17));
}

#[test]
fn views_and_reversed_arrays_show_what_they_hold() {
    let array = array![[1, 2, 3], [4, 5, 6]];
    let view = array.slice(s![.., ..;-2]);
    assert_eq!(html(&view), html(&array![[3, 1], [6, 4]]));
    assert_eq!(html(&array.t()), html(&array![[1, 4], [2, 5], [3, 6]]));
}

#[test]
fn truths_are_words() {
    let html = html(&array![true, false]);
    assert!(html.contains(">true</td>") && html.contains(">false</td>"), "{html}");
}

#[test]
fn large_floats_are_a_picture_and_large_integers_are_not() {
    let bundle = Array2::<f32>::zeros((16, 16)).mime_bundle().unwrap();
    assert!(bundle.svg().is_some() && bundle.png().is_some() && bundle.html().is_none());
    let want = "Array of f32, shape [16, 16], min 0, max 0\n[[0, 0,";
    assert!(bundle.text().starts_with(want), "{}", bundle.text());
    assert!(Array2::<f32>::zeros((100, 15)).mime_bundle().unwrap().html().is_some());
    assert!(Array2::<i64>::zeros((16, 16)).mime_bundle().unwrap().html().is_some());
}

#[test]
fn more_dimensions_are_a_text_with_statistics() {
    let mut array = Array::range(0.0, 8.0, 1.0).into_shape_with_order((2, 2, 2)).unwrap();
    let bundle = array.mime_bundle().unwrap();
    let want = "Array of f64, shape [2, 2, 2], min 0, max 7.000, mean 3.500\n[[[0, 1],";
    assert!(bundle.text().starts_with(want), "{}", bundle.text());
    assert_eq!(bundle.html(), None);
    array[[0, 0, 0]] = f64::INFINITY;
    let text = array.mime_bundle().unwrap().text().to_owned();
    assert!(text.contains("min 1.000, max 7.000, mean 4.000, 1 value not finite\n"), "{text}");
    let text = Array3::from_elem((2, 2, 2), true).mime_bundle().unwrap().text().to_owned();
    assert!(text.starts_with("Array of bool, shape [2, 2, 2], 8 of 8 true\n"), "{text}");
}

#[test]
fn empty_arrays_and_single_numbers_are_a_text() {
    assert_eq!(arr0(2.5).mime_bundle().unwrap().text(), "Array of f64, shape []\n2.5");
    let bundle = Array2::<f64>::zeros((0, 300)).mime_bundle().unwrap();
    assert!(bundle.text().starts_with("Array of f64, shape [0, 300]\n"), "{}", bundle.text());
    assert_eq!(bundle.html(), None);
    let text = Array3::<f32>::zeros((2, 0, 2)).mime_bundle().unwrap().text().to_owned();
    assert!(text.starts_with("Array of f32, shape [2, 0, 2]\n"), "{text}");
}
