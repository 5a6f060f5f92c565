use polars::prelude::{DataFrame, DataType, IntoColumn, NamedFrom, df};

use super::*;

fn html(value: &impl RichDisplay) -> String {
    value.mime_bundle().unwrap().html().unwrap().to_owned()
}

#[test]
fn a_small_frame_is_shown_whole() {
    let frame = df!("name" => [Some("Ada"), None], "height" => [Some(1.5), Some(12.25)]).unwrap();
    let bundle = frame.mime_bundle().unwrap();
    let want = "<table>\n\
        <caption style=\"text-align:left;white-space:nowrap;opacity:.6\">2 rows × 2 columns</caption>\n\
        <thead><tr><th style=\"text-align:left\">name<br>\
        <span style=\"font-weight:normal;opacity:.6\">str</span></th>\
        <th style=\"text-align:right\">height<br>\
        <span style=\"font-weight:normal;opacity:.6\">f64</span></th></tr></thead>\n<tbody>\n\
        <tr><td style=\"text-align:left\">Ada</td><td style=\"text-align:right\">1.50</td></tr>\n\
        <tr><td style=\"text-align:left;font-style:italic;opacity:.45\">null</td>\
        <td style=\"text-align:right\">12.25</td></tr>\n\
        </tbody>\n</table>";
    assert_eq!(bundle.html().unwrap(), want);
    assert_eq!(bundle.text(), frame.to_string());
}

#[test]
fn of_many_rows_and_columns_the_first_and_the_last_are_shown() {
    let column = |i: i32| Series::new(format!("c{i}").into(), (0..100).collect::<Vec<i32>>());
    let columns = (0..20).map(|i| column(i).into_column()).collect();
    let html = html(&DataFrame::new(100, columns).unwrap());
    assert!(html.contains("100 rows × 20 columns"));
    // A row of names, ten rows, a row of dots.
    assert_eq!(html.matches("<tr>").count(), 12);
    assert_eq!(html.matches("<th").count(), 1 + 17, "the head of the table and 17 names");
    assert_eq!(html.matches("⋮").count(), 16);
    assert_eq!(html.matches("⋱").count(), 1);
    for shown in ["c7<", "c12<", ">4<", ">95<"] {
        assert!(html.contains(shown), "{shown}");
    }
    for left_out in ["c8<", "c11<", ">5<", ">94<"] {
        assert!(!html.contains(left_out), "{left_out}");
    }
}

#[test]
fn text_from_data_is_escaped_and_cut() {
    let long = "x".repeat(1000);
    let html = html(&df!("<b>" => ["<script>&", "a\nb", long.as_str()]).unwrap());
    assert!(html.contains("&lt;b&gt;") && html.contains("&lt;script&gt;&amp;"), "{html}");
    assert!(html.contains(">a b<") && html.len() < 1500, "{html}");
    assert!(!html.contains("<b>") && !html.contains("<script>"));
}

#[test]
fn the_word_null_and_a_missing_value_look_different() {
    let html = html(&df!("word" => [Some("null"), None]).unwrap());
    assert!(html.contains("<td style=\"text-align:left\">null</td>"), "{html}");
    assert_eq!(html.matches("font-style:italic").count(), 1);
}

#[test]
fn every_kind_of_value_has_an_entry() {
    let list = Series::new("".into(), [1, 2]);
    let frame = df!(
        "truth" => [true],
        "nan" => [f64::NAN],
        "list" => [list],
        "none" => [None::<i64>],
    )
    .unwrap();
    let html = html(&frame);
    for entry in [">true<", ">NaN<", ">[1, 2]<", ">null<", ">list[i32]<"] {
        assert!(html.contains(entry), "{entry}: {html}");
    }
}

#[test]
fn a_column_says_how_many_values_are_missing() {
    let series = Series::new("x".into(), [Some(1), None, Some(3)]);
    assert!(html(&series).contains("3 values, 1 null"));
    assert_eq!(series.mime_bundle().unwrap().text(), format!("{series:?}"));
    assert_eq!(html(&series.clone().into_column()), html(&series));
    assert_eq!(series.dtype(), &DataType::Int32);
}

#[test]
fn an_empty_frame_and_one_without_rows_are_shown() {
    assert!(html(&DataFrame::empty()).contains("0 rows × 0 columns"));
    let none = html(&df!("a" => Vec::<f64>::new()).unwrap());
    assert!(none.contains("0 rows × 1 column<") && none.contains(">a<"), "{none}");
}
