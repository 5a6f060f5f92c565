//! The engine's end of the socket to the relay.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::relay::{Event, Request, poll_all};

/// The stack of a thread that works on code: evcxr, rust-analyzer and parsers recurse deeply over its
/// syntax tree. Only what is used of it takes memory.
pub const STACK: usize = 64 * 1024 * 1024;

/// Receives the events of one relay after the other: each restart brings a new one.
pub struct Link {
    listener: UnixListener,
    stream: Option<UnixStream>,
    line: Vec<u8>,
    remote: Remote,
}

/// Sends requests to whichever relay is connected.
#[derive(Clone, Default)]
pub struct Remote(Arc<Mutex<Option<UnixStream>>>);

impl Remote {
    /// Sends a request, if a relay is there to take it.
    pub fn send(&self, request: &Request) -> io::Result<()> {
        let stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut stream) = stream.as_ref() else { return Ok(()) };
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        stream.write_all(&line)
    }

    fn set(&self, stream: Option<UnixStream>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = stream;
    }
}

impl Link {
    /// Listens at a path that only this user can reach.
    pub fn listen(path: &Path) -> io::Result<Self> {
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, stream: None, line: Vec::new(), remote: Remote::default() })
    }

    /// The way to send requests.
    pub fn remote(&self) -> Remote {
        self.remote.clone()
    }

    /// Does the work on a thread of its own and passes on events meanwhile, `None` when none has come
    /// for so long. Returns when the work is done and every event that came before its end was passed
    /// on.
    pub fn pump_while<T: Send>(
        &mut self,
        work: impl FnOnce() -> T + Send,
        pause: Duration,
        on_event: &mut dyn FnMut(Option<Event>),
    ) -> io::Result<T> {
        let (done, finished) = UnixStream::pair()?;
        std::thread::scope(|scope| {
            let worker =
                std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || {
                    let result = work();
                    drop(done);
                    result
                })?;
            // The work must be waited for in any case, also when the events cannot be read.
            let pumped = self.pump_until(&finished, pause, on_event);
            let result = worker.join().map_err(|_| {
                io::Error::other("the evaluator itself panicked; its message is on standard error")
            })?;
            pumped.map(|()| result)
        })
    }

    fn pump_until(
        &mut self,
        finished: &UnixStream,
        pause: Duration,
        on_event: &mut dyn FnMut(Option<Event>),
    ) -> io::Result<()> {
        let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
        loop {
            let source = self.stream.as_ref().map_or(self.listener.as_fd(), AsFd::as_fd);
            let Some(ready) = poll_all(&[finished.as_fd(), source], millis)? else {
                on_event(None);
                continue;
            };
            self.read_available(on_event)?;
            if ready.first() == Some(&true) {
                return Ok(());
            }
        }
    }

    /// Reads all that is already there. The relay sends a cell's last event before evcxr learns
    /// that the cell has ended, so after the end nothing of the cell is missing.
    fn read_available(&mut self, on_event: &mut dyn FnMut(Option<Event>)) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            if self.stream.is_none() && !self.accept()? {
                return Ok(());
            }
            let Some(stream) = &mut self.stream else { return Ok(()) };
            match stream.read(&mut buffer) {
                Ok(0) => self.disconnect(),
                Ok(count) => self.decode(&buffer[..count], on_event),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => self.disconnect(),
                Err(error) => return Err(error),
            }
        }
    }

    fn accept(&mut self) -> io::Result<bool> {
        let stream = match self.listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        stream.set_nonblocking(true)?;
        self.remote.set(Some(stream.try_clone()?));
        self.stream = Some(stream);
        Ok(true)
    }

    fn disconnect(&mut self) {
        self.stream = None;
        self.line.clear();
        self.remote.set(None);
    }

    /// Passes on the events of one reading. Texts of one stream that have come together go on together:
    /// under a flood the reader falls behind, and saves the more.
    fn decode(&mut self, bytes: &[u8], on_event: &mut dyn FnMut(Option<Event>)) {
        let mut last: Option<Event> = None;
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") {
                match (serde_json::from_slice(&self.line), &mut last) {
                    (Ok(Event::Stdout(more)), Some(Event::Stdout(text)))
                    | (Ok(Event::Stderr(more)), Some(Event::Stderr(text))) => text.push_str(&more),
                    (Ok(event), last) => {
                        last.replace(event).into_iter().for_each(|event| on_event(Some(event)));
                    }
                    (Err(error), _) => eprintln!("elbo: event not understood: {error}"),
                }
                self.line.clear();
            }
        }
        last.into_iter().for_each(|event| on_event(Some(event)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_come_together_go_on_together() {
        let folder = tempfile::tempdir().unwrap();
        let mut link = Link::listen(&folder.path().join("s")).unwrap();
        let (out, err) = (Event::Stdout("a\n".into()), Event::Stderr("b".into()));
        let mut bytes = Vec::new();
        for event in [&out, &out, &err, &err, &Event::Complete, &out] {
            bytes.extend(serde_json::to_vec(event).unwrap());
            bytes.push(b'\n');
        }
        let mut events = Vec::new();
        for part in [&bytes[..bytes.len() - 3], &bytes[bytes.len() - 3..]] {
            link.decode(part, &mut |event| events.extend(event));
        }
        let both = [Event::Stdout("a\na\n".into()), Event::Stderr("bb".into())];
        assert_eq!(events, [&both[..], &[Event::Complete, out]].concat());
    }
}
