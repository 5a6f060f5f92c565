//! Charts of Vega-Lite, which front ends draw.

use serde::Serialize;
use serde_json::Value;

use super::{
    MimeBundle,
    text::{counted, titled},
};

/// What JupyterLab 4 draws, and what a specification without a version is taken for.
const VERSION: &str = "5";
/// Kinds of marks that the summary names.
const MARKS: usize = 4;

/// A chart from its specification in [Vega-Lite](https://vega.github.io/vega-lite/): JSON, or
/// anything that serde makes the same JSON of. Elsewhere than in Jupyter it is a line of text.
///
/// ```
/// let bundle = elbo::display::vega_lite(serde_json::json!({
///     "mark": "bar",
///     "data": {"values": [{"digit": "3", "images": 6131}, {"digit": "5", "images": 5421}]},
///     "encoding": {
///         "x": {"field": "digit", "type": "nominal"},
///         "y": {"field": "images", "type": "quantitative"},
///     },
/// }));
/// assert_eq!(bundle.text(), "Vega-Lite chart: bar, 2 rows");
/// assert!(bundle.get("application/vnd.vegalite.v5+json").is_some());
/// ```
pub fn vega_lite(specification: impl Serialize) -> MimeBundle {
    match serde_json::to_value(specification) {
        Ok(chart) => MimeBundle::new(summary(&chart)).with(format(&chart), chart),
        Err(error) => MimeBundle::new(format!("(no display: {error})")),
    }
}

/// The MIME type, with the version that the specification names.
fn format(chart: &Value) -> String {
    let schema = chart.get("$schema").and_then(Value::as_str).unwrap_or_default();
    let named = schema.split_once("/vega-lite/v").map_or(VERSION, |(_, version)| version);
    let end = named.find(|character: char| !character.is_ascii_digit()).unwrap_or(named.len());
    let version = if end == 0 { VERSION } else { &named[..end] };
    format!("application/vnd.vegalite.v{version}+json")
}

/// The chart in one line: its title, its marks and how many rows it shows.
fn summary(chart: &Value) -> String {
    let mut kinds = Vec::new();
    marks(chart, &mut kinds);
    let mut parts = Vec::new();
    if !kinds.is_empty() {
        let more = if kinds.len() > MARKS { " and more" } else { "" };
        kinds.truncate(MARKS);
        parts.push(format!("{}{more}", kinds.join(" and ")));
    }
    parts.extend(rows(chart).map(|rows| counted(rows, "row")));
    let about = if parts.is_empty() { "no marks".to_owned() } else { parts.join(", ") };
    format!("Vega-Lite chart: {}", titled(title(chart), &about))
}

fn title(chart: &Value) -> &str {
    let title = chart.get("title");
    let text = title.and_then(|title| title.get("text")).or(title);
    text.and_then(Value::as_str).unwrap_or_default()
}

/// The marks of a chart and of those within it, each once.
fn marks<'c>(chart: &'c Value, kinds: &mut Vec<&'c str>) {
    let mark = chart.get("mark");
    let kind = mark.and_then(|mark| mark.get("type")).or(mark).and_then(Value::as_str);
    kinds.extend(kind.filter(|kind| !kinds.contains(kind)));
    for within in ["layer", "hconcat", "vconcat", "concat"] {
        let charts = chart.get(within).and_then(Value::as_array);
        charts.into_iter().flatten().for_each(|chart| marks(chart, kinds));
    }
    // Small multiples.
    if let Some(chart) = chart.get("spec") {
        marks(chart, kinds);
    }
}

/// The rows of all data within the chart.
fn rows(chart: &Value) -> Option<usize> {
    let own = chart.pointer("/data/values").and_then(Value::as_array).map(Vec::len);
    let named = chart.get("datasets").and_then(Value::as_object).into_iter().flatten();
    let named = named.filter_map(|(_, rows)| Some(rows.as_array()?.len()));
    let counts: Vec<usize> = own.into_iter().chain(named).collect();
    (!counts.is_empty()).then(|| counts.iter().sum())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_of_text_names_title_marks_and_rows() {
        let cases = [
            (json!({"mark": {"type": "line"}, "data": {"url": "x.csv"}}), "line"),
            (
                json!({"title": "Curves", "layer": [{"mark": "line"}, {"mark": "point"},
                    {"mark": "line"}], "data": {"values": [1, 2, 3]}}),
                "Curves: line and point, 3 rows",
            ),
            (
                json!({"title": {"text": "Small"}, "facet": {}, "spec": {"mark": "bar"},
                    "datasets": {"a": [1], "b": [2, 3]}}),
                "Small: bar, 3 rows",
            ),
            (
                json!({"vconcat": [{"mark": "a"}, {"hconcat": [{"mark": "b"}, {"mark": "c"}]},
                    {"mark": "d"}, {"mark": "e"}]}),
                "a and b and c and d and more",
            ),
            (json!({"data": {"values": [1]}}), "1 row"),
            (json!([1]), "no marks"),
        ];
        for (chart, want) in cases {
            assert_eq!(vega_lite(chart).text(), format!("Vega-Lite chart: {want}"));
        }
    }

    #[test]
    fn the_format_has_the_version_of_the_specification() {
        let version = |schema: &str| format(&json!({"$schema": schema}));
        let url = "https://vega.github.io/schema/vega-lite/v";
        assert_eq!(version(&format!("{url}6.1.json")), "application/vnd.vegalite.v6+json");
        assert_eq!(version(&format!("{url}4.json")), "application/vnd.vegalite.v4+json");
        for schema in ["", "nonsense", "x/vega-lite/vx"] {
            assert_eq!(version(schema), "application/vnd.vegalite.v5+json");
        }
    }

    #[test]
    fn the_specification_is_passed_on_whole() {
        let chart = json!({"mark": "bar", "data": {"values": [{"a": 1.5, "b": null}]}});
        let bundle = vega_lite(&chart);
        let sent = bundle.get("application/vnd.vegalite.v5+json").unwrap();
        assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), chart);
    }
}
