//! Lazy frames of polars: what a query will give, without running it.

use polars::prelude::{LazyFrame, Schema};

use crate::{
    display::{
        MimeBundle, RichDisplay,
        data_table::{DataColumn, DataTable, Entry},
        excerpt::excerpt,
        foreign::failure,
        text::{counted, escape},
    },
    error::{Error, Result},
};

/// Most columns whose names and types are shown: they stand below one another and take a line each.
const NAMES: usize = 30;

/// The names and the types of the columns, and the plan of the query. Nothing is computed. Of a
/// query that cannot run, for instance because a column is not there, the reason is shown.
///
/// ```
/// use elbo::{display::RichDisplay, polars::prelude::{IntoLazy, col, df}};
/// let people = df!("name" => ["Ada", "Emmy"], "born" => [1815, 1882])?.lazy();
/// let bundle = people.filter(col("born").gt(1850)).mime_bundle()?;
/// assert_eq!(bundle.text(), "LazyFrame of 2 columns\nname: str\nborn: i32");
/// assert!(bundle.html().is_some_and(|html| html.contains("FILTER")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl RichDisplay for LazyFrame {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        // The schema is kept in the frame that is asked for it: a clone leaves ours as it is.
        let schema = match self.clone().collect_schema() {
            Ok(schema) => schema,
            Err(error) => return Ok(failure(&error)),
        };
        let heading = format!("LazyFrame of {}", counted(schema.len(), "column"));
        let lines = schema.iter().map(|(name, kind)| format!("\n{name}: {kind}"));
        let text = format!("{heading}{}", lines.collect::<String>());
        let table = DataTable { heading, rows: Vec::new(), columns: columns(&schema) };
        let plan = self.describe_plan().map_err(Error::drawing)?;
        let plan: Vec<_> = plan.lines().map(escape).collect();
        let html = format!(
            "{}\n<details><summary>Plan, run by <code>.collect()</code></summary><pre>{}</pre>\
             </details>",
            table.to_html(),
            plan.join("\n")
        );
        Ok(MimeBundle::new(text).with_html(html))
    }
}

/// One column of names beside one of types.
fn columns(schema: &Schema) -> Vec<Option<DataColumn>> {
    let places = excerpt(schema.len(), NAMES);
    let column = |heading: &str, written: &dyn Fn(usize) -> Option<String>| {
        let entry = |place: &Option<usize>| place.and_then(written).map(Entry::Text);
        let entries = places.iter().map(entry).collect();
        Some(DataColumn { name: heading.to_owned(), kind: String::new(), entries })
    };
    let name = |i| schema.get_at_index(i).map(|(name, _)| name.to_string());
    let kind = |i| schema.get_at_index(i).map(|(_, kind)| kind.to_string());
    vec![column("column", &name), column("type", &kind)]
}

#[cfg(test)]
mod tests {
    use polars::prelude::{Column, DataFrame, IntoLazy, col, df, lit};

    use super::*;

    #[test]
    fn the_schema_is_that_of_the_result() {
        let frame = df!("a" => [1, 2], "b" => [0.5, 1.5]).unwrap().lazy();
        let query = frame.select([col("b").sum(), col("a").eq(lit(1)).alias("<one>")]);
        let bundle = query.mime_bundle().unwrap();
        assert_eq!(bundle.text(), "LazyFrame of 2 columns\nb: f64\n<one>: bool");
        let html = bundle.html().unwrap();
        assert!(html.contains("&lt;one&gt;") && !html.contains("<one>"), "{html}");
        assert!(
            html.contains("<pre>SELECT") && html.contains("\n  DF ["),
            "a line per step: {html}"
        );
        assert_eq!(query.collect().unwrap().shape(), (2, 2), "the query is still there");
    }

    #[test]
    fn of_many_columns_the_first_and_the_last_are_named() {
        let column = |i| Column::new(format!("c{i}").into(), [i]);
        let frame = DataFrame::new(1, (0..100).map(column).collect()).unwrap().lazy();
        let html = frame.mime_bundle().unwrap().html().unwrap().to_owned();
        assert!(
            html.contains("of 100 columns") && html.contains(">c14<") && html.contains(">c85<")
        );
        assert!(!html.contains(">c15<") && !html.contains(">c84<"));
        assert_eq!(html.matches("⋮").count(), 2);
    }

    #[test]
    fn a_query_that_cannot_run_says_why() {
        let frame = df!("born" => [1815]).unwrap().lazy().select([col("height")]);
        let bundle = frame.mime_bundle().unwrap();
        assert!(bundle.text().starts_with("Err: "), "{}", bundle.text());
        assert!(bundle.text().contains("height"), "{}", bundle.text());
    }
}
