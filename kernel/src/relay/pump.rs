//! Moves everything between evcxr, the engine and the process that runs the cells.

use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::channel::{Channel, Received, answer};
use super::event::{Event, Request};
use super::parser::{AS_IF_PANICKED, Parser, Step, incomplete_character};
use super::wait::poll_all;

/// How long a display may wait for further formats of itself, in milliseconds.
const PAUSE_MILLIS: i64 = 100;
/// A second interrupt this soon after the first is not a request.
const INSISTENCE: Duration = Duration::from_secs(2);
/// How evcxr asks for a cell to be run.
const RUN_COMMAND: &str = "LOAD_AND_RUN";

/// Which sources have something to say.
struct Ready {
    commands: bool,
    stdout: bool,
    stderr: bool,
    link: bool,
    channel: bool,
}

/// Who waits for the user's answer.
enum Asking {
    /// The cells' process, on its standard input.
    StandardInput,
    /// The model library.
    Peer(UnixStream),
}

/// The streams of the cells' process, evcxr's and the engine's.
pub struct Pump {
    child: Child,
    /// Dropped to tell the cells' process to end.
    cells_in: Option<ChildStdin>,
    cells_out: ChildStdout,
    cells_err: Option<ChildStderr>,
    link: UnixStream,
    channel: Channel,
    asking: Option<Asking>,
    parser: Parser,
    /// Bytes of a character on standard error whose rest is still to come.
    err_rest: Vec<u8>,
    requests: Vec<u8>,
    commands: Vec<u8>,
    running: bool,
    interrupted: Option<Instant>,
}

impl Pump {
    /// Takes over the streams of a process that has just been started.
    pub fn new(mut child: Child, link: UnixStream, channel: Channel) -> Result<Self> {
        let missing = "a stream of the cells' process is missing";
        Ok(Self {
            cells_in: Some(child.stdin.take().context(missing)?),
            cells_out: child.stdout.take().context(missing)?,
            cells_err: Some(child.stderr.take().context(missing)?),
            child,
            link,
            channel,
            asking: None,
            parser: Parser::default(),
            err_rest: Vec::new(),
            requests: Vec::new(),
            commands: Vec::new(),
            running: false,
            interrupted: None,
        })
    }

    /// Works until the process has ended.
    pub fn run(mut self) -> Result<ExitStatus> {
        loop {
            let Some(ready) = self.wait()? else {
                let steps = self.parser.pause();
                self.handle(steps)?;
                continue;
            };
            if ready.link {
                self.read_requests()?;
            }
            if ready.commands {
                self.read_commands()?;
            }
            // Which of the two was written first is not known; a message on standard error is read
            // at the latest with the marker that it explains.
            if ready.stdout && !self.read_stdout()? {
                return self.finish();
            }
            if ready.stderr {
                self.drain_stderr()?;
            }
            if ready.channel {
                self.read_channel()?;
            }
        }
    }

    /// Waits for any source; `None` after a pause.
    fn wait(&self) -> Result<Option<Ready>> {
        let stdin = io::stdin();
        // A closed source is always ready: leave it out by watching another one twice.
        let commands = if self.cells_in.is_some() { stdin.as_fd() } else { self.link.as_fd() };
        let stderr = self.cells_err.as_ref().map_or(self.link.as_fd(), AsFd::as_fd);
        let mut sources = vec![commands, self.cells_out.as_fd(), stderr, self.link.as_fd()];
        sources.extend(self.channel.sources());
        let Some(ready) = poll_all(&sources, PAUSE_MILLIS)? else { return Ok(None) };
        let [commands, stdout, stderr, link, channel @ ..] = ready.as_slice() else {
            return Ok(None);
        };
        Ok(Some(Ready {
            commands: *commands && self.cells_in.is_some(),
            stdout: *stdout,
            stderr: *stderr && self.cells_err.is_some(),
            link: *link,
            channel: channel.contains(&true),
        }))
    }

    /// Reads what the engine asks. When the engine is gone, so is the reason to run.
    fn read_requests(&mut self) -> Result<()> {
        let mut buffer = [0; 256];
        let count = (&self.link).read(&mut buffer).unwrap_or(0);
        if count == 0 {
            self.child.kill()?;
            self.child.wait()?;
            std::process::exit(1);
        }
        self.requests.extend_from_slice(&buffer[..count]);
        for line in take_lines(&mut self.requests) {
            match serde_json::from_str(&line) {
                Ok(Request::Begin) => self.interrupted = None,
                Ok(Request::Interrupt) => self.interrupt()?,
                Ok(Request::Answer(text)) => self.answer(text.as_deref()),
                Err(error) => eprintln!("relay: request not understood: {error}"),
            }
        }
        Ok(())
    }

    /// An interrupt asks the cell to stop; a second one right behind it does not ask.
    fn interrupt(&mut self) -> Result<()> {
        let insists = self.interrupted.is_some_and(|before| before.elapsed() < INSISTENCE);
        self.interrupted = Some(Instant::now());
        if !self.running {
            return Ok(());
        }
        let signal = if insists { Signal::KILL } else { Signal::INT };
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process(pid, signal)?;
        }
        Ok(())
    }

    /// Gives the user's answer to whoever waits for it.
    fn answer(&mut self, text: Option<&str>) {
        match self.asking.take() {
            Some(Asking::StandardInput) => self.send_command(text.unwrap_or_default()),
            Some(Asking::Peer(peer)) => answer(&peer, text),
            None => {}
        }
    }

    /// Passes on what the library shows, behind everything that the cell wrote before it.
    fn read_channel(&mut self) -> Result<()> {
        for Received { event, from } in self.channel.receive()? {
            while poll_all(&[self.cells_out.as_fd()], 0)?.is_some() && self.read_stdout()? {}
            let steps = self.parser.pause();
            self.handle(steps)?;
            self.drain_stderr()?;
            self.tell(&event)?;
            if matches!(event, Event::Ask { .. }) {
                self.asking = Some(Asking::Peer(from));
            } else {
                answer(&from, None);
            }
        }
        Ok(())
    }

    /// Passes evcxr's commands and the user's input on to the cells' process.
    fn read_commands(&mut self) -> Result<()> {
        // Larger than the buffer of `Stdin`, which would hide from the poll what it keeps.
        let mut buffer = vec![0; 64 * 1024];
        let count = io::stdin().lock().read(&mut buffer)?;
        if count == 0 {
            self.cells_in = None;
            return Ok(());
        }
        self.commands.extend_from_slice(&buffer[..count]);
        for line in take_lines(&mut self.commands) {
            if !self.running && line.starts_with(RUN_COMMAND) {
                if self.interrupted.is_some() {
                    self.skip_cell()?;
                    continue;
                }
                self.running = true;
            }
            self.send_command(&line);
        }
        Ok(())
    }

    /// Writes a line to the cells' process.
    fn send_command(&mut self, line: &str) {
        if let Some(cells_in) = &mut self.cells_in {
            // A process that has just died is noticed at the end of its output.
            let _ = writeln!(cells_in, "{line}").and_then(|()| cells_in.flush());
        }
    }

    /// Answers for a cell that was interrupted while it was being compiled.
    fn skip_cell(&mut self) -> Result<()> {
        self.tell(&Event::Skipped)?;
        self.tell(&Event::Complete)?;
        AS_IF_PANICKED.iter().try_for_each(|line| forward(line))
    }

    /// Reads standard output; false at its end.
    fn read_stdout(&mut self) -> Result<bool> {
        let mut buffer = vec![0; 64 * 1024];
        let count = self.cells_out.read(&mut buffer)?;
        let steps = self.parser.feed(&buffer[..count]);
        self.handle(steps)?;
        Ok(count > 0)
    }

    fn handle(&mut self, steps: Vec<Step>) -> Result<()> {
        for step in steps {
            match step {
                Step::Forward(line) => forward(&line)?,
                Step::Ask { prompt, is_password } => {
                    self.asking = Some(Asking::StandardInput);
                    self.tell(&Event::Ask { prompt, is_password })?;
                }
                Step::Tell(event) => {
                    if matches!(event, Event::Panicked | Event::Failed | Event::Complete) {
                        self.drain_stderr()?;
                    }
                    self.running &= event != Event::Complete;
                    self.tell(&event)?;
                }
            }
        }
        Ok(())
    }

    fn read_stderr(&mut self) -> Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        let Some(stderr) = &mut self.cells_err else { return Ok(()) };
        let count = stderr.read(&mut buffer)?;
        if count == 0 {
            self.cells_err = None;
        }
        self.err_rest.extend_from_slice(&buffer[..count]);
        let keep = if count == 0 { 0 } else { incomplete_character(&self.err_rest) };
        let text: Vec<u8> = self.err_rest.drain(..self.err_rest.len() - keep).collect();
        if text.is_empty() {
            return Ok(());
        }
        self.tell(&Event::Stderr(String::from_utf8_lossy(&text).into_owned()))
    }

    /// Reads what is already there.
    fn drain_stderr(&mut self) -> Result<()> {
        while let Some(stderr) = &self.cells_err {
            if poll_all(&[stderr.as_fd()], 0)?.is_none() {
                break;
            }
            self.read_stderr()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ExitStatus> {
        let status = self.child.wait()?;
        self.drain_stderr()?;
        let steps = self.parser.finish();
        self.handle(steps)?;
        Ok(status)
    }

    fn tell(&self, event: &Event) -> Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        (&self.link).write_all(&line).context("the engine is gone")
    }
}

/// Sends a line to evcxr.
fn forward(line: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// Takes the complete lines out of a buffer.
fn take_lines(buffer: &mut Vec<u8>) -> Vec<String> {
    let end = memchr::memrchr(b'\n', buffer).map_or(0, |at| at + 1);
    let lines: Vec<u8> = buffer.drain(..end).collect();
    String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()
}
