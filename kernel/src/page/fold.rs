//! Folds what is long, without a script.

use std::fmt::Write as _;

use super::text::from_terminal;

/// A text that is longer, in lines, is folded.
const LONGEST: usize = 40;
/// How many of its lines can be seen all the same.
const HEAD: usize = 10;

/// A text with more characters is folded, and so many of them can be seen.
const MOST: usize = 10_000;
const BEGINNING: usize = 2_000;

/// Text with terminal colours as HTML. Of a long one the beginning can be seen, and a click shows
/// the rest.
pub fn text(text: &str, class: &str, attributes: &str) -> String {
    let block = |text: &str| {
        format!("<pre class=\"output {class}\"{attributes}>{}</pre>\n", from_terminal(text))
    };
    let count = text.lines().count();
    let end_of_head = text.match_indices('\n').nth(HEAD - 1).filter(|_| count > LONGEST);
    let (end, summary) = match end_of_head {
        Some((end, _)) if end <= MOST => (end, format!("{} more lines", count - HEAD)),
        _ => {
            let end = beginning(text);
            let left = text[end..].chars().count();
            if end_of_head.is_none() && text.len() <= MOST {
                return block(text);
            }
            (end, format!("{left} more characters"))
        }
    };
    let (head, rest) = text.split_at(end);
    let rest = format!("{}{}", open_colours(head), rest.strip_prefix('\n').unwrap_or(rest));
    format!("{}{}", block(head), details(&summary, &block(&rest)))
}

/// Where the first characters end, and no colour begins.
fn beginning(text: &str) -> usize {
    let end = text.char_indices().nth(BEGINNING).map_or(text.len(), |(at, _)| at);
    let colour = text[..end].rfind('\u{1b}');
    colour.filter(|&at| !text[at..end].contains('m')).unwrap_or(end)
}

/// HTML of a cell. A table with many rows can be seen after a click.
pub fn html(html: &str) -> String {
    let rows = html.matches("<tr").count();
    let block = format!("<div class=\"output html\">{html}</div>\n");
    if rows > LONGEST { details(&format!("Table of {rows} rows"), &block) } else { block }
}

/// Something that can be seen after a click on its name.
pub fn details(summary: &str, content: &str) -> String {
    let mut html = String::new();
    let _ =
        write!(html, "<details class=\"fold\"><summary>{summary}</summary>\n{content}</details>\n");
    html
}

/// The colours that are still switched on at the end of the text.
fn open_colours(text: &str) -> String {
    let mut open = String::new();
    for (start, _) in text.match_indices("\x1b[") {
        let sequence = text.get(start..).unwrap_or_default();
        let Some((codes, _)) = sequence.split_once('m') else { break };
        let is_colour = codes.chars().skip(2).all(|code| code.is_ascii_digit() || code == ';');
        if !is_colour {
            continue;
        }
        if codes.ends_with('[') || codes.ends_with("[0") {
            open.clear();
        } else {
            open.push_str(codes);
            open.push('m');
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        (1..=count).map(|line| format!("line {line}.\n")).collect()
    }

    #[test]
    fn a_long_text_shows_its_beginning_and_keeps_every_line() {
        assert!(!text(&lines(LONGEST), "stdout", "").contains("<details"));
        let html = text(&lines(LONGEST + 1), "stdout", "");
        let (head, rest) = html.split_once("<details class=\"fold\">").unwrap();
        assert!(head.contains("line 10.</pre>") && !head.contains("line 11."), "{head}");
        assert!(rest.starts_with("<summary>31 more lines</summary>"), "{rest}");
        for line in 1..=LONGEST + 1 {
            assert_eq!(html.matches(&format!("line {line}.")).count(), 1, "line {line}");
        }
    }

    #[test]
    fn a_long_line_shows_its_beginning_and_keeps_every_character() {
        assert!(!text(&"q".repeat(MOST), "value", "").contains("<details"));
        for long in ["q".repeat(3_000_000), format!("{}\n", "q".repeat(9_000)).repeat(50)] {
            let html = text(&long, "value", "");
            let (head, rest) = html.split_once("<details class=\"fold\">").unwrap();
            assert_eq!(head.matches('q').count(), BEGINNING);
            let left = long.len() - BEGINNING;
            assert!(rest.starts_with(&format!("<summary>{left} more characters</summary>")));
            assert_eq!(html.matches('q').count(), long.matches('q').count());
        }
        let colours = "\u{1b}[31mq\u{1b}[0m".repeat(2_000);
        let html = text(&colours, "value", "");
        assert!(!html.contains('\u{1b}') && !html.contains("[0m"), "a colour was cut");
    }

    #[test]
    fn colours_go_on_after_the_fold() {
        let colour = "color:var(--red";
        let before = format!("\u{1b}[1m\u{1b}[0m\u{1b}[31m{}", lines(50));
        let (_, rest) = text(&before, "stdout", "")
            .split_once("<details")
            .map(|(head, rest)| {
                assert!(head.contains(colour));
                (head.to_owned(), rest.to_owned())
            })
            .unwrap();
        assert!(rest.contains(colour), "{rest}");
        assert_eq!(open_colours("\u{1b}[31ma\u{1b}[0mb\u{1b}[2K"), "");
        assert_eq!(open_colours("\u{1b}[1;31ma\u{1b}[4mb"), "\u{1b}[1;31m\u{1b}[4m");
    }

    #[test]
    fn a_long_table_is_folded_whole() {
        let table = |rows| format!("<table>{}</table>", "<tr><td>1</td></tr>".repeat(rows));
        assert!(!html(&table(LONGEST)).contains("<details"));
        assert!(html(&table(300)).contains("<summary>Table of 300 rows</summary>"));
    }
}
