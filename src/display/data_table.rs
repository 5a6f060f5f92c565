//! The HTML of data in rows and columns, of which some may be left out.
//!
//! Unlike [`Table`](super::Table), which is for a handful of results and shows all of them, this is
//! for data of any size: it has the types of columns, indices, missing values and gaps.

use super::text::{escape, shorten};

/// Most characters of a text.
const LONGEST: usize = 48;
/// Text that is read second, in the colour of the notebook's theme.
pub(super) const FAINT: &str = "opacity:.6";

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// A number, already written out.
    Number(String),
    /// Words; too many are cut.
    Text(String),
    /// There is no value.
    Null,
}

/// A column of the rows that are shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DataColumn {
    /// Stands above the column.
    pub(super) name: String,
    /// The type of its values; may be empty.
    pub(super) kind: String,
    /// From the top; `None` where rows are left out.
    pub(super) entries: Vec<Option<Entry>>,
}

/// What is shown of a table.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DataTable {
    /// Stands above the table.
    pub(super) heading: String,
    /// Stand to the left of the rows; empty when rows have no names.
    pub(super) rows: Vec<String>,
    /// From the left; `None` where columns are left out.
    pub(super) columns: Vec<Option<DataColumn>>,
}

impl DataTable {
    /// The table; everything in it is escaped. It has no colours of its own and so takes those of
    /// the notebook's theme.
    pub(super) fn to_html(&self) -> String {
        let caption = format!(
            "<caption style=\"text-align:left;white-space:nowrap;{FAINT}\">{}</caption>",
            { escape(&self.heading) }
        );
        let corner = if self.rows.is_empty() { "" } else { "<th></th>" };
        let head: String = self.columns.iter().map(|column| head(column.as_ref())).collect();
        let columns = self.columns.iter().flatten();
        let height = columns.map(|column| column.entries.len()).max().unwrap_or(0);
        let body: String = (0..height.max(self.rows.len())).map(|row| self.row(row)).collect();
        format!(
            "<table>\n{caption}\n<thead><tr>{corner}{head}</tr></thead>\n<tbody>\n{body}</tbody>\n\
             </table>"
        )
    }

    fn row(&self, row: usize) -> String {
        let is_gap = |column: &DataColumn| matches!(column.entries.get(row), Some(None));
        let gap = self.columns.iter().flatten().any(is_gap);
        let name = match self.rows.get(row) {
            Some(name) => format!("<th style=\"text-align:right;{INDEX}\">{}</th>", escape(name)),
            None => String::new(),
        };
        let entries = self.columns.iter().map(|column| match column {
            Some(column) => entry(column.side(), column.entries.get(row)),
            None => dots("td", "center", if gap { "⋱" } else { "…" }),
        });
        format!("<tr>{name}{}</tr>\n", entries.collect::<String>())
    }
}

/// How an index looks: unlike a value.
const INDEX: &str = "font-weight:normal;opacity:.6";

impl DataColumn {
    /// Numbers stand on the right, as long as there is no text among them.
    fn side(&self) -> &'static str {
        let mut values = self.entries.iter().flatten().filter(|entry| **entry != Entry::Null);
        let is_text = |entry: &Entry| matches!(entry, Entry::Text(_));
        if values.any(is_text) { "left" } else { "right" }
    }
}

fn head(column: Option<&DataColumn>) -> String {
    match column {
        Some(column) if column.kind.is_empty() => {
            let (side, name) = (column.side(), escape(&column.name));
            format!("<th style=\"text-align:{side};{INDEX}\">{name}</th>")
        }
        Some(column) => format!(
            "<th style=\"text-align:{}\">{}<br><span style=\"font-weight:normal;{FAINT}\">{}\
             </span></th>",
            column.side(),
            escape(&shorten(&column.name, LONGEST)),
            escape(&shorten(&column.kind, LONGEST)),
        ),
        None => dots("th", "center", "…"),
    }
}

fn entry(side: &str, entry: Option<&Option<Entry>>) -> String {
    match entry {
        Some(Some(Entry::Number(text))) => {
            format!("<td style=\"text-align:{side}\">{}</td>", escape(text))
        }
        Some(Some(Entry::Text(text))) => {
            let text = escape(&shorten(text, LONGEST));
            format!("<td style=\"text-align:{side}\">{text}</td>")
        }
        Some(Some(Entry::Null)) => {
            format!("<td style=\"text-align:{side};font-style:italic;opacity:.45\">null</td>")
        }
        Some(None) => dots("td", side, "⋮"),
        None => "<td></td>".to_owned(),
    }
}

fn dots(tag: &str, side: &str, dots: &str) -> String {
    format!("<{tag} style=\"text-align:{side};font-weight:normal;{FAINT}\">{dots}</{tag}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: &str, entries: Vec<Option<Entry>>) -> Option<DataColumn> {
        Some(DataColumn { name: name.to_owned(), kind: kind.to_owned(), entries })
    }

    #[test]
    fn rows_and_columns_that_are_left_out_are_dots() {
        let number = |text: &str| Some(Entry::Number(text.to_owned()));
        let table = DataTable {
            heading: "9 rows".to_owned(),
            rows: ["0", "⋮", "8"].map(str::to_owned).to_vec(),
            columns: vec![column("x", "i32", vec![number("7"), None, Some(Entry::Null)]), None],
        };
        let want = "<table>\n\
            <caption style=\"text-align:left;white-space:nowrap;opacity:.6\">9 rows</caption>\n\
            <thead><tr><th></th><th style=\"text-align:right\">x<br>\
            <span style=\"font-weight:normal;opacity:.6\">i32</span></th>\
            <th style=\"text-align:center;font-weight:normal;opacity:.6\">…</th></tr></thead>\n<tbody>\n\
            <tr><th style=\"text-align:right;font-weight:normal;opacity:.6\">0</th>\
            <td style=\"text-align:right\">7</td>\
            <td style=\"text-align:center;font-weight:normal;opacity:.6\">…</td></tr>\n\
            <tr><th style=\"text-align:right;font-weight:normal;opacity:.6\">⋮</th>\
            <td style=\"text-align:right;font-weight:normal;opacity:.6\">⋮</td>\
            <td style=\"text-align:center;font-weight:normal;opacity:.6\">⋱</td></tr>\n\
            <tr><th style=\"text-align:right;font-weight:normal;opacity:.6\">8</th>\
            <td style=\"text-align:right;font-style:italic;opacity:.45\">null</td>\
            <td style=\"text-align:center;font-weight:normal;opacity:.6\">…</td></tr>\n\
            </tbody>\n</table>";
        assert_eq!(table.to_html(), want);
    }

    #[test]
    fn everything_is_escaped_and_long_text_is_cut() {
        let nasty = "<script>&\"".to_owned();
        let text = |text: &str| Some(Entry::Text(text.to_owned()));
        let table = DataTable {
            heading: nasty.clone(),
            rows: vec![nasty.clone(); 2],
            columns: vec![column(&nasty, &nasty, vec![text(&nasty), text(&"x".repeat(49))])],
        };
        let html = table.to_html();
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;&amp;&quot;").count(), 6);
        assert!(html.contains(&format!("<td style=\"text-align:left\">{}…</td>", "x".repeat(47))));
    }
}
