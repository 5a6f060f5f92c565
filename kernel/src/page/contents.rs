//! The headings of a page: their anchors, and the list that leads to them.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::text::escape;

/// A page with no more headings than this can be seen at a glance.
const FEW: usize = 3;
/// Headings below this level are details.
const DEEPEST: u8 = 3;

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heading {
    level: u8,
    html: String,
    anchor: String,
}

/// The headings of a page, in order.
#[derive(Debug, Default)]
pub struct Contents {
    headings: Vec<Heading>,
    used: HashMap<String, usize>,
}

impl Contents {
    /// Adds a heading; returns the anchor by which links reach it.
    pub fn add(&mut self, level: u8, text: &str, html: String) -> String {
        let anchor = self.unique(anchor(text));
        self.headings.push(Heading { level, html, anchor: anchor.clone() });
        anchor
    }

    /// How many headings there are.
    pub fn len(&self) -> usize {
        self.headings.len()
    }

    /// The list, if there is more to it than one can see at a glance.
    pub fn render(&self) -> Option<String> {
        let listed: Vec<_> =
            self.headings.iter().filter(|heading| self.is_listed(heading)).collect();
        if listed.len() <= FEW {
            return None;
        }
        let top = listed.iter().map(|heading| heading.level).min().unwrap_or(1);
        let mut html = String::from(
            "<nav class=\"contents\" aria-label=\"Contents\">\n<p>Contents</p>\n<ul>\n",
        );
        for Heading { level, html: text, anchor } in listed {
            let depth = level - top;
            let _ = writeln!(
                html,
                "<li class=\"depth-{depth}\"><a href=\"#{}\">{text}</a></li>",
                escape(anchor)
            );
        }
        html.push_str("</ul>\n</nav>\n");
        Some(html)
    }

    /// The title is not listed: it is the page itself.
    fn is_listed(&self, heading: &Heading) -> bool {
        let first = self.headings.first();
        let is_title = first == Some(heading)
            && self.headings.iter().skip(1).all(|other| other.level > heading.level);
        heading.level <= DEEPEST && !is_title
    }

    fn unique(&mut self, anchor: String) -> String {
        let count = self.used.entry(anchor.clone()).or_default();
        *count += 1;
        if *count == 1 { anchor } else { self.unique_with(&anchor) }
    }

    fn unique_with(&mut self, anchor: &str) -> String {
        let count = self.used.get(anchor).copied().unwrap_or(1);
        // The numbered name may be another heading's own.
        self.unique(format!("{anchor}-{count}"))
    }
}

/// As in Jupyter, so that links that work there work here: spaces become dashes.
fn anchor(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    if words.is_empty() { "section".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_jupyter_and_unique() {
        let mut contents = Contents::default();
        let mut add = |text| contents.add(2, text, String::new());
        assert_eq!(add("The  latent space"), "The-latent-space");
        assert_eq!(add("The latent space"), "The-latent-space-2");
        assert_eq!(add("The latent space"), "The-latent-space-3");
        assert_eq!(add("The latent space-2"), "The-latent-space-2-2");
        assert_eq!(add(" "), "section");
    }

    #[test]
    fn few_headings_need_no_list_and_the_title_is_not_in_it() {
        let mut contents = Contents::default();
        contents.add(1, "Title", "Title".into());
        for text in ["a", "b", "c"] {
            contents.add(2, text, text.into());
        }
        assert_eq!(contents.render(), None);
        contents.add(3, "d", "<i>d</i>".into());
        contents.add(4, "detail", "detail".into());
        let list = contents.render().unwrap();
        assert!(!list.contains("Title") && !list.contains("detail"), "{list}");
        assert!(list.contains("<li class=\"depth-0\"><a href=\"#a\">a</a></li>"), "{list}");
        assert!(list.contains("<li class=\"depth-1\"><a href=\"#d\"><i>d</i></a></li>"), "{list}");
    }
}
