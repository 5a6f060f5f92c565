//! What a cell has shown.

use jupyter_protocol::media::{Media, MediaType};
use nbformat::v4::Output;

use super::fold;
use super::text::escape;

/// One output as HTML.
pub fn render(output: &Output) -> String {
    match output {
        Output::Stream { name, text } => {
            let class = if name == "stderr" { "stderr" } else { "stdout" };
            fold::text(text.0.trim_end(), class, "")
        }
        Output::DisplayData(display) => render_media(&display.data),
        Output::ExecuteResult(result) => render_media(&result.data),
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
fn render_media(media: &Media) -> String {
    let find = |rank: fn(&MediaType) -> usize| media.richest(rank);
    let plain = find(|form| usize::from(matches!(form, MediaType::Plain(_))));
    let text = match plain {
        Some(MediaType::Plain(text)) => text.as_str(),
        _ => "",
    };
    match find(rank) {
        Some(MediaType::Html(html)) => fold::html(html),
        Some(MediaType::Svg(svg)) => format!(
            "<figure class=\"output picture\" role=\"img\" aria-label=\"{}\">{}</figure>\n",
            escape(text),
            without_prolog(svg)
        ),
        Some(MediaType::Png(data)) => picture("image/png", data, text),
        Some(MediaType::Jpeg(data)) => picture("image/jpeg", data, text),
        Some(MediaType::Gif(data)) => picture("image/gif", data, text),
        _ if text.is_empty() => String::new(),
        _ => fold::text(text, "value", ""),
    }
}

fn rank(form: &MediaType) -> usize {
    match form {
        MediaType::Html(_) => 6,
        MediaType::Svg(_) => 5,
        MediaType::Png(_) => 4,
        MediaType::Jpeg(_) => 3,
        MediaType::Gif(_) => 2,
        _ => 0,
    }
}

fn picture(mime: &str, data: &str, text: &str) -> String {
    format!(
        "<figure class=\"output picture\"><img src=\"data:{mime};base64,{}\" alt=\"{}\"></figure>\n",
        escape(&data.replace('\n', "")),
        escape(text)
    )
}

/// Within a page a drawing must not begin with an XML declaration or a document type.
fn without_prolog(svg: &str) -> &str {
    svg.find("<svg").map_or(svg, |start| &svg[start..])
}
