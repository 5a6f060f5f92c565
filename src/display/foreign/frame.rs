//! Data frames of polars and their columns.

use polars::prelude::{AnyValue, Column, DataFrame, Series};

use crate::{
    display::{
        MimeBundle, RichDisplay,
        data_table::{DataColumn, DataTable, Entry},
        excerpt::{COLUMNS, ROWS, excerpt},
        floats::aligned,
        text::{count, counted},
    },
    error::{Error, Result},
};

/// A table of the first and the last rows, with the types of the columns.
///
/// ```
/// use elbo::{display::RichDisplay, polars::prelude::df};
/// let frame = df!("name" => ["Ada", "Emmy"], "born" => [1815, 1882])?;
/// let bundle = frame.mime_bundle()?;
/// assert!(bundle.text().contains("shape: (2, 2)"));
/// assert!(bundle.html().is_some_and(|html| html.contains("2 rows × 2 columns")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl RichDisplay for DataFrame {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (height, width) = self.shape();
        let heading = format!("{} × {}", counted(height, "row"), counted(width, "column"));
        let rows = excerpt(height, ROWS);
        let columns = excerpt(width, COLUMNS).into_iter().map(|place| {
            let column = place.and_then(|i| self.columns().get(i));
            column.map(|column| shown(column, &rows)).transpose()
        });
        let table =
            DataTable { heading, rows: Vec::new(), columns: columns.collect::<Result<_>>()? };
        Ok(MimeBundle::new(self.to_string()).with_html(table.to_html()))
    }
}

/// A table of one column.
impl RichDisplay for Column {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let mut heading = counted(self.len(), "value");
        if self.null_count() > 0 {
            heading.push_str(&format!(", {} null", count(self.null_count())));
        }
        let column = shown(self, &excerpt(self.len(), ROWS))?;
        let table = DataTable { heading, rows: Vec::new(), columns: vec![Some(column)] };
        let text = format!("{:?}", self.as_materialized_series());
        Ok(MimeBundle::new(text).with_html(table.to_html()))
    }
}

/// A table of one column.
impl RichDisplay for Series {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        // A series is counted by reference: its values are not copied.
        Column::from(self.clone()).mime_bundle()
    }
}

fn shown(column: &Column, rows: &[Option<usize>]) -> Result<DataColumn> {
    let value = |row: &Option<usize>| row.map(|row| column.get(row)).transpose();
    let values: Vec<Option<AnyValue<'_>>> =
        rows.iter().map(value).collect::<std::result::Result<_, _>>().map_err(Error::drawing)?;
    Ok(DataColumn {
        name: column.name().to_string(),
        kind: column.dtype().to_string(),
        entries: entries(&values),
    })
}

fn entries(values: &[Option<AnyValue<'_>>]) -> Vec<Option<Entry>> {
    let floats: Vec<f64> = values.iter().flatten().filter_map(float).collect();
    let mut floats = aligned(&floats).into_iter();
    let mut entry = |value: &AnyValue<'_>| match float(value) {
        Some(_) => floats.next().map(Entry::Number),
        None => Some(other(value)),
    };
    values.iter().map(|value| value.as_ref().and_then(&mut entry)).collect()
}

fn float(value: &AnyValue<'_>) -> Option<f64> {
    match value {
        AnyValue::Float32(value) => Some(f64::from(*value)),
        AnyValue::Float64(value) => Some(*value),
        _ => None,
    }
}

fn other(value: &AnyValue<'_>) -> Entry {
    if value.is_null() {
        return Entry::Null;
    }
    match value.get_str() {
        Some(text) => Entry::Text(text.to_owned()),
        None if value.is_primitive_numeric() => Entry::Number(value.to_string()),
        None => Entry::Text(value.to_string()),
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
