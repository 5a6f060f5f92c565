//! What the front ends of Jupyter are sent of a display.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jupyter_protocol::{Media, MediaType};

use crate::notebook::bundle_as_media;
use crate::page::escape;
use crate::relay::MimeBundle;

/// The display with a drawing as HTML too. JupyterLab shows a drawing at its own width and cuts
/// off what a narrow notebook has no room for; in HTML it can be told to shrink.
pub fn media(bundle: &MimeBundle) -> Media {
    let mut media = bundle_as_media(bundle);
    if let (Some(svg), None) = (bundle.get("image/svg+xml"), bundle.get("text/html")) {
        media.content.push(MediaType::Html(shrinking(svg, bundle.get("text/plain"))));
    }
    media
}

/// As a picture rather than as elements of the page: front ends keep these of notebooks that they
/// do not trust.
fn shrinking(svg: &str, text: Option<&str>) -> String {
    format!(
        "<img style=\"max-width:100%;height:auto\" alt=\"{}\" src=\"data:image/svg+xml;base64,{}\">",
        escape(text.unwrap_or_default()),
        STANDARD.encode(svg)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(forms: &[(&str, &str)]) -> Option<String> {
        let mut bundle = MimeBundle::default();
        for (mime, content) in forms {
            bundle.push((*mime).to_owned(), (*content).to_owned());
        }
        media(&bundle).content.into_iter().find_map(|form| match form {
            MediaType::Html(html) => Some(html),
            _ => None,
        })
    }

    #[test]
    fn a_drawing_is_also_a_picture_that_shrinks() {
        let drawing = ("image/svg+xml", "<svg/>");
        let picture = html(&[("text/plain", "a \"<curve>\""), drawing]);
        assert_eq!(
            picture.as_deref(),
            Some(
                "<img style=\"max-width:100%;height:auto\" alt=\"a &quot;&lt;curve&gt;&quot;\" \
                 src=\"data:image/svg+xml;base64,PHN2Zy8+\">"
            )
        );
        assert_eq!(html(&[("text/html", "<b>x</b>"), drawing]).as_deref(), Some("<b>x</b>"));
        assert_eq!(html(&[("text/plain", "x"), ("image/png", "AAAA")]), None);
    }

    #[test]
    fn json_is_sent_as_a_value_and_text_as_one_string() {
        let mut bundle = MimeBundle::text("a\nb");
        bundle.push("application/json".to_owned(), "{\"a\":[1,2]}".to_owned());
        let chart = "application/vnd.vegalite.v5+json";
        bundle.push(chart.to_owned(), "{\"mark\":\"bar\"}".to_owned());
        bundle.push("text/latex".to_owned(), "$x$\n$y$".to_owned());
        let want = serde_json::json!({"text/plain": "a\nb", "application/json": {"a": [1, 2]},
            chart: {"mark": "bar"}, "text/latex": "$x$\n$y$"});
        assert_eq!(serde_json::to_value(media(&bundle)).unwrap(), want);
    }
}
