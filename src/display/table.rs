//! Small tables of results, as aligned text and as HTML.

use super::{
    MimeBundle, RichDisplay, impl_evcxr_display,
    text::{escape, fixed, number},
};
use crate::error::{Error, Result};

/// One entry of a [`Table`]. Numbers are aligned to the right, text to the left.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number, already written out.
    Number(String),
}

impl Cell {
    /// A number with this many decimals; NaN and infinities are written as such.
    ///
    /// ```
    /// use elbo::display::Cell;
    /// assert_eq!(Cell::decimals(-98.306, 1), Cell::Number("-98.3".into()));
    /// ```
    pub fn decimals(value: f64, decimals: usize) -> Self {
        let finite = value.is_finite();
        Cell::Number(if finite { fixed(value, decimals) } else { number(value) })
    }

    /// A p-value with four decimals, or that it is smaller than they can say.
    ///
    /// ```
    /// use elbo::display::Cell;
    /// assert_eq!(Cell::p_value(0.04), Cell::Number("0.0400".into()));
    /// assert_eq!(Cell::p_value(1e-9), Cell::Number("< 0.0001".into()));
    /// ```
    pub fn p_value(p: f64) -> Self {
        match p {
            p if p.is_nan() => Cell::Number("not defined".to_owned()),
            p if p < 1e-4 => Cell::Number("< 0.0001".to_owned()),
            p => Cell::decimals(p, 4),
        }
    }

    fn text(&self) -> &str {
        let (Cell::Text(text) | Cell::Number(text)) = self;
        text
    }
}

/// What stands in the table.
impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text())
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

/// About four significant digits.
impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Cell::Number(number(value))
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Cell::Number(super::text::count(value))
    }
}

/// A table of results: aligned text and HTML.
///
/// ```
/// use elbo::display::{RichDisplay, Table};
///
/// let table = Table::new("Evidence", ["estimator", "nats"])
///     .row(["ELBO".into(), (-98.306).into()])
///     .row(["k = 1,000".into(), (-94.9).into()]);
/// let text = "Evidence\nestimator    nats\n---------  ------\nELBO       -98.31\nk = 1,000  -94.90";
/// assert_eq!(table.mime_bundle()?.text(), text);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Stands above the table; may be empty.
    pub title: String,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows from the top, each with one cell per column.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub fn new<C: Into<String>>(
        title: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self { title: title.into(), columns, rows: Vec::new() }
    }

    /// Adds a row at the bottom. It needs one cell per column; that is checked when it is shown.
    pub fn row(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.rows.push(cells.into_iter().collect());
        self
    }

    /// The aligned text. Missing cells are left empty.
    ///
    /// Characters are counted, not measured: East Asian text is wider than its column.
    pub fn to_text(&self) -> String {
        let width = |i: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(i)).map(Cell::text);
            let texts = cells.chain(self.columns.get(i).map(String::as_str));
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |cells: Vec<&str>| {
            let aligned = cells.iter().zip(&widths).enumerate().map(|(i, (cell, &width))| {
                if self.is_number(i) {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            });
            aligned.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
        let mut lines = vec![line(self.columns.iter().map(String::as_str).collect())];
        lines.push(line(rule.iter().map(String::as_str).collect()));
        lines.extend(self.rows.iter().map(|row| line(row.iter().map(Cell::text).collect())));
        if !self.title.is_empty() {
            lines.insert(0, self.title.clone());
        }
        lines.join("\n")
    }

    /// The table in HTML; everything in it is escaped. It has no colours of its own and so takes
    /// those of the notebook's theme.
    pub fn to_html(&self) -> String {
        let side = |i: usize| if self.is_number(i) { "right" } else { "left" };
        let cell = |tag: &str, i: usize, text: &str| {
            format!("<{tag} style=\"text-align:{}\">{}</{tag}>", side(i), escape(text))
        };
        let columns = self.columns.iter().enumerate();
        let head: String = columns.map(|(i, name)| cell("th", i, name)).collect();
        let body: String = self
            .rows
            .iter()
            .map(|row| row.iter().enumerate().map(|(i, c)| cell("td", i, c.text())).collect())
            .map(|cells: String| format!("<tr>{cells}</tr>\n"))
            .collect();
        let caption = match self.title.as_str() {
            "" => String::new(),
            title => format!(
                "<caption style=\"text-align:left;font-weight:600\">{}</caption>\n",
                escape(title)
            ),
        };
        format!(
            "<table>\n{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"
        )
    }

    /// A column is one of numbers when it has numbers and no text.
    pub(super) fn is_number(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(|cell| matches!(cell, Cell::Number(_)))
    }
}

impl RichDisplay for Table {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        if let Some(i) = self.rows.iter().position(|row| row.len() != self.columns.len()) {
            return Err(Error::Shape {
                what: format!("row {i} of the table {:?}", self.title),
                got: vec![self.rows[i].len()],
                want: vec![self.columns.len()],
                advice: "give every row one cell per column".to_owned(),
            });
        }
        Ok(MimeBundle::new(self.to_text()).with_html(self.to_html()))
    }
}

impl_evcxr_display!(Table);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped_and_numbers_are_on_the_right() {
        let nasty = "<script>&\"";
        let table = Table::new(nasty, [nasty, "n"]).row([nasty.into(), 12_345.into()]);
        let bundle = table.mime_bundle().unwrap();
        let html = bundle.html().unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;&amp;&quot;").count(), 3);
        assert!(html.contains("<td style=\"text-align:right\">12,345</td>"), "{html}");
        assert!(bundle.text().contains("<script>&\"  12,345"), "{}", bundle.text());
    }

    #[test]
    fn a_row_of_the_wrong_length_is_an_error() {
        let table = Table::new("t", ["a", "b"]).row(["x".into()]);
        assert!(matches!(table.mime_bundle(), Err(Error::Shape { .. })));
    }

    #[test]
    fn an_empty_table_and_not_finite_numbers_have_a_text() {
        assert_eq!(Table::new("", ["a", "bc"]).mime_bundle().unwrap().text(), "a  bc\n-  --");
        let table = Table::new("", ["a"]).row([f64::NAN.into()]);
        assert!(table.to_text().ends_with("not finite"));
        assert_eq!(Cell::decimals(f64::INFINITY, 2), Cell::Number("not finite".into()));
    }
}
