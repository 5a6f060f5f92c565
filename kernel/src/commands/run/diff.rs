//! Two texts, one against the other.

use similar::{ChangeTag, TextDiff};

/// How many equal lines stand around a change.
const CONTEXT: usize = 2;
/// The longest text that is shown, in lines.
const LONGEST: usize = 60;

/// The lines that differ, with a few around them: `-` before stored ones, `+` before new ones.
pub fn unified(stored: &[String], new: &[String], colours: bool) -> String {
    let (stored, new) = (text(stored), text(new));
    let diff = TextDiff::from_lines(&stored, &new);
    let mut lines = vec![painted("31", "- stored", colours), painted("32", "+ now", colours)];
    for group in diff.grouped_ops(CONTEXT) {
        lines.push(painted("2", "  …", colours));
        let changes = group.iter().flat_map(|operation| diff.iter_changes(operation));
        lines.extend(changes.map(|change| {
            let line = change.value().trim_end_matches('\n');
            match change.tag() {
                ChangeTag::Delete => painted("31", &format!("- {line}"), colours),
                ChangeTag::Insert => painted("32", &format!("+ {line}"), colours),
                ChangeTag::Equal => format!("  {line}"),
            }
        }));
    }
    let left_out = lines.len().saturating_sub(LONGEST);
    lines.truncate(LONGEST);
    if left_out > 0 {
        lines.push(painted("2", &format!("  … {left_out} more lines"), colours));
    }
    lines.join("\n")
}

fn text(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn painted(colour: &str, text: &str, colours: bool) -> String {
    if colours { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(range: std::ops::Range<u32>) -> Vec<String> {
        range.map(|number| number.to_string()).collect()
    }

    #[test]
    fn a_change_is_shown_with_two_lines_around_it() {
        let stored = lines(0..20);
        let mut new = stored.clone();
        new[10] = "ten".to_owned();
        let expected = "- stored\n+ now\n  …\n  8\n  9\n- 10\n+ ten\n  11\n  12";
        assert_eq!(unified(&stored, &new, false), expected);
        assert!(unified(&stored, &new, true).contains("\x1b[31m- 10\x1b[0m\n\x1b[32m+ ten"));
    }

    #[test]
    fn a_long_difference_is_cut_and_says_so() {
        let shown = unified(&lines(0..0), &lines(0..500), false);
        assert_eq!(shown.lines().count(), LONGEST + 1);
        assert!(shown.ends_with("… 443 more lines"), "{shown}");
    }
}
