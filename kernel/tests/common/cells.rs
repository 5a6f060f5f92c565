//! Cells sent to a running kernel one after another, each with all that it showed.
#![allow(dead_code, reason = "each test file uses its own part")]

use jupyter_protocol::{
    CompleteReply, CompleteRequest, InspectReply, InspectRequest, IsCompleteReplyStatus,
    IsCompleteRequest, JupyterMessage, JupyterMessageContent as Content, ReplyStatus, Stdio,
};
use serde_json::Value;

use super::front_end::FrontEnd;

/// A kernel that runs cells.
pub struct Cells {
    /// Through which everything goes.
    pub front_end: FrontEnd,
}

/// What a cell left on the page.
#[derive(Debug, Default, PartialEq)]
pub struct Ran {
    /// Its value as text; the last one if there are several.
    pub value: Option<String>,
    /// All forms of that value, by their names.
    pub forms: Value,
    /// How many values it has: what a command answers is one, too.
    pub values: usize,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error, and what the kernel remarked.
    pub stderr: String,
    /// Its displays beside the value, each with all forms.
    pub displays: Vec<Value>,
}

/// Why a cell did not finish.
#[derive(Debug)]
pub struct Failed {
    /// The kind of error.
    pub name: String,
    /// What it says.
    pub value: String,
    /// The whole story, without colours.
    pub traceback: String,
    /// What the cell showed before.
    pub shown: Box<Ran>,
}

impl Cells {
    /// A new kernel with the model library.
    pub fn with_library() -> Self {
        Self { front_end: FrontEnd::with_library() }
    }

    /// Runs a cell.
    #[track_caller]
    pub fn run(&mut self, code: &str) -> Result<Ran, Failed> {
        let request = self.front_end.execute(code);
        let (mut ran, mut told) = (Ran::default(), None);
        loop {
            match self.front_end.published(&request) {
                Content::Status(status) if status.execution_state.as_str() == "idle" => break,
                Content::ErrorOutput(error) => {
                    told = Some((error.ename, error.evalue, error.traceback));
                }
                content => ran.take(content),
            }
        }
        let Content::ExecuteReply(reply) = self.front_end.reply(&request) else {
            panic!("the cell was not answered: {code}")
        };
        let Some(error) = reply.error else {
            assert_eq!((reply.status, told), (ReplyStatus::Ok, None), "{code}");
            return Ok(ran);
        };
        assert_eq!(reply.status, ReplyStatus::Error, "{code}");
        let answered = (error.ename, error.evalue, error.traceback);
        assert_eq!(told.as_ref(), Some(&answered), "all see what the asker is told: {code}");
        let (name, value, lines) = answered;
        Err(Failed {
            name,
            value,
            traceback: without_colours(&lines.join("\n")),
            shown: Box::new(ran),
        })
    }

    /// Runs a cell that must finish.
    #[track_caller]
    pub fn ok(&mut self, code: &str) -> Ran {
        match self.run(code) {
            Ok(ran) => ran,
            Err(failed) => {
                panic!("the cell\n{code}\nended with {}\n{}", failed.name, failed.traceback)
            }
        }
    }

    /// The value of a cell as text.
    #[track_caller]
    pub fn value(&mut self, code: &str) -> String {
        let ran = self.ok(code);
        match ran.value {
            Some(value) => value,
            None => panic!("the cell\n{code}\nhas no value: {ran:?}"),
        }
    }

    /// What a cell wrote to standard output.
    #[track_caller]
    pub fn prints(&mut self, code: &str) -> String {
        self.ok(code).stdout
    }

    /// Runs cells that finish and show nothing at all.
    #[track_caller]
    pub fn quietly(&mut self, cells: &[&str]) {
        for code in cells {
            assert_eq!(self.ok(code), Ran::default(), "{code}");
        }
    }

    /// Runs a cell that must end with an error of this kind.
    #[track_caller]
    pub fn fails(&mut self, name: &str, code: &str) -> Failed {
        match self.run(code) {
            Ok(ran) => panic!("the cell\n{code}\nfinished: {ran:?}"),
            Err(failed) => {
                assert_eq!(failed.name, name, "{code}\n{}", failed.traceback);
                failed
            }
        }
    }

    /// The variables, as `:vars` lists them: names and types.
    #[track_caller]
    pub fn variables(&mut self) -> Vec<(String, String)> {
        let table = self.value(":vars");
        // The first line is the head, or says that there is nothing to list.
        let rows = table.lines().skip(1);
        rows.map(|row| {
            let mut columns = row.split("  ").map(str::trim).filter(|column| !column.is_empty());
            let mut column = || columns.next().unwrap_or_default().to_owned();
            (column(), column())
        })
        .collect()
    }

    /// What could stand at the mark `|` of a text.
    #[track_caller]
    pub fn completions(&mut self, marked: &str) -> CompleteReply {
        let (code, cursor_pos) = at_mark(marked);
        let request = self.front_end.send(CompleteRequest { code, cursor_pos });
        match self.answer(&request) {
            Content::CompleteReply(reply) => reply,
            other => panic!("not a complete_reply: {other:?}"),
        }
    }

    /// What is known about the name at the mark `|` of a text.
    #[track_caller]
    pub fn inspected(&mut self, marked: &str) -> InspectReply {
        let (code, cursor_pos) = at_mark(marked);
        let detail_level = Some(0);
        let request = self.front_end.send(InspectRequest { code, cursor_pos, detail_level });
        match self.answer(&request) {
            Content::InspectReply(reply) => reply,
            other => panic!("not an inspect_reply: {other:?}"),
        }
    }

    /// Whether a text is a whole cell.
    #[track_caller]
    pub fn completeness(&mut self, code: &str) -> IsCompleteReplyStatus {
        let request = self.front_end.send(IsCompleteRequest { code: code.to_owned() });
        match self.answer(&request) {
            Content::IsCompleteReply(reply) => reply.status,
            other => panic!("not an is_complete_reply: {other:?}"),
        }
    }

    /// The reply to a question, with nothing else shown.
    #[track_caller]
    fn answer(&mut self, request: &JupyterMessage) -> Content {
        let reply = self.front_end.reply(request);
        assert_eq!(self.front_end.transcript(request), ["busy", "idle"]);
        reply
    }
}

impl Ran {
    fn take(&mut self, content: Content) {
        match content {
            Content::StreamContent(stream) => match stream.name {
                Stdio::Stdout => self.stdout.push_str(&stream.text),
                Stdio::Stderr => self.stderr.push_str(&stream.text),
            },
            Content::ExecuteResult(result) => {
                self.values += 1;
                self.forms = serde_json::to_value(&result.data).unwrap();
                self.value = self.forms["text/plain"].as_str().map(str::to_owned);
            }
            Content::DisplayData(display) => {
                self.displays.push(serde_json::to_value(&display.data).unwrap());
            }
            // What was there is taken off the page.
            Content::ClearOutput(_) => *self = Self::default(),
            _ => {}
        }
    }
}

impl Failed {
    /// Whether the story contains all of these texts.
    #[track_caller]
    pub fn tells(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(self.traceback.contains(text), "no {text:?} in\n{}", self.traceback);
        }
        self
    }
}

/// The text without its mark, and the character at which the mark stood.
#[track_caller]
fn at_mark(marked: &str) -> (String, usize) {
    let (before, after) = marked.split_once('|').expect("no mark");
    (format!("{before}{after}"), before.chars().count())
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}
