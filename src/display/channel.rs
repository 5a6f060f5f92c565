//! The way from a running cell to the notebook.
//!
//! The elbo kernel names a socket in [`VARIABLE`]: displays sent there appear while the cell runs,
//! and can be redrawn in place. Under stock evcxr they go between markers on standard output, which
//! shows them when the cell ends. In any other program their text is printed.

use std::{
    io::{self, BufRead, BufReader, Write},
    sync::{LazyLock, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

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
    Display { forms: Vec<(&'static str, String)>, id: Option<&'a str> },
    /// New content for the displays of this name.
    Update { forms: Vec<(&'static str, String)>, id: &'a str },
    /// The value of the cell's last expression.
    Value { forms: Vec<(&'static str, String)> },
    /// What was shown is to be taken away, at once or when the next display comes.
    Clear { wait: bool },
    /// A question to the user.
    Ask { prompt: &'a str, is_password: bool },
}

#[derive(Deserialize)]
struct Answer {
    answer: Option<String>,
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

/// Sends a message to the kernel and waits until it has arrived: what the cell prints next comes
/// after it. Returns the user's answer to a question; `None` also when there is no kernel.
pub(super) fn send(message: &Message<'_>) -> Option<String> {
    let socket = SOCKET.as_ref()?;
    // What was printed before must be seen before. Nobody reads along when this fails.
    let _ = io::stdout().flush();
    let mut socket = socket.lock().unwrap_or_else(PoisonError::into_inner);
    exchange(&mut socket, message).ok().flatten()
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

fn exchange(socket: &mut Socket, message: &Message<'_>) -> io::Result<Option<String>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    socket.get_mut().write_all(&line)?;
    let mut reply = String::new();
    socket.read_line(&mut reply)?;
    Ok(serde_json::from_str::<Answer>(&reply)?.answer)
}

/// A question to the user, in the notebook or in the terminal.
///
/// ```no_run
/// let name = elbo::display::ask("Your name: ")?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// When nobody is there to answer.
pub fn ask(prompt: &str) -> io::Result<String> {
    question(prompt, false)
}

/// As [`ask`], and what the user types is not seen.
///
/// # Errors
/// When nobody is there to answer.
pub fn ask_password(prompt: &str) -> io::Result<String> {
    question(prompt, true)
}

fn question(prompt: &str, is_password: bool) -> io::Result<String> {
    let nobody = || io::Error::new(io::ErrorKind::UnexpectedEof, "nobody is there to answer");
    if notebook() == Notebook::Live {
        return send(&Message::Ask { prompt, is_password }).ok_or_else(nobody);
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

/// The bundle's formats by name, as the kernel wants them.
pub(super) fn forms(bundle: &MimeBundle) -> Vec<(&'static str, String)> {
    bundle.forms().map(|(mime, content)| (mime, content.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_on_one_line() {
        let bundle = MimeBundle::new("a\nb").with_png(vec![1, 2, 3]);
        let message = Message::Display { forms: forms(&bundle), id: Some("x") };
        assert_eq!(
            serde_json::to_string(&message).unwrap(),
            r#"{"display":{"forms":[["text/plain","a\nb"],["image/png","AQID"]],"id":"x"}}"#
        );
        let message = Message::Ask { prompt: "?", is_password: true };
        let expected = r#"{"ask":{"prompt":"?","is_password":true}}"#;
        assert_eq!(serde_json::to_string(&message).unwrap(), expected);
    }
}
