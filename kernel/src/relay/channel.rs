//! The channel by which cells say what does not belong on standard output: what the model library
//! shows, what a cell asks the user, and how it fails.
//!
//! Whoever has something to say connects to a socket and sends one message a line. Each is answered
//! when everything that the cell had written before it has been passed on; so text and displays keep
//! their order.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::event::{Answer, Event, MimeBundle};

/// Tells the library where the channel is. The library looks for the same name.
pub const CHANNEL_VARIABLE: &str = "ELBO_DISPLAY";

/// A message of the library, as it stands on a line.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Display {
        #[serde(flatten)]
        shown: MimeBundle,
        id: Option<String>,
    },
    Update {
        #[serde(flatten)]
        shown: MimeBundle,
        id: String,
    },
    Value {
        #[serde(flatten)]
        shown: MimeBundle,
    },
    BeginValue,
    EndValue,
    Clear {
        wait: bool,
    },
    Ask {
        prompt: String,
        is_password: bool,
    },
    /// The cell has panicked.
    Panicked,
    /// A `?` has ended the cell.
    Failed {
        message: String,
    },
    /// As [`Message::Failed`], with the variables that were kept all the same.
    Kept {
        message: String,
        names: Vec<String>,
    },
    /// A variable is not what it was.
    Changed {
        name: String,
    },
}

/// An answer, as it stands on a line.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Reply {
    answer: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    interrupted: bool,
}

/// The socket, and everybody who has connected to it.
pub struct Channel {
    path: PathBuf,
    listener: UnixListener,
    peers: Vec<Peer>,
}

struct Peer {
    stream: UnixStream,
    pending: Vec<u8>,
}

/// What came in, and from whom.
pub struct Received {
    /// To be passed on.
    pub event: Event,
    /// Where the answer goes.
    pub from: UnixStream,
}

impl Channel {
    /// Opens the socket.
    pub fn listen(path: &Path) -> Result<Self> {
        // That of an earlier process, which has ended.
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path)
            .with_context(|| format!("cannot listen at {}", path.display()))?;
        listener.set_nonblocking(true)?;
        Ok(Self { path: path.to_owned(), listener, peers: Vec::new() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What to wait for.
    pub fn sources(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let peers = self.peers.iter().map(|peer| peer.stream.as_fd());
        std::iter::once(self.listener.as_fd()).chain(peers)
    }

    /// Takes in all that is there: new peers and whole messages.
    pub fn receive(&mut self) -> io::Result<Vec<Received>> {
        while let Ok((stream, _)) = self.listener.accept() {
            stream.set_nonblocking(true)?;
            self.peers.push(Peer { stream, pending: Vec::new() });
        }
        let mut received = Vec::new();
        self.peers.retain_mut(|peer| peer.receive(&mut received).unwrap_or(false));
        Ok(received)
    }
}

impl Peer {
    /// Reads what is there; false when the peer is gone.
    fn receive(&mut self, received: &mut Vec<Received>) -> io::Result<bool> {
        let mut buffer = vec![0; 64 * 1024];
        let is_open = loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => break false,
                Ok(count) => self.pending.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let end = memchr::memrchr(b'\n', &self.pending).map_or(0, |at| at + 1);
        let lines: Vec<u8> = self.pending.drain(..end).collect();
        for line in lines.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice::<Message>(line) {
                Ok(message) => {
                    received
                        .push(Received { event: message.into(), from: self.stream.try_clone()? });
                }
                Err(error) => eprintln!("relay: display not understood: {error}"),
            }
        }
        Ok(is_open)
    }
}

/// Answers a message: with what the user said, or with nothing. Who asked may be gone already.
pub fn answer(mut to: &UnixStream, answer: Answer) {
    let reply = match answer {
        Answer::Text(text) => Reply { answer: Some(text), interrupted: false },
        Answer::Nobody => Reply::default(),
        Answer::Interrupted => Reply { answer: None, interrupted: true },
    };
    if let Ok(mut line) = serde_json::to_vec(&reply) {
        line.push(b'\n');
        let _ = to.write_all(&line);
    }
}

/// A message, as a line, that asks the user for a line of input.
pub fn ask_line() -> String {
    let mut line = serde_json::json!({"ask": {"prompt": "", "is_password": false}}).to_string();
    line.push('\n');
    line
}

/// What a line says that has come in answer. A relay that is gone has nothing to say.
pub fn parse_answer(line: &str) -> Answer {
    match serde_json::from_str(line).unwrap_or_default() {
        Reply { answer: Some(text), .. } => Answer::Text(text),
        Reply { interrupted: true, .. } => Answer::Interrupted,
        Reply { .. } => Answer::Nobody,
    }
}

impl From<Message> for Event {
    fn from(message: Message) -> Self {
        match message {
            Message::Display { shown, id } => Self::Display(shown, id),
            Message::Update { shown, id } => Self::Update(shown, id),
            Message::Value { shown } => Self::Value(shown),
            Message::BeginValue => Self::BeginValue,
            Message::EndValue => Self::EndValue,
            Message::Clear { wait } => Self::Clear { wait },
            Message::Ask { prompt, is_password } => Self::Ask { prompt, is_password },
            Message::Panicked => Self::Panicked,
            Message::Failed { message } => Self::Failed { message, kept: None },
            Message::Kept { message, names } => Self::Failed { message, kept: Some(names) },
            Message::Changed { name } => Self::Changed(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_whole_and_in_order_and_strangers_are_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let mut channel = Channel::listen(&folder.path().join("s")).unwrap();
        let mut peer = UnixStream::connect(channel.path()).unwrap();
        assert!(channel.receive().unwrap().is_empty());
        peer.write_all(
            b"{\"display\":{\"forms\":[[\"text/plain\",\"1\"]],\"id\":\"a\"}}\nnonsense\n",
        )
        .unwrap();
        peer.write_all(b"{\"clear\":{\"wait\"").unwrap();
        let events = |channel: &mut Channel| -> Vec<_> {
            channel.receive().unwrap().into_iter().map(|received| received.event).collect()
        };
        let first = Event::Display(MimeBundle::text("1"), Some("a".into()));
        assert_eq!(events(&mut channel), [first]);
        peer.write_all(b":true}}\n\"begin_value\"\n").unwrap();
        assert_eq!(events(&mut channel), [Event::Clear { wait: true }, Event::BeginValue]);
        peer.write_all(b"{\"value\":{\"forms\":[],\"metadata\":{\"image/png\":{\"width\":9}}}}\n")
            .unwrap();
        let [Event::Value(bundle)] = &events(&mut channel)[..] else { panic!("not a value") };
        assert_eq!(bundle.metadata()["image/png"]["width"], 9);
        drop(peer);
        assert!(channel.receive().unwrap().is_empty());
        assert_eq!(channel.sources().count(), 1);
    }
}
