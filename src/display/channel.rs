//! The way from a running cell to the notebook.
//!
//! The elbo kernel names a socket in [`VARIABLE`]: displays sent there appear while the cell runs,
//! and can be redrawn in place. Under stock evcxr they go between markers on standard output, which
//! shows them when the cell ends. In any other program their text is printed.

use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader, Write},
    sync::{LazyLock, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::MimeBundle;

/// Names the kernel's socket.
const VARIABLE: &str = "ELBO_DISPLAY";
/// Set by evcxr for the process that runs cells.
const EVCXR_VARIABLE: &str = "EVCXR_IS_RUNTIME";

/// What a cell tells the kernel, as a line of JSON.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message<'a> {
    /// A display, and the name for its updates.
    Display {
        #[serde(flatten)]
        shown: Shown<'a>,
        id: Option<&'a str>,
    },
    /// New content for the displays of this name.
    Update {
        #[serde(flatten)]
        shown: Shown<'a>,
        id: &'a str,
    },
    /// The value of the cell's last expression.
    Value {
        #[serde(flatten)]
        shown: Shown<'a>,
    },
    /// The last expression of the cell shows itself: what is shown from here on is the value.
    BeginValue,
    /// It has shown itself.
    EndValue,
    /// What was shown is to be taken away, at once or when the next display comes.
    Clear { wait: bool },
    /// A question to the user.
    Ask { prompt: &'a str, is_password: bool },
}

/// A bundle as the kernel wants it.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    /// The formats by name, with their content as text.
    forms: Vec<(&'a str, Cow<'a, str>)>,
    /// What front ends are told about them.
    #[serde(skip_serializing_if = "nothing")]
    metadata: &'a Map<String, Value>,
}

fn nothing(metadata: &&Map<String, Value>) -> bool {
    metadata.is_empty()
}

/// The bundle as the kernel wants it.
pub(super) fn shown(bundle: &MimeBundle) -> Shown<'_> {
    Shown { forms: bundle.forms().collect(), metadata: bundle.metadata() }
}

#[derive(Default, Deserialize)]
struct Answer {
    answer: Option<String>,
    /// The user wants the cell to stop.
    #[serde(default)]
    interrupted: bool,
}

/// Where displays go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notebook {
    /// The elbo kernel, at once.
    Live,
    /// evcxr, when the cell ends.
    Markers,
    /// There is none.
    Absent,
}

/// Where displays of this process go.
pub(super) fn notebook() -> Notebook {
    match *SOCKET {
        Some(_) => Notebook::Live,
        None if std::env::var_os(EVCXR_VARIABLE).is_some() => Notebook::Markers,
        None => Notebook::Absent,
    }
}

/// Whether what is shown appears while a cell runs.
pub(crate) fn is_live() -> bool {
    notebook() == Notebook::Live
}

/// Sends a message to the kernel and waits until it has arrived: what the cell prints next comes
/// after it. Does nothing without a kernel.
pub(super) fn send(message: &Message<'_>) {
    exchange(message);
}

/// As [`send`]; returns the answer.
fn exchange(message: &Message<'_>) -> Answer {
    let Some(socket) = SOCKET.as_ref() else { return Answer::default() };
    // What was printed before must be seen before. Nobody reads along when this fails.
    let _ = io::stdout().flush();
    let mut socket = socket.lock().unwrap_or_else(PoisonError::into_inner);
    exchange_over(&mut socket, message).unwrap_or_default()
}

#[cfg(unix)]
type Socket = BufReader<std::os::unix::net::UnixStream>;
#[cfg(not(unix))]
type Socket = BufReader<std::net::TcpStream>;

static SOCKET: LazyLock<Option<Mutex<Socket>>> = LazyLock::new(|| connect().map(Mutex::new));

#[cfg(unix)]
fn connect() -> Option<Socket> {
    let path = std::env::var_os(VARIABLE)?;
    std::os::unix::net::UnixStream::connect(path).ok().map(BufReader::new)
}

#[cfg(not(unix))]
fn connect() -> Option<Socket> {
    None
}

fn exchange_over(socket: &mut Socket, message: &Message<'_>) -> io::Result<Answer> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    socket.get_mut().write_all(&line)?;
    let mut reply = String::new();
    socket.read_line(&mut reply)?;
    Ok(serde_json::from_str(&reply)?)
}

/// A question to the user, in the notebook or in the terminal.
///
/// ```no_run
/// let name = elbo::display::ask("Your name: ")?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When nobody is there to answer, or the user stops the cell instead: nothing else happens then, and
/// all variables are kept.
pub fn ask(prompt: &str) -> io::Result<String> {
    question(prompt, false)
}

/// As [`ask`], and what the user types is not seen.
///
/// # Errors
/// As for [`ask`].
pub fn ask_password(prompt: &str) -> io::Result<String> {
    question(prompt, true)
}

fn question(prompt: &str, is_password: bool) -> io::Result<String> {
    let nobody = || io::Error::new(io::ErrorKind::UnexpectedEof, "nobody is there to answer");
    if notebook() == Notebook::Live {
        return match exchange(&Message::Ask { prompt, is_password }) {
            Answer { answer: Some(answer), .. } => Ok(answer),
            // Of the kind `Interrupted` it would be taken for one to try again.
            Answer { interrupted: true, .. } => Err(io::Error::other("the question was stopped")),
            Answer { .. } => Err(nobody()),
        };
    }
    print!("{prompt}");
    io::stdout().flush()?;
    let mut answer = String::new();
    if io::stdin().read_line(&mut answer)? == 0 {
        return Err(nobody());
    }
    Ok(answer.trim_end_matches(['\r', '\n']).to_owned())
}

/// Takes away what the cell has shown so far: at once, or, with `wait`, when it shows something
/// new, so that nothing flickers. Does nothing outside of the elbo kernel.
pub fn clear(wait: bool) {
    send(&Message::Clear { wait });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_on_one_line() {
        let bundle = MimeBundle::new("a\nb").with_png(vec![1, 2, 3]);
        let message = Message::Display { shown: shown(&bundle), id: Some("x") };
        assert_eq!(
            serde_json::to_string(&message).unwrap(),
            r#"{"display":{"forms":[["text/plain","a\nb"],["image/png","AQID"]],"id":"x"}}"#
        );
        let bundle = bundle.with_metadata("image/png", "width", 9);
        assert_eq!(
            serde_json::to_string(&Message::Value { shown: shown(&bundle) }).unwrap(),
            r#"{"value":{"forms":[["text/plain","a\nb"],["image/png","AQID"]],"#.to_owned()
                + r#""metadata":{"image/png":{"width":9}}}}"#
        );
        assert_eq!(serde_json::to_string(&Message::BeginValue).unwrap(), r#""begin_value""#);
        let message = Message::Ask { prompt: "?", is_password: true };
        let expected = r#"{"ask":{"prompt":"?","is_password":true}}"#;
        assert_eq!(serde_json::to_string(&message).unwrap(), expected);
    }
}
