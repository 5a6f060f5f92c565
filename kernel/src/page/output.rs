//! What a cell has shown.

use jupyter_protocol::media::{Media, MediaType};
use nbformat::v4::Output;
use serde_json::{Map, Value};

use super::code::Highlighter;
use super::text::escape;
use super::{fold, markdown, math};

/// One output as HTML.
pub fn render(output: &Output, highlighter: &Highlighter) -> String {
    match output {
        Output::Stream { name, text } => {
            let class = if name == "stderr" { "stderr" } else { "stdout" };
            fold::text(text.0.trim_end(), class, "")
        }
        Output::DisplayData(display) => render_media(&display.data, &display.metadata, highlighter),
        Output::ExecuteResult(result) => render_media(&result.data, &result.metadata, highlighter),
        Output::Error(error) => {
            let text = if error.traceback.is_empty() {
                format!("{}: {}", error.ename, error.evalue)
            } else {
                error.traceback.join("\n")
            };
            fold::text(&text, "error", " role=\"alert\"")
        }
    }
}

/// The richest form that a page can show. Drawings before pictures: they stay sharp.
fn render_media(media: &Media, metadata: &Map<String, Value>, highlighter: &Highlighter) -> String {
    let text = plain(media);
    let Some(form) = media.richest(rank) else { return readable(media, text) };
    match form {
        MediaType::Html(html) => fold::html(html),
        MediaType::Svg(svg) => format!(
            "<figure class=\"output picture\" role=\"img\" aria-label=\"{}\">{}</figure>\n",
            escape(text),
            without_prolog(svg)
        ),
        MediaType::Png(data) | MediaType::Jpeg(data) | MediaType::Gif(data) => {
            picture(form.mime_type(), data, text, metadata)
        }
        MediaType::Other((mime, Value::String(data))) => picture(mime, data, text, metadata),
        MediaType::Markdown(source) => block(&markdown::render_output(source, highlighter)),
        MediaType::Latex(source) => block(&math::render_output(source)),
        MediaType::Json(value) => fold::text(&pretty(value), "value", ""),
        chart => {
            let specification = value_of(chart).map_or_else(String::new, |value| pretty(&value));
            let specification =
                format!("<pre class=\"output value\">{}</pre>\n", escape(&specification));
            let text =
                if text.is_empty() { "(a chart that needs a program to draw it)" } else { text };
            fold::text(text, "value", "") + &fold::details("Specification", &specification)
        }
    }
}

/// How rich a form is; 0 where it is not known.
fn rank(form: &MediaType) -> usize {
    match form {
        MediaType::Html(_) => 9,
        MediaType::Svg(_) => 8,
        MediaType::Png(_) => 7,
        MediaType::Jpeg(_) => 6,
        MediaType::Gif(_) => 5,
        MediaType::Other((mime, Value::String(_))) if mime.starts_with("image/") => 5,
        MediaType::Markdown(_) => 4,
        MediaType::Latex(_) => 3,
        chart if is_chart(chart.mime_type()) => 2,
        MediaType::Json(_) => 1,
        _ => 0,
    }
}

/// Whether this is the specification of a picture, in all versions of the languages for it.
fn is_chart(mime: &str) -> bool {
    ["vegalite", "vega", "plotly"]
        .iter()
        .any(|language| mime.starts_with(&format!("application/vnd.{language}.")))
}

/// The plain text, or nothing.
fn plain(media: &Media) -> &str {
    match media.richest(|form| usize::from(matches!(form, MediaType::Plain(_)))) {
        Some(MediaType::Plain(text)) => text,
        _ => "",
    }
}

/// The text of a display without a form that is known; without a text, the source of one that is.
fn readable(media: &Media, text: &str) -> String {
    let source = || {
        let value = media.content.iter().find_map(value_of);
        value.map(|value| value.as_str().map_or_else(|| pretty(&value), str::to_owned))
    };
    let text = if text.is_empty() { source().unwrap_or_default() } else { text.to_owned() };
    if text.is_empty() { String::new() } else { fold::text(&text, "value", "") }
}

/// The content of a form, as a notebook stores it.
fn value_of(form: &MediaType) -> Option<Value> {
    let media = serde_json::to_value(Media::new(vec![form.clone()])).ok()?;
    media.as_object()?.values().next().cloned()
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

fn block(html: &str) -> String {
    format!("<div class=\"output prose\">\n{html}</div>\n")
}

fn picture(mime: &str, data: &str, text: &str, metadata: &Map<String, Value>) -> String {
    let side = |name: &str| {
        let pixels = metadata.get(mime).and_then(|about| about.get(name)).and_then(Value::as_f64);
        pixels.map_or_else(String::new, |pixels| format!(" {name}=\"{pixels}\""))
    };
    format!(
        "<figure class=\"output picture\"><img src=\"data:{};base64,{}\" alt=\"{}\"{}{}></figure>\n",
        escape(mime),
        escape(&data.replace('\n', "")),
        escape(text),
        side("width"),
        side("height")
    )
}

/// Within a page a drawing must not begin with an XML declaration or a document type.
fn without_prolog(svg: &str) -> &str {
    svg.find("<svg").map_or(svg, |start| &svg[start..])
}
