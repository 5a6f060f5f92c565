//! `elbo run --check`: compares what a run shows with what the notebook has stored.

use nbformat::v4::{Cell, Notebook};

use super::cells::code_of;
use super::diff::unified;
use super::progress::first_line;
use crate::notebook::{NOT_COMPARED, Tolerance, agree, has_tag, in_stored_words, transcript};

/// A cell that shows something else than what is stored.
#[derive(Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number under which it ran.
    pub number: i32,
    /// Its first line.
    pub head: String,
    stored: Vec<String>,
    new: Vec<String>,
}

/// The cells of the run that show something else than what is stored.
pub fn differences(stored: &Notebook, new: &Notebook, tolerance: Tolerance) -> Vec<Difference> {
    let pairs = stored.cells.iter().zip(&new.cells);
    pairs.filter_map(|(stored, new)| compare(stored, new, tolerance)).collect()
}

/// None also for a cell that has not run, or is not to be compared.
fn compare(stored: &Cell, new: &Cell, tolerance: Tolerance) -> Option<Difference> {
    let Cell::Code { outputs: stored, .. } = stored else { return None };
    let Cell::Code { outputs, execution_count: Some(number), .. } = new else { return None };
    if has_tag(new, NOT_COMPARED) {
        return None;
    }
    let (stored, shown) = (transcript(stored), transcript(outputs));
    if agree(&stored, &shown, tolerance) {
        return None;
    }
    let new_words = in_stored_words(&stored, &shown, tolerance);
    let head = first_line(&code_of(new).unwrap_or_default());
    Some(Difference { number: *number, head, stored, new: new_words })
}

/// What is to be said about the differences; nothing if there are none.
pub fn describe(differences: &[Difference], colours: bool) -> Option<String> {
    let (first, others) = differences.split_first()?;
    let mut text = format!(
        "cell {} shows something else than what is stored: {}\n{}",
        first.number,
        first.head,
        unified(&first.stored, &first.new, colours)
    );
    if !others.is_empty() {
        let numbers: Vec<_> = others.iter().map(|other| other.number.to_string()).collect();
        let cells = if others.len() == 1 { "cell" } else { "cells" };
        text.push_str(&format!("\nso does {cells} {}", numbers.join(", ")));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notebook(texts: [&str; 3], tags: &[&str]) -> Notebook {
        let cells = texts.iter().enumerate().map(|(index, text)| {
            let outputs = serde_json::json!(
                [{"output_type": "stream", "name": "stdout", "text": text}]);
            serde_json::json!({"cell_type": "code", "id": format!("c{index}"),
                "metadata": {"tags": tags}, "source": format!("\nprint_{index}();"),
                "execution_count": index + 1, "outputs": outputs})
        });
        let json = serde_json::json!({"cells": cells.collect::<Vec<_>>(), "metadata": {},
            "nbformat": 4, "nbformat_minor": 5});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn the_first_cell_that_differs_is_shown_and_the_others_are_named() {
        let stored = notebook(["same 1.0", "a\nb\nc", "x"], &[]);
        let new = notebook(["same 1.00000001", "a\nB\nc", "y"], &[]);
        let found = differences(&stored, &new, Tolerance::default());
        let numbers: Vec<_> = found.iter().map(|difference| difference.number).collect();
        assert_eq!(numbers, [2, 3]);
        let text = describe(&found, false).unwrap();
        let expected = "cell 2 shows something else than what is stored: print_1();\n";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("- b\n+ B\n") && text.ends_with("\nso does cell 3"), "{text}");
    }

    #[test]
    fn cells_that_are_the_same_or_not_to_be_compared_are_not_named() {
        let stored = notebook(["1", "2", "3"], &[]);
        assert_eq!(differences(&stored, &stored, Tolerance::default()), []);
        assert_eq!(describe(&[], true), None);
        let other = notebook(["7", "8", "9"], &[NOT_COMPARED]);
        assert_eq!(differences(&stored, &other, Tolerance::default()), []);
    }
}
