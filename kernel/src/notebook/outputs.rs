//! Collects what a cell shows, in the form in which notebooks store it.

use jupyter_protocol::ExecutionCount;
use jupyter_protocol::media::{Media, MediaType};
use nbformat::v4::{DisplayData, ErrorOutput, ExecuteResult, MultilineString, Output as Stored};
use serde_json::{Value, json};

use super::terminal;
use crate::engine::{CellError, Output};
use crate::relay::MimeBundle;

/// The outputs of one cell.
#[derive(Default)]
pub struct Outputs {
    /// Each with the id under which it can be updated.
    shown: Vec<(Stored, Option<String>)>,
    /// The cell's number, which goes with its value.
    count: i32,
    /// To be taken away when the next output comes.
    clear_at_next: bool,
}

impl Outputs {
    /// For the cell with this number.
    pub fn of_cell(count: i32) -> Self {
        Self { count, ..Self::default() }
    }

    /// Adds an output. Text continues the text before it on the same stream.
    pub fn push(&mut self, output: Output) {
        if std::mem::take(&mut self.clear_at_next) {
            self.shown.clear();
        }
        match output {
            Output::Stdout(text) => self.text("stdout", &text),
            Output::Stderr(text) => self.text("stderr", &text),
            Output::Display { bundle, id } => self.shown.push((display(&bundle), id)),
            Output::Update { bundle, id } => {
                self.update(&id, &bundle);
            }
            Output::Value(bundle) => self.shown.push((
                Stored::ExecuteResult(ExecuteResult {
                    execution_count: ExecutionCount::new(self.count.unsigned_abs() as usize),
                    data: bundle_as_media(&bundle),
                    metadata: bundle.metadata().clone(),
                }),
                None,
            )),
            Output::Clear { wait: true } => self.clear_at_next = true,
            Output::Clear { wait: false } => self.shown.clear(),
        }
    }

    /// Replaces the content of the displays with this id; false if there are none here.
    pub fn update(&mut self, id: &str, bundle: &MimeBundle) -> bool {
        let mut any = false;
        for (stored, own) in &mut self.shown {
            if own.as_deref() == Some(id) {
                *stored = display(bundle);
                any = true;
            }
        }
        any
    }

    /// Adds the error that ended the cell.
    pub fn push_error(&mut self, error: &CellError) {
        let error = Stored::Error(ErrorOutput {
            ename: error.name().to_owned(),
            evalue: error.to_string(),
            traceback: error.traceback(true).lines().map(str::to_owned).collect(),
        });
        self.shown.push((error, None));
    }

    /// The outputs as they are stored.
    pub fn stored(&self) -> Vec<Stored> {
        let seen = |stored: &Stored| match stored {
            Stored::Stream { name, text } => Stored::Stream {
                name: name.clone(),
                text: MultilineString(terminal::shown(&text.0)),
            },
            other => other.clone(),
        };
        self.shown.iter().map(|(stored, _)| seen(stored)).collect()
    }

    fn text(&mut self, stream: &str, text: &str) {
        if let Some((Stored::Stream { name, text: before }, _)) = self.shown.last_mut()
            && name == stream
        {
            terminal::append(&mut before.0, text);
        } else {
            let mut own = MultilineString(String::new());
            terminal::append(&mut own.0, text);
            self.shown.push((Stored::Stream { name: stream.to_owned(), text: own }, None));
        }
    }
}

fn display(bundle: &MimeBundle) -> Stored {
    let metadata = bundle.metadata().clone();
    Stored::DisplayData(DisplayData { data: bundle_as_media(bundle), metadata })
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
        _ if MimeBundle::is_json(mime) => match serde_json::from_str(&content) {
            Ok(value) => json(mime, value),
            Err(_) => MediaType::Other((mime.to_owned(), Value::String(content))),
        },
        _ => MediaType::Other((mime.to_owned(), Value::String(content))),
    }
}

/// JSON in a format of its own, which has a variant in [`MediaType`] or not.
fn json(mime: &str, value: Value) -> MediaType {
    let known = serde_json::from_value::<Media>(json!({ mime: &value }));
    let known = known.ok().and_then(|mut media| media.content.pop());
    known.unwrap_or_else(|| MediaType::Other((mime.to_owned(), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(outputs: Outputs) -> Vec<(String, String)> {
        let stored = outputs.stored().into_iter();
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
    fn an_update_replaces_its_display_and_a_clear_takes_all_away() {
        let bundle = |text: &str| MimeBundle::text(text);
        let display = |text| Output::Display { bundle: bundle(text), id: Some("a".into()) };
        let mut outputs = Outputs::default();
        outputs.push(display("1"));
        outputs.push(Output::Stdout("x".into()));
        outputs.push(Output::Update { bundle: bundle("2"), id: "a".into() });
        assert!(!outputs.update("b", &bundle("3")));
        let stored = outputs.stored();
        assert_eq!(stored.len(), 2);
        let Stored::DisplayData(first) = &stored[0] else { panic!("not a display") };
        assert_eq!(first.data.content, [MediaType::Plain("2".into())]);

        let mut outputs = Outputs::default();
        outputs.push(Output::Stdout("old".into()));
        outputs.push(Output::Clear { wait: true });
        outputs.push(Output::Stdout("new".into()));
        assert_eq!(texts(outputs), [("stdout".into(), "new".into())]);
    }

    #[test]
    fn json_is_stored_as_json_and_text_as_lines_with_what_is_said_about_them() {
        let chart = "application/vnd.vegalite.v5+json";
        let message = json!({
            "forms": [
                ["text/plain", "a\nb"], ["text/markdown", "# a\nb"], ["text/latex", "$x$\n$y$"],
                ["application/json", "[1,{\"a\":null}]"], [chart, "{\"mark\":\"bar\"}"],
                ["application/vnd.x+json", "{\"b\":1}"], ["application/geo+json", "broken"],
                ["image/jpeg", "/9g="], ["text/x-dot", "a\n-> b"]
            ],
            "metadata": {"image/jpeg": {"width": 3}, "application/json": {"expanded": true}}
        });
        let bundle: MimeBundle = serde_json::from_value(message.clone()).unwrap();
        let want = json!({
            "text/plain": ["a\n", "b"], "text/markdown": ["# a\n", "b"],
            "text/latex": ["$x$\n", "$y$"], "application/json": [1, {"a": null}],
            chart: {"mark": "bar"}, "application/vnd.x+json": {"b": 1},
            "application/geo+json": "broken", "image/jpeg": "/9g=", "text/x-dot": ["a\n", "-> b"]
        });
        let mut outputs = Outputs::of_cell(3);
        outputs.push(Output::Display { bundle: bundle.clone(), id: None });
        outputs.push(Output::Value(bundle));
        for stored in outputs.stored() {
            let stored = serde_json::to_value(stored).unwrap();
            assert_eq!(stored["data"], want);
            assert_eq!(stored["metadata"], message["metadata"]);
        }
    }

    #[test]
    fn a_format_is_the_same_before_and_after_the_notebook_was_stored() {
        for (mime, content) in [
            ("application/json", "[1]"),
            ("application/vnd.vegalite.v5+json", "{}"),
            ("application/vnd.x+json", "{}"),
            ("text/markdown", "a\nb"),
        ] {
            let form = media_type(mime, content.to_owned());
            let media = serde_json::to_value(Media::new(vec![form.clone()])).unwrap();
            let read: Media = serde_json::from_value(media).unwrap();
            assert_eq!(read.content, [form]);
        }
    }
}
