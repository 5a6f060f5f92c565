//! Collects what a cell shows, in the form in which notebooks store it.

use jupyter_protocol::media::{Media, MediaType};
use nbformat::v4::{DisplayData, ErrorOutput, MultilineString, Output as Stored};

use crate::engine::{CellError, Output};
use crate::relay::MimeBundle;

/// The outputs of one cell.
#[derive(Default)]
pub struct Outputs(Vec<Stored>);

impl Outputs {
    /// Adds an output. Text continues the text before it on the same stream.
    pub fn push(&mut self, output: Output) {
        match output {
            Output::Stdout(text) => self.text("stdout", &text),
            Output::Stderr(text) => self.text("stderr", &text),
            Output::Display(bundle) => self.0.push(Stored::DisplayData(DisplayData {
                data: bundle_as_media(&bundle),
                metadata: Default::default(),
            })),
        }
    }

    /// Adds the error that ended the cell.
    pub fn push_error(&mut self, error: &CellError) {
        self.0.push(Stored::Error(ErrorOutput {
            ename: error.name().to_owned(),
            evalue: error.to_string(),
            traceback: error.traceback(true).lines().map(str::to_owned).collect(),
        }));
    }

    /// The outputs as they are stored.
    pub fn into_stored(self) -> Vec<Stored> {
        self.0
    }

    fn text(&mut self, stream: &str, text: &str) {
        if let Some(Stored::Stream { name, text: before }) = self.0.last_mut()
            && name == stream
        {
            before.0 = overwrite(&before.0, text);
        } else {
            let text = MultilineString(overwrite("", text));
            self.0.push(Stored::Stream { name: stream.to_owned(), text });
        }
    }
}

/// Appends text as a terminal shows it: after a carriage return the line is written again. A
/// carriage return at the very end waits for what follows it.
fn overwrite(before: &str, text: &str) -> String {
    let mut whole = String::with_capacity(before.len() + text.len());
    whole.push_str(before);
    whole.push_str(text);
    if !whole.contains('\r') {
        return whole;
    }
    let whole = whole.replace("\r\n", "\n");
    let lines: Vec<_> = whole.split('\n').map(last_version).collect();
    lines.join("\n")
}

fn last_version(line: &str) -> &str {
    let kept = line.strip_suffix('\r').unwrap_or(line);
    let start = kept.rfind('\r').map_or(0, |at| at + 1);
    &line[start..]
}

/// The bundle as messages and notebook files hold it.
pub fn bundle_as_media(bundle: &MimeBundle) -> Media {
    let content = bundle.iter().map(|(mime, content)| media_type(mime, content.to_owned()));
    Media::new(content.collect())
}

fn media_type(mime: &str, content: String) -> MediaType {
    match mime {
        "text/plain" => MediaType::Plain(content),
        "text/html" => MediaType::Html(content),
        "text/markdown" => MediaType::Markdown(content),
        "text/latex" => MediaType::Latex(content),
        "image/svg+xml" => MediaType::Svg(content),
        "image/png" => MediaType::Png(content),
        "image/jpeg" => MediaType::Jpeg(content),
        "image/gif" => MediaType::Gif(content),
        "application/javascript" => MediaType::Javascript(content),
        _ => {
            // JSON formats are stored as JSON, everything else as text.
            let value = match mime.ends_with("json").then(|| serde_json::from_str(&content)) {
                Some(Ok(value)) => value,
                _ => serde_json::Value::String(content),
            };
            MediaType::Other((mime.to_owned(), value))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(outputs: Outputs) -> Vec<(String, String)> {
        let stored = outputs.into_stored().into_iter();
        stored
            .map(|output| match output {
                Stored::Stream { name, text } => (name, text.0),
                other => panic!("not a text: {other:?}"),
            })
            .collect()
    }

    #[test]
    fn text_is_joined_by_stream_and_keeps_its_order() {
        let mut outputs = Outputs::default();
        for output in [
            Output::Stdout("a".into()),
            Output::Stdout("b\n".into()),
            Output::Stderr("c\n".into()),
            Output::Stdout("d\n".into()),
        ] {
            outputs.push(output);
        }
        let expected = [("stdout", "ab\n"), ("stderr", "c\n"), ("stdout", "d\n")];
        assert_eq!(texts(outputs), expected.map(|(name, text)| (name.into(), text.into())));
    }

    #[test]
    fn a_progress_line_is_stored_as_it_was_last_seen() {
        let mut outputs = Outputs::default();
        for text in ["start\nepoch 1\r", "epoch 2\r", "\repoch 3 ok", "\ndone\r\n"] {
            outputs.push(Output::Stdout(text.into()));
        }
        assert_eq!(texts(outputs), [("stdout".into(), "start\nepoch 3 ok\ndone\n".into())]);
    }

    #[test]
    fn json_is_stored_as_json() {
        let media = media_type("application/vnd.x+json", "{\"a\":1}".into());
        assert_eq!(
            media,
            MediaType::Other(("application/vnd.x+json".into(), serde_json::json!({"a": 1})))
        );
    }
}
