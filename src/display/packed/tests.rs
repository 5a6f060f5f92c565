use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Debug, Write},
    time::{Duration, Instant},
};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn packed(value: impl Debug) -> String {
    let mut text = Packed::default();
    let _ = write!(text, "{value:#?}");
    text.finish()
}

/// Without white space and the commas at the ends of lists: what must not change.
fn bare(text: &str) -> String {
    let bare: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    [",]", ",)", ",}"].iter().fold(bare, |bare, end| bare.replace(end, &end[1..]))
}

#[derive(Debug)]
#[allow(dead_code, reason = "read by Debug")]
struct Sample {
    name: &'static str,
    values: Vec<f64>,
    pair: (u8, u8),
}

#[test]
fn numbers_fill_lines_of_a_hundred_columns() {
    let text = packed((0..100).collect::<Vec<_>>());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[lines.len() - 1], lines.len()), ("[", "]", 7));
    let first: Vec<String> = (0..26).map(|number| format!("{number},")).collect();
    assert_eq!(lines[1], format!("    {}", first.join(" ")));
    // The next number would not have fitted.
    assert!(lines[1..5].iter().all(|line| (97..=100).contains(&line.len())), "{text}");
    assert_eq!(bare(&text), bare(&format!("{:?}", (0..100).collect::<Vec<_>>())));
}

#[test]
fn rows_of_numbers_stay_below_each_other() {
    let rows: Vec<Vec<f64>> = vec![vec![1.0, 2.5], vec![], vec![3.0; 30]];
    let text = packed(rows);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..4], ["[", "    [1.0, 2.5],", "    [],", "    ["]);
    assert!(lines[4].starts_with("        3.0, 3.0, 3.0"));
    assert_eq!(lines[6..], ["    ],", "]"]);
}

#[test]
fn options_pairs_and_sets_are_values_too() {
    let options = [Some(1.5), None].repeat(30);
    assert!(packed(&options).starts_with("[\n    Some(1.5), None, Some(1.5), None, "));
    assert_eq!(bare(&packed(&options)), bare(&format!("{options:?}")));
    let pairs: Vec<(i32, &str)> = vec![(1, "a"); 20];
    assert!(packed(&pairs).starts_with("[\n    (1, \"a\"), (1, \"a\"), "), "{}", packed(&pairs));
    assert_eq!(packed((7,)), "(7,)");
    let set: BTreeSet<u32> = (1000..1040).collect();
    assert!(packed(&set).starts_with("{\n    1000, 1001, "));
    let tricky: BTreeSet<&str> = ["a: b", "\": ", "\\"].into();
    assert_eq!(packed(&tricky), format!("{tricky:?}"));
}

#[test]
fn structs_and_maps_have_a_line_for_each_field() {
    let sample = Sample { name: "x", values: vec![0.5; 40], pair: (1, 2) };
    let text = packed(&sample);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["Sample {", "    name: \"x\",", "    values: ["]);
    assert!(lines[3].starts_with("        0.5, 0.5, "));
    assert_eq!(lines[6..], ["    ],", "    pair: (1, 2),", "}"]);
    let several = vec![sample, Sample { name: "y", values: vec![], pair: (3, 4) }];
    assert!(packed(&several).contains("    },\n    Sample {\n        name: \"y\",\n"));
    assert_eq!(bare(&packed(&several)), bare(&format!("{several:?}")));
    let map = BTreeMap::from([("a", vec![1, 2]), ("b", vec![])]);
    assert_eq!(packed(&map), "{\n    \"a\": [1, 2],\n    \"b\": [],\n}");
    let nested = BTreeMap::from([((1, 2), Some([1, 2]))]);
    assert_eq!(bare(&packed(&nested)), bare(&format!("{nested:?}")));
}

#[test]
fn a_list_with_something_long_in_it_keeps_a_line_for_each() {
    let words = vec!["short".to_owned(), "x".repeat(40), "short".to_owned()];
    assert_eq!(packed(&words), format!("{words:#?}"));
    let mixed = (1, vec![Some(Sample { name: "x", values: vec![], pair: (1, 2) }), None]);
    let text = packed(&mixed);
    assert!(text.starts_with("(\n    1,\n    [\n        Some(\n            Sample {\n"), "{text}");
    assert_eq!(bare(&text), bare(&format!("{mixed:?}")));
}

#[test]
fn text_that_only_looks_like_a_list_is_left_as_it_is() {
    struct Odd(&'static str);
    impl Debug for Odd {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }
    for text in ["[\n  1\n\n", "a (\n(\n[\n}\n]", "]\n)\n    [", "[\n    1,\n  ],\n    2\n]", "[["]
    {
        assert_eq!(packed(Odd(text)), text.trim_end_matches('\n'));
        // Also within something that is a list.
        let around = [Odd(text), Odd("1")];
        assert_eq!(bare(&packed(&around)), bare(&format!("{around:#?}")));
    }
    let matrices = vec![ndarray::array![[1.0, 2.0], [3.0, 4.0]]; 2];
    assert_eq!(packed(&matrices), format!("{matrices:#?}"));
}

#[test]
fn of_a_long_list_the_middle_is_left_out() {
    let text = packed((0..5000).collect::<BTreeSet<_>>());
    let (first, last) = text.split_once("\n    … 4,000 values left out …\n").unwrap();
    assert!(first.ends_with(" 498, 499,") && last.starts_with("    4500, 4501, "), "{text}");
    assert!(last.ends_with(" 4999,\n}"));
    // The same where the values in the middle are not even asked for their text.
    let numbers: Vec<u32> = (0..5000).collect();
    let braces = text.replace('{', "[").replace('}', "]");
    assert_eq!(packed(Excerpt(&numbers)), braces);
    let words: Vec<String> = numbers.iter().map(|number| format!("{number:040}")).collect();
    let text = packed(Excerpt(&words));
    // 1,000 values and a note between two brackets, of which 1,000 lines are shown.
    assert_eq!(text.lines().nth(500).unwrap(), "… 2 lines and 4,000 values left out …");
    assert_eq!(text.lines().count(), LINES + 1);
    assert_eq!(packed(Excerpt(&words[..7])), format!("{:#?}", &words[..7]));
}

#[test]
fn what_is_huge_is_not_read_to_its_end() {
    let huge = Sample { name: "x", values: vec![0.25; 10_000_000], pair: (1, 2) };
    let begun = Instant::now();
    let text = packed(&huge);
    // All of it would be 150 MB, and take more than ten times as long.
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert!(text.starts_with("Sample {\n    name: \"x\",\n    values: [\n        0.25, 0.25, "));
    assert!(text.ends_with("0.25,\n…"), "{}", &text[text.len() - 50..]);
    assert_eq!(text.matches("0.25").count(), 500);
    let text = packed("x".repeat(10_000_000));
    assert_eq!(text.chars().count(), BEGINNING + 2);
    let many: BTreeMap<u32, u32> = (0..1_000_000).map(|number| (number, number)).collect();
    let text = packed(&many);
    assert_eq!(text.lines().count(), LINES + 1);
    assert!(text.ends_with("    998: 998,\n…"), "{}", &text[text.len() - 50..]);
}

/// Values of all kinds within each other.
fn nested() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        // Among them what looks like the structure around it.
        "[a(){}:, \"\\\\\n…]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 200, 40, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..40).prop_map(Value::from),
            prop::collection::hash_map("[a: {(]{0,6}", inner, 0..4).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_but_white_space_and_last_commas_changes(value in nested()) {
        let as_lists = (&value, [&value, &value]);
        prop_assert_eq!(bare(&packed(as_lists)), bare(&format!("{as_lists:#?}")));
        // JSON has no commas at the ends of lists.
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let mut text = Packed::default();
        text.write_str(&pretty).unwrap();
        let text = text.finish();
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        prop_assert!(text.lines().count() <= pretty.lines().count());
    }
}
