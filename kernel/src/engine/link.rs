//! The engine's end of the socket to the relay.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::relay::{Event, Request, poll_all};

/// How long a pause in the stream is, in milliseconds.
const PAUSE_MILLIS: i64 = 30;
/// evcxr and rust-analyzer recurse deeply over the code's syntax tree.
const STACK: usize = 64 * 1024 * 1024;

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

    /// Does the work on a thread of its own and passes on events meanwhile, `None` at a pause.
    /// Returns when the work is done and every event that came before its end was passed on.
    pub fn pump_while<T: Send>(
        &mut self,
        work: impl FnOnce() -> T + Send,
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
            let pumped = self.pump_until(&finished, on_event);
            let result = worker.join().map_err(|_| {
                io::Error::other("the evaluator itself panicked; its message is on standard error")
            })?;
            pumped.map(|()| result)
        })
    }

    fn pump_until(
        &mut self,
        finished: &UnixStream,
        on_event: &mut dyn FnMut(Option<Event>),
    ) -> io::Result<()> {
        loop {
            let source = self.stream.as_ref().map_or(self.listener.as_fd(), AsFd::as_fd);
            let Some(ready) = poll_all(&[finished.as_fd(), source], PAUSE_MILLIS)? else {
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

    fn decode(&mut self, bytes: &[u8], on_event: &mut dyn FnMut(Option<Event>)) {
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.ends_with(b"\n") {
                match serde_json::from_slice(&self.line) {
                    Ok(event) => on_event(Some(event)),
                    Err(error) => eprintln!("elbo: event not understood: {error}"),
                }
                self.line.clear();
            }
        }
    }
}
